"""Which launch configuration fields may be stored."""

from typing import Any

import pytest

from drs.domain.launch_config import (
    DRS_FIELDS,
    GROUP_EC2_FIELDS,
    SERVER_FIELDS,
)
from drs.domain.launch_fields import check_group_fields, check_server_fields
from shared.domain.errors import BadRequest

GOOD: dict[str, Any] = {
    "copyPrivateIp": False,
    "copyTags": True,
    "licensing": {"osByol": True},
    "targetInstanceTypeRightSizingMethod": "BASIC",
    "launchDisposition": "STARTED",
    "postLaunchEnabled": False,
    "launchIntoInstanceProperties": {
        "launchIntoEC2InstanceID": "i-0123456789abcdef0"
    },
    "recoveryMode": "FAST",
    "subnetId": "subnet-0123456789abcdef0",
    "securityGroupIds": ["sg-0123456789abcdef0"],
    "instanceType": "m5.large",
    "instanceProfileName": "app",
    "staticPrivateIp": "10.0.0.9",
    "associatePublicIp": True,
    "monitoring": True,
    "ebsOptimized": True,
    "disableApiTermination": False,
    "tags": {"Tier": "db"},
    "creditSpecification": {"cpuCredits": "standard"},
}


def some(names: frozenset[str]) -> dict[str, Any]:
    return {name: GOOD[name] for name in names}


def test_every_field_of_a_group_is_accepted() -> None:
    assert check_group_fields(some(DRS_FIELDS | GROUP_EC2_FIELDS)) == []


def test_every_field_of_a_server_is_accepted() -> None:
    check_server_fields(some(SERVER_FIELDS))
    check_server_fields({"creditSpecification": "unlimited"})
    check_server_fields({"subnetId": None})


def test_boot_mode_is_dropped_with_a_warning() -> None:
    (warning,) = check_group_fields({"bootMode": "UEFI"})

    assert "bootMode" in warning


def test_an_unknown_group_field_is_named() -> None:
    with pytest.raises(BadRequest, match="subnet,") as refused:
        check_group_fields({"subnet": "x", "zone": "y", "copyTags": True})

    assert refused.value.code == "INVALID_LAUNCH_CONFIG"
    assert refused.value.details == {"fields": ["subnet", "zone"]}


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ({"imageId": "ami-1", "keyName": "k"}, "BLOCKED_FIELDS_PRESENT"),
        ({"copyTags": True}, "UNKNOWN_FIELDS_PRESENT"),
        ({"colour": "red"}, "UNKNOWN_FIELDS_PRESENT"),
        ({"tags": {"k" * 129: "v"}}, "INVALID_TAGS"),
        ({"tags": {"": "v"}}, "INVALID_TAGS"),
        ({"tags": {"k": "v" * 257}}, "INVALID_TAGS"),
        ({"tags": {"k": 1}}, "INVALID_TAGS"),
        ({"tags": ["k"]}, "INVALID_LAUNCH_CONFIG"),
        ({"creditSpecification": "lots"}, "INVALID_LAUNCH_CONFIG"),
        ({"creditSpecification": 3}, "INVALID_LAUNCH_CONFIG"),
        ({"monitoring": "yes"}, "INVALID_LAUNCH_CONFIG"),
        ({"securityGroupIds": "sg-1"}, "INVALID_LAUNCH_CONFIG"),
    ],
)
def test_a_wrong_server_field_is_refused_with_its_code(
    template: dict[str, Any], code: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        check_server_fields(template)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("copyTags", "true"),
        ("licensing", {"osByol": "yes"}),
        ("licensing", {"byol": True}),
        ("targetInstanceTypeRightSizingMethod", "ADVANCED"),
        ("launchDisposition", "RUNNING"),
        ("recoveryMode", "SLOW"),
        ("instanceType", 5),
    ],
)
def test_a_wrong_group_value_says_what_would_be_right(
    name: str, value: object
) -> None:
    with pytest.raises(BadRequest, match=f"{name} is .* must be"):
        check_group_fields({name: value})
