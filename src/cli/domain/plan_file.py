"""The plan file: an estate, its protection groups and one recovery plan.

The types are the format: the published JSON Schema is generated from them,
and the checks of ``plan_schema`` read that schema. Names follow the API's
spelling. What the parts mean together is decided in ``plan_checks``.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

SCHEMA_ID = "plan-file.schema.json"
SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
API_VERSION = "dr-orchestration/v1"
MAX_NAME = 64
MAX_WAVES = 200
MAX_SERVERS = 4000
COUNTER = "{n}"

Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_NAME,
        pattern=r"^\S(.*\S)?$",
        description="1 to 64 characters, no blanks at the ends",
        examples=["web-servers"],
    ),
]
Text = Annotated[str, Meta(description="free text")]
NotBlank = Annotated[
    str,
    Meta(pattern=r"\S", description="at least one visible character"),
]
Region = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
        description="an AWS Region",
        examples=["us-east-1"],
    ),
]
ServerId = Annotated[
    str,
    Meta(
        pattern=r"^s-[0-9a-f]{17}$",
        description="the id of a DRS source server",
        examples=["s-0123456789abcdef0"],
    ),
]
SubnetId = Annotated[
    str,
    Meta(
        pattern=r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$",
        description="the id of a subnet",
        examples=["subnet-0123456789abcdef0"],
    ),
]
SecurityGroupId = Annotated[
    str,
    Meta(
        pattern=r"^sg-[0-9a-f]{8,17}$",
        description="the id of a security group",
        examples=["sg-0123456789abcdef0"],
    ),
]
Address = Annotated[
    str,
    Meta(
        pattern=r"^(\d{1,3}\.){3}\d{1,3}$",
        description="an IPv4 address",
        examples=["10.0.1.10"],
    ),
]
TagKey = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"\S")]
TagValue = Annotated[str, Meta(max_length=256)]
Tags = dict[TagKey, TagValue]
Selection = dict[TagKey, Annotated[str, Meta(pattern=r"\S")]]
Criticality = Literal["critical", "optional"]
WaveReference = str | Annotated[int, Meta(ge=0)]
ReplicationState = Literal[
    "STOPPED",
    "INITIATING",
    "INITIAL_SYNC",
    "BACKLOG",
    "CREATING_SNAPSHOT",
    "CONTINUOUS",
    "PAUSED",
    "RESCAN",
    "STALLED",
    "DISCONNECTED",
]


class _Part(
    Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Anything of a plan file: a key that is not named here is an error."""


class EstateServer(_Part, frozen=True, kw_only=True):
    """A server of the simulated estate, or ``count`` of one kind."""

    hostname: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=255,
            pattern=r"^[A-Za-z0-9]([A-Za-z0-9.{}-]*[A-Za-z0-9}])?$",
            description="a host name; with `count`, {n} stands for 1, 2, 3",
            examples=["web-{n}"],
        ),
    ]
    tags: Tags = {}
    count: Annotated[int, Meta(ge=1, le=MAX_SERVERS)] | UnsetType = UNSET
    source_server_id: ServerId | UnsetType = UNSET
    region: Region | UnsetType = UNSET
    replication_state: ReplicationState = "CONTINUOUS"
    launch_seconds: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=86_400,
                description="how long a launch takes at speed 1",
            ),
        ]
        | UnsetType
    ) = UNSET


class Estate(_Part, frozen=True, kw_only=True):
    """The servers that the simulator replicates, all in one account."""

    region: Region
    servers: Annotated[tuple[EstateServer, ...], Meta(min_length=1)]


class Licensing(_Part, frozen=True, kw_only=True):
    """How the operating system is licensed after a launch."""

    os_byol: bool = field(name="osByol")


class IntoInstance(_Part, frozen=True, kw_only=True):
    """An existing instance to launch into."""

    launch_into_instance: str = field(name="launchIntoEC2InstanceID")


class LaunchConfig(_Part, frozen=True, kw_only=True):
    """Launch settings of every server of a group; absent keys stay as is."""

    copy_private_ip: bool | UnsetType = UNSET
    copy_tags: bool | UnsetType = UNSET
    licensing: Licensing | UnsetType = UNSET
    target_instance_type_right_sizing_method: (
        Literal["NONE", "BASIC", "IN_AWS"] | UnsetType
    ) = UNSET
    launch_disposition: Literal["STARTED", "STOPPED"] | UnsetType = UNSET
    post_launch_enabled: bool | UnsetType = UNSET
    launch_into_instance_properties: IntoInstance | UnsetType = UNSET
    recovery_mode: Literal["FAST", "OPTIMAL"] | UnsetType = UNSET
    subnet_id: SubnetId | UnsetType = UNSET
    security_group_ids: (
        Annotated[tuple[SecurityGroupId, ...], Meta(min_length=1)] | UnsetType
    ) = UNSET
    instance_type: NotBlank | UnsetType = UNSET
    instance_profile_name: NotBlank | UnsetType = UNSET
    static_private_ip: Address | UnsetType = UNSET


class LaunchTemplate(_Part, frozen=True, kw_only=True):
    """Launch settings of one server, over those of its group."""

    static_private_ip: Address | UnsetType = UNSET
    subnet_id: SubnetId | UnsetType = UNSET
    security_group_ids: (
        Annotated[tuple[SecurityGroupId, ...], Meta(min_length=1)] | UnsetType
    ) = UNSET
    instance_type: NotBlank | UnsetType = UNSET
    instance_profile_name: NotBlank | UnsetType = UNSET
    associate_public_ip: bool | UnsetType = UNSET
    monitoring: bool | UnsetType = UNSET
    ebs_optimized: bool | UnsetType = UNSET
    disable_api_termination: bool | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    credit_specification: Literal["standard", "unlimited"] | UnsetType = UNSET


class GroupServer(_Part, frozen=True, kw_only=True):
    """What is said of one server of a group."""

    source_server_id: Annotated[
        str, Meta(description="a server's host name or id")
    ]
    criticality: Criticality | UnsetType = UNSET
    use_group_defaults: bool = True
    launch_template: LaunchTemplate = LaunchTemplate()


class ProtectionGroup(_Part, frozen=True, kw_only=True):
    """Servers that launch together, chosen by tags or named one by one."""

    group_name: Name
    description: Text = ""
    owner: Text = ""
    region: Region | UnsetType = UNSET
    server_selection_tags: (
        Annotated[
            Selection,
            Meta(
                min_length=1, description="servers that carry all these tags"
            ),
        ]
        | UnsetType
    ) = UNSET
    source_server_ids: (
        Annotated[
            tuple[str, ...],
            Meta(min_length=1, description="host names or ids of servers"),
        ]
        | UnsetType
    ) = UNSET
    criticality: Criticality = "critical"
    launch_config: LaunchConfig = LaunchConfig()
    servers: tuple[GroupServer, ...] = ()


class Wave(_Part, frozen=True, kw_only=True):
    """A step of the plan: groups of one Region that launch together."""

    wave_name: Name | UnsetType = UNSET
    wave_description: Text = ""
    protection_groups: Annotated[
        tuple[str, ...],
        Meta(min_length=1, description="names of protection groups"),
    ]
    pause_before_wave: bool = False
    depends_on_waves: Annotated[
        tuple[WaveReference, ...],
        Meta(description="names of waves, or their places counted from 0"),
    ] = ()
    on_failure: Literal["stop", "continue"] = "stop"
    max_wait_seconds: (
        Annotated[int, Meta(ge=60, le=31_536_000)] | UnsetType
    ) = UNSET
    failure_tolerance_count: (
        Annotated[
            int,
            Meta(ge=0, description="critical servers that may fail"),
        ]
        | UnsetType
    ) = UNSET
    failure_tolerance_percentage: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=100,
                description="critical servers that may fail, in percent of "
                "the wave's servers",
            ),
        ]
        | UnsetType
    ) = UNSET


class RecoveryPlan(_Part, frozen=True, kw_only=True):
    """The waves, in the order in which they run."""

    plan_name: Name
    description: Text = ""
    rpo: Text = ""
    rto: Text = ""
    waves: Annotated[
        tuple[Wave, ...], Meta(min_length=1, max_length=MAX_WAVES)
    ]


class PlanFile(_Part, frozen=True, kw_only=True):
    """A plan file of DR orchestration."""

    api_version: Literal["dr-orchestration/v1"]
    estate: Estate
    protection_groups: Annotated[
        tuple[ProtectionGroup, ...], Meta(min_length=1)
    ]
    recovery_plan: RecoveryPlan


def published_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the plan file."""
    schema = msgspec.json.schema(PlanFile)
    one_way = [
        {"required": ["serverSelectionTags"]},
        {"required": ["sourceServerIds"]},
    ]
    schema["$defs"]["ProtectionGroup"]["oneOf"] = one_way
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": SCHEMA_ID,
        "title": "Plan file of DR orchestration",
        **schema,
    }


def wave_name(wave: Wave, number: int) -> str:
    """Return the wave's name, or the one that it has by default."""
    return wave.wave_name if wave.wave_name else f"Wave {number + 1}"


def expanded(server: EstateServer) -> tuple[EstateServer, ...]:
    """Return one server for each that the entry stands for."""
    if server.count is UNSET:
        return (server,)
    width = len(str(server.count))
    return tuple(
        msgspec.structs.replace(
            server,
            count=UNSET,
            hostname=server.hostname.replace(COUNTER, f"{n:0{width}d}"),
        )
        for n in range(1, server.count + 1)
    )
