"""Rows of launch configurations that cannot work.

Each is written once and sent over every route that takes one and documents
its code. What a server falls back to when it is put back to its group's
configuration is told in rows of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.system.cases.case import GROUP, SERVER, Case, row
from tests.system.launch_ground import HELD, NEIGHBOURS

CREATE = "POST /protection-groups"
UPDATE = "PUT /protection-groups/{id}"
BULK = "POST /protection-groups/{id}/servers/bulk-launch-config"
SET = f"PUT {SERVER}/launch-config"
PUT_BACK = f"DELETE {SERVER}/launch-config"

type Template = Mapping[str, Any]


def _at(address: str, subnet: str = "{subnet}") -> Template:
    return {"staticPrivateIp": address, "subnetId": subnet}


# What a server's own settings cannot be.
BAD: Mapping[str, Template] = {
    "INVALID_LAUNCH_CONFIG": {"monitoring": "yes"},
    "INVALID_TAGS": {"tags": {"": "nameless"}},
    "INVALID_IP_FORMAT": _at("10.0.0"),
    "IP_NOT_PRIVATE": _at("8.8.8.8"),
    "SUBNET_NOT_FOUND": {"subnetId": "subnet-00000000000000000"},
    "IP_OUT_OF_RANGE": _at("192.168.0.9"),
    "INVALID_CIDR": _at("10.0.0.9", "{ipv6_subnet}"),
    "IP_RESERVED": _at("10.0.0.3"),
    "IP_IN_USE": _at("{taken_address}"),
    "MISSING_SUBNET": {"staticPrivateIp": "10.0.0.9"},
    "MISSING_SUBNET_ID": {"subnetId": ""},
    "INVALID_SUBNET_FORMAT": {"subnetId": "subnet-x"},
    "INVALID_SECURITY_GROUP_FORMAT": {"securityGroupIds": ["sg"]},
    "SECURITY_GROUPS_NOT_FOUND": {
        "securityGroupIds": ["sg-00000000000000000"]
    },
    "SECURITY_GROUPS_WRONG_VPC": {
        "subnetId": "{subnet}",
        "securityGroupIds": ["{strange_sg}"],
    },
    "MISSING_INSTANCE_TYPE": {"instanceType": ""},
    "INSTANCE_TYPE_UNAVAILABLE": {"instanceType": "m1.lost"},
    "MISSING_IAM_PROFILE": {"instanceProfileName": ""},
    "IAM_PROFILE_NOT_FOUND": {"instanceProfileName": "nobody"},
    "BLOCKED_FIELDS_PRESENT": {"imageId": "ami-00000000000000000"},
    "UNKNOWN_FIELDS_PRESENT": {"copyTags": True},
    "VALIDATION_ERROR": {"tags": {f"{n:0128}": "x" * 256 for n in range(900)}},
}
# And what they cannot be where others are stored already.
BAD_BESIDE: Mapping[str, Template] = {
    "DUPLICATE_IP": _at(NEIGHBOURS),
    "SUBNET_CHANGE_IP_INVALID": _at(HELD, "{second_subnet}"),
}
# And a whole group's.
BAD_OF_GROUP: Mapping[str, Mapping[str, Any]] = {
    "INVALID_SECURITY_GROUPS": {"securityGroupIds": "sg"},
    "INVALID_LAUNCH_CONFIG": {"bootmode": "UEFI"},
}
# What a group names that is gone since.
LOST: Mapping[str, str] = {
    "SUBNET_NOT_FOUND": "group_of_lost_subnet",
    "SECURITY_GROUPS_NOT_FOUND": "group_of_lost_sg",
    "IAM_PROFILE_NOT_FOUND": "group_of_lost_profile",
    "INSTANCE_TYPE_UNAVAILABLE": "group_of_lost_type",
    "IP_IN_USE": "group_of_lost_address",
    "SUBNET_CHANGE_IP_INVALID": "group_of_moved_address",
}


def _entry(server: str, template: Template) -> Mapping[str, Any]:
    return {"sourceServerId": server, "launchTemplate": template}


_NEIGHBOUR = _entry("{neighbour}", _at(NEIGHBOURS))
_SERVER = "{member_of_configured_group}"


def _created(code: str, *templates: Template) -> Case:
    servers = ["{spare_server}", "{second_spare}"][: len(templates)]
    entries = [_entry(*pair) for pair in zip(servers, templates, strict=True)]
    body = {**GROUP, "sourceServerIds": servers, "servers": entries}
    return row(CREATE, 400, code, body=body)


def _updated(code: str, template: Template) -> Case:
    body = {"servers": [_entry(_SERVER, template), _NEIGHBOUR]}
    return row(UPDATE, 400, code, id="{configured_group}", body=body)


def _set(code: str, template: Template) -> Case:
    return row(
        *(SET, 400, code),
        body={"launchTemplate": template},
        id="{configured_group}",
        serverId=_SERVER,
    )


def _bulk(code: str, *entries: Mapping[str, Any]) -> Case:
    body = {"servers": list(entries)}
    return row(BULK, 400, code, id="{configured_group}", body=body)


def _bulk_of_one(code: str, template: Template) -> Case:
    return _bulk(code, _entry(_SERVER, template))


_OF_STORED: tuple[Callable[[str, Template], Case], ...] = (
    _updated,
    _set,
    _bulk_of_one,
)
LAUNCH = (
    *(_created(code, template) for code, template in BAD.items()),
    _created("DUPLICATE_IP", _at(HELD), _at(HELD)),
    *(
        made(code, template)
        for made in _OF_STORED
        for code, template in {**BAD, **BAD_BESIDE}.items()
    ),
    _bulk(
        "DUPLICATE_IP_IN_BATCH",
        _entry(_SERVER, _at("10.0.5.6")),
        _entry("{neighbour}", _at("10.0.5.6")),
    ),
    *(
        asked
        for code, config in BAD_OF_GROUP.items()
        for body in ({"launchConfig": config},)
        for asked in (
            row(
                *(CREATE, 400, code),
                body={**GROUP, "sourceServerIds": ["{spare_server}"], **body},
            ),
            row(UPDATE, 400, code, id="{configured_group}", body=body),
        )
    ),
    *(
        row(
            *(PUT_BACK, 400, code),
            id=f"{{{group}}}",
            serverId=f"{{member_of_{group}}}",
        )
        for code, group in LOST.items()
    ),
)
