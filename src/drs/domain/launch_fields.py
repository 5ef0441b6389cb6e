"""Which launch configuration fields a group and its servers may store.

Checks names and shapes only. Whether a subnet or an address exists is
asked of EC2 elsewhere.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from drs.domain.errors import LaunchConfigRefused
from drs.domain.launch_config import (
    DRS_FIELDS,
    GROUP_EC2_FIELDS,
    SERVER_FIELDS,
)
from shared.domain.wire import shown

BLOCKED_FIELDS: Final = frozenset(
    {
        "imageId",
        "userData",
        "blockDeviceMappings",
        "placementGroup",
        "availabilityZone",
        "keyName",
    }
)
DROPPED_FIELDS: Final = frozenset({"bootMode"})
TAG_KEY_LIMIT: Final = 128
TAG_VALUE_LIMIT: Final = 256


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_credit(value: Any) -> bool:
    if isinstance(value, str):
        return value in ("standard", "unlimited")
    if not isinstance(value, Mapping):
        return False
    given = value.get("cpuCredits") or value.get("CpuCredits")
    return given in ("standard", "unlimited")


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


def _has_only(name: str, kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, Mapping)
        and set(value) == {name}
        and kind(value[name])
    )


_SHAPES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "copyPrivateIp": (_is_bool, "true or false"),
    "copyTags": (_is_bool, "true or false"),
    "postLaunchEnabled": (_is_bool, "true or false"),
    "licensing": (_has_only("osByol", _is_bool), "{osByol: true or false}"),
    "targetInstanceTypeRightSizingMethod": (
        _one_of("NONE", "BASIC", "IN_AWS"),
        "NONE, BASIC or IN_AWS",
    ),
    "launchDisposition": (
        _one_of("STARTED", "STOPPED"),
        "STARTED or STOPPED",
    ),
    "recoveryMode": (_one_of("FAST", "OPTIMAL"), "FAST or OPTIMAL"),
    "launchIntoInstanceProperties": (
        _has_only("launchIntoEC2InstanceID", _is_text),
        "{launchIntoEC2InstanceID: an instance id}",
    ),
    "subnetId": (_is_text, "a subnet id"),
    "securityGroupIds": (_is_texts, "a list of security group ids"),
    "instanceType": (_is_text, "an instance type"),
    "instanceProfileName": (_is_text, "the name of an instance profile"),
    "staticPrivateIp": (_is_text, "an IPv4 address"),
    "associatePublicIp": (_is_bool, "true or false"),
    "monitoring": (_is_bool, "true or false"),
    "ebsOptimized": (_is_bool, "true or false"),
    "disableApiTermination": (_is_bool, "true or false"),
    "tags": (_is_map, "an object of tag keys and values"),
    "creditSpecification": (_is_credit, "standard or unlimited"),
}


def check_group_fields(
    launch_config: Mapping[str, Any], path: str = "launchConfig"
) -> list[str]:
    """Check a group's ``launchConfig``; return warnings of what is dropped.

    Raises:
        LaunchConfigRefused: ``INVALID_LAUNCH_CONFIG`` with every wrong
            field, ``INVALID_SECURITY_GROUPS``: they are no list of ids.
    """
    known = DRS_FIELDS | GROUP_EC2_FIELDS
    unknown = sorted(set(launch_config) - known - DROPPED_FIELDS)
    if unknown:
        raise LaunchConfigRefused(
            f"Unknown launch configuration fields: {', '.join(unknown)}. "
            f"Known are {', '.join(sorted(known))}.",
            field=f"{path}.{unknown[0]}",
            fields=unknown,
        )
    _check_shapes(
        launch_config,
        path,
        codes={"securityGroupIds": "INVALID_SECURITY_GROUPS"},
    )
    return [
        f"{name} is not a setting of DRS and was dropped."
        for name in sorted(DROPPED_FIELDS & set(launch_config))
    ]


def check_server_fields(
    launch_template: Mapping[str, Any], path: str = "launchTemplate"
) -> None:
    """Check a server's ``launchTemplate``.

    Raises:
        LaunchConfigRefused: ``BLOCKED_FIELDS_PRESENT``,
            ``UNKNOWN_FIELDS_PRESENT``, ``INVALID_TAGS`` or
            ``INVALID_LAUNCH_CONFIG``.
    """
    _refuse(
        "BLOCKED_FIELDS_PRESENT",
        "DRS sets these itself, so they cannot be set per server",
        set(launch_template) & BLOCKED_FIELDS,
        path,
    )
    _refuse(
        "UNKNOWN_FIELDS_PRESENT",
        "These cannot be set per server",
        set(launch_template) - SERVER_FIELDS,
        path,
    )
    _check_shapes(launch_template, path)
    _check_tags(launch_template.get("tags") or {}, f"{path}.tags")


def _refuse(code: str, why: str, fields: set[str], path: str) -> None:
    if fields:
        names = sorted(fields)
        raise LaunchConfigRefused(
            f"{why}: {', '.join(names)}. Remove them.",
            code=code,
            field=f"{path}.{names[0]}",
            fields=names,
        )


def _check_shapes(
    config: Mapping[str, Any],
    path: str,
    codes: Mapping[str, str] | None = None,
) -> None:
    for name, value in config.items():
        if value is None or name not in _SHAPES:
            continue
        fits, shape = _SHAPES[name]
        if not fits(value):
            raise LaunchConfigRefused(
                f"{name} is {shown(value)}; it must be {shape}.",
                code=(codes or {}).get(name),
                field=f"{path}.{name}",
            )


def _check_tags(tags: Mapping[str, Any], path: str) -> None:
    for key, value in tags.items():
        if not 0 < len(key) <= TAG_KEY_LIMIT:
            raise LaunchConfigRefused(
                f"The tag key {shown(key)} must have 1 to {TAG_KEY_LIMIT} "
                "characters.",
                code="INVALID_TAGS",
                field=path,
            )
        if not isinstance(value, str) or len(value) > TAG_VALUE_LIMIT:
            raise LaunchConfigRefused(
                f"The value of tag {shown(key)} must be text of at most "
                f"{TAG_VALUE_LIMIT} characters.",
                code="INVALID_TAGS",
                field=path,
            )
