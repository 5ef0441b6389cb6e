"""Which launch configuration fields may be stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.launch_config import (
    DRS_FIELDS,
    GROUP_EC2_FIELDS,
    SERVER_FIELDS,
)
from drs.domain.launch_fields import (
    BLOCKED_FIELDS,
    check_group_fields,
    check_server_fields,
)
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
    assert refused.value.details == {
        "field": "launchConfig.subnet",
        "fields": ["subnet", "zone"],
    }


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


@pytest.mark.parametrize(
    "given",
    [
        "standard",
        "unlimited",
        {"cpuCredits": "unlimited"},
        {"CpuCredits": "standard"},
    ],
)
def test_credits_are_accepted_as_a_word_and_in_both_spellings(
    given: object,
) -> None:
    check_server_fields({"creditSpecification": given})


@pytest.mark.parametrize("given", ["none", {"CPU": "standard"}, {}, 3])
def test_other_credits_are_refused_with_the_field(given: object) -> None:
    with pytest.raises(BadRequest, match="standard or unlimited") as refused:
        check_server_fields({"creditSpecification": given})

    assert refused.value.details == {
        "field": "launchTemplate.creditSpecification"
    }


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            {"keyName": "k", "imageId": "ami-1", "tags": {}},
            "DRS sets these itself, so they cannot be set per server: "
            "imageId, keyName. Remove them.",
        ),
        (
            {"zone": 1, "colour": "red"},
            "These cannot be set per server: colour, zone. Remove them.",
        ),
    ],
)
def test_fields_that_are_not_a_servers_are_all_named(
    template: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        check_server_fields(template)

    assert refused.value.message == message
    assert refused.value.details["fields"] == sorted(set(template) - {"tags"})


def test_an_absent_value_does_not_end_the_check() -> None:
    with pytest.raises(BadRequest, match="monitoring"):
        check_server_fields({"subnetId": None, "monitoring": "yes"})


def test_an_unknown_group_field_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadRequest) as refused:
        check_group_fields({"subnet": "x", "zone": "y"})

    known = ", ".join(sorted(DRS_FIELDS | GROUP_EC2_FIELDS))
    assert refused.value.message == (
        "Unknown launch configuration fields: subnet, zone. "
        f"Known are {known}."
    )


def test_tags_as_long_as_ec2_takes_them_are_accepted() -> None:
    check_server_fields({"tags": {"k": "", "k" * 128: "v" * 256}})


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"": "v"}, "The tag key '' must have 1 to 128 characters."),
        (
            {"Tier": 3},
            "The value of tag 'Tier' must be text of at most 256 characters.",
        ),
    ],
)
def test_a_wrong_tag_says_what_would_be_right(
    tags: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        check_server_fields({"tags": tags})

    assert refused.value.message == message


def test_security_groups_of_a_group_that_are_no_list_have_their_code() -> None:
    with pytest.raises(BadRequest) as refused:
        check_group_fields({"securityGroupIds": "sg-1"})

    assert refused.value.code == "INVALID_SECURITY_GROUPS"
    assert refused.value.body()["code"] == "INVALID_SECURITY_GROUPS"


@given(
    blocked=st.sets(st.sampled_from(sorted(BLOCKED_FIELDS)), min_size=1),
    others=st.sets(st.sampled_from(sorted(GOOD))),
)
def test_a_blocked_field_never_passes(
    blocked: set[str], others: set[str]
) -> None:
    template = {name: GOOD.get(name) for name in [*others, *blocked]}

    with pytest.raises(BadRequest) as refused:
        check_server_fields(template)

    assert refused.value.code == "BLOCKED_FIELDS_PRESENT"
    assert refused.value.details["fields"] == sorted(blocked)
