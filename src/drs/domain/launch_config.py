"""Launch configuration: what a server is to be launched with.

Decides the effective configuration of a server from its protection group,
splits it into the part DRS keeps and the part EC2 keeps, and tells what of
DRS's part differs. The EC2 part becomes a template in ``launch_template``;
which fields may be stored at all is said in ``launch_fields``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.domain.errors import BadRequest

DRS_FIELDS: Final = frozenset(
    {
        "copyPrivateIp",
        "copyTags",
        "launchDisposition",
        "launchIntoInstanceProperties",
        "licensing",
        "postLaunchEnabled",
        "recoveryMode",
        "targetInstanceTypeRightSizingMethod",
    }
)
GROUP_EC2_FIELDS: Final = frozenset(
    {
        "subnetId",
        "securityGroupIds",
        "instanceType",
        "instanceProfileName",
        "staticPrivateIp",
    }
)
SERVER_FIELDS: Final = GROUP_EC2_FIELDS | {
    "associatePublicIp",
    "monitoring",
    "ebsOptimized",
    "disableApiTermination",
    "tags",
    "creditSpecification",
}
_WHOLE_GROUP: Final = ("groupId", "groupName", "region")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSettings:
    """The launch configuration DRS has for a server, under DRS's names."""

    source_server_id: str
    template_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """One version of an EC2 launch template, under EC2's names."""

    template_id: str
    number: int
    content: Mapping[str, Any] = field(default_factory=dict)


def get_effective_launch_config(
    protection_group: Mapping[str, Any], server_id: str
) -> dict[str, Any]:
    """Return what the server is to be launched with.

    Args:
        protection_group: The whole stored group.
        server_id: A source server of it.

    Raises:
        BadRequest: Only a part of a group was given, whose missing
            defaults would silently be lost.
    """
    configs = effective_configs(protection_group, [server_id])
    return configs[server_id]


def effective_configs(
    protection_group: Mapping[str, Any], server_ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return what each of the servers is to be launched with, by id.

    Raises:
        BadRequest: Only a part of a group was given.
    """
    _check_whole(protection_group)
    group = group_config(protection_group)
    # The first entry of a server counts, as everywhere.
    latest_first = reversed(_entries(protection_group))
    entries = {entry["sourceServerId"]: entry for entry in latest_first}
    return {one: _merged(group, entries.get(one, {})) for one in server_ids}


def group_config(protection_group: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the group sets for servers that set nothing themselves."""
    config = protection_group.get("launchConfig")
    return _known(config, DRS_FIELDS | GROUP_EC2_FIELDS)


def get_custom_fields(
    protection_group: Mapping[str, Any], server_id: str
) -> dict[str, Any]:
    """Return what the group's entry for the server sets by itself."""
    for entry in _entries(protection_group):
        if entry["sourceServerId"] == server_id:
            return own_config(entry)
    return {}


def own_config(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a server's entry sets by itself."""
    return _known(entry.get("launchTemplate"), SERVER_FIELDS)


def get_servers_with_custom_config(
    protection_group: Mapping[str, Any],
) -> list[str]:
    """Return the servers whose entry departs from the group, by id."""
    return sorted(
        str(entry["sourceServerId"])
        for entry in _entries(protection_group)
        if not _uses_group_defaults(entry) or own_config(entry)
    )


def get_servers_with_default_config(
    protection_group: Mapping[str, Any],
) -> list[str]:
    """Return the servers the group names that depart in nothing, by id."""
    named = {str(e["sourceServerId"]) for e in _entries(protection_group)}
    named.update(map(str, protection_group.get("sourceServerIds") or ()))
    return sorted(named - {*get_servers_with_custom_config(protection_group)})


def has_launch_settings(protection_group: Mapping[str, Any]) -> bool:
    """Tell whether anything is to be applied before the group's launch."""
    return bool(
        protection_group.get("launchConfig")
        or get_servers_with_custom_config(protection_group)
    )


def drs_part(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what DRS itself keeps of a configuration."""
    return _known(config, DRS_FIELDS)


def ec2_part(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the EC2 launch template keeps of a configuration."""
    return _known(config, SERVER_FIELDS)


def drs_changes(
    config: Mapping[str, Any], settings: LaunchSettings
) -> dict[str, Any]:
    """Return the fields DRS must be told, those that differ there."""
    return {
        name: value
        for name, value in drs_part(config).items()
        if settings.fields.get(name) != value
    }


def config_hash(config: Mapping[str, Any]) -> str:
    """Return the SHA-256 that stands for an effective configuration."""
    text = json.dumps(config, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_whole(group: Mapping[str, Any]) -> None:
    missing = [name for name in _WHOLE_GROUP if not group.get(name)]
    if missing:
        raise BadRequest(
            "Launch configuration needs the whole stored protection group; "
            f"{', '.join(missing)} is missing. Read the group's item and "
            "pass it unchanged.",
            code="INVALID_LAUNCH_CONFIG",
        )


def _entries(group: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries: Iterable[Mapping[str, Any]] = group.get("servers") or ()
    return [entry for entry in entries if entry.get("sourceServerId")]


def _merged(
    group: Mapping[str, Any], entry: Mapping[str, Any]
) -> dict[str, Any]:
    kept = group if _uses_group_defaults(entry) else drs_part(group)
    effective = {**kept, **own_config(entry)}
    if effective.get("staticPrivateIp"):
        effective["copyPrivateIp"] = False
    return effective


def _uses_group_defaults(entry: Mapping[str, Any]) -> bool:
    return entry.get("useGroupDefaults") is not False


def _known(
    config: Mapping[str, Any] | None, names: frozenset[str]
) -> dict[str, Any]:
    return {
        name: value
        for name, value in (config or {}).items()
        if name in names and value is not None
    }
