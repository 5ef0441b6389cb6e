"""Values of a launch configuration that can never work are refused."""

from typing import Any

import pytest

from drs.domain.launch_values import check_group_values, check_server_values
from shared.domain.errors import BadRequest

SUBNET = "subnet-0123456789abcdef0"
OTHER_SUBNET = "subnet-01234567"


def an_entry(
    server: str, own: dict[str, Any], defaults: bool = True
) -> dict[str, Any]:
    return {
        "sourceServerId": server,
        "useGroupDefaults": defaults,
        "launchTemplate": own,
    }


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"subnetId": "subnet-xyz"}, "INVALID_SUBNET_FORMAT"),
        ({"subnetId": f"{SUBNET}0"}, "INVALID_SUBNET_FORMAT"),
        ({"securityGroupIds": ["sg-1"]}, "INVALID_SECURITY_GROUP_FORMAT"),
        (
            {"staticPrivateIp": "10.0.0", "subnetId": SUBNET},
            "INVALID_IP_FORMAT",
        ),
        ({"staticPrivateIp": "::1", "subnetId": SUBNET}, "INVALID_IP_FORMAT"),
        (
            {"staticPrivateIp": "8.8.8.8", "subnetId": SUBNET},
            "IP_NOT_PRIVATE",
        ),
        ({"staticPrivateIp": "10.0.0.4"}, "MISSING_SUBNET"),
    ],
)
def test_a_value_of_no_valid_form_is_refused_at_both_levels(
    config: dict[str, Any], code: str
) -> None:
    with pytest.raises(BadRequest) as of_group:
        check_group_values(config, 1)
    with pytest.raises(BadRequest) as of_server:
        check_server_values({}, [an_entry("s-1", config)])

    assert of_group.value.code == of_server.value.code == code


def test_values_of_a_valid_form_pass() -> None:
    config = {
        "subnetId": OTHER_SUBNET,
        "securityGroupIds": ["sg-01234567", "sg-0123456789abcdef0"],
        "staticPrivateIp": "10.0.0.4",
    }

    check_group_values(config, 1)
    check_server_values(config, [an_entry("s-1", config)])


@pytest.mark.parametrize("servers", [0, 2])
def test_a_groups_address_is_for_one_server(servers: int) -> None:
    with pytest.raises(BadRequest) as caught:
        check_group_values(
            {"staticPrivateIp": "10.0.0.4", "subnetId": SUBNET}, servers
        )

    assert caught.value.code == "INVALID_LAUNCH_CONFIG"


def test_a_server_may_take_the_groups_subnet_if_it_takes_its_defaults() -> (
    None
):
    group = {"subnetId": SUBNET}

    check_server_values(
        group, [an_entry("s-1", {"staticPrivateIp": "10.0.0.4"})]
    )
    with pytest.raises(BadRequest) as caught:
        check_server_values(
            group, [an_entry("s-1", {"staticPrivateIp": "10.0.0.4"}, False)]
        )

    assert caught.value.code == "MISSING_SUBNET"


def test_an_address_belongs_to_one_server() -> None:
    own = {"staticPrivateIp": "10.0.0.4", "subnetId": SUBNET}

    with pytest.raises(BadRequest) as caught:
        check_server_values({}, [an_entry("s-1", own), an_entry("s-2", own)])

    assert caught.value.code == "DUPLICATE_IP"
    assert caught.value.details["conflictingResource"] == "s-1"
