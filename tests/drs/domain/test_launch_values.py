"""Values of a launch configuration that can never work are refused."""

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.errors import LaunchConfigRefused
from drs.domain.launch_levels import levels_of
from drs.domain.launch_values import (
    check_address,
    check_distinct,
    check_group_address,
    check_values,
)

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


def a_group(
    config: dict[str, Any], *entries: dict[str, Any]
) -> dict[str, Any]:
    return {
        "groupId": "g-1",
        "groupName": "Databases",
        "region": "eu-west-1",
        "launchConfig": config,
        "servers": list(entries),
    }


def paths_of(group: dict[str, Any]) -> dict[str, str]:
    return {
        entry["sourceServerId"]: f"servers[{at}].launchTemplate"
        for at, entry in enumerate(group["servers"])
    }


def check(config: dict[str, Any], *entries: dict[str, Any]) -> None:
    group = a_group(config, *entries)
    check_values(levels_of(group, None, of_group=True, paths=paths_of(group)))


def distinct(
    *entries: dict[str, Any], batch: Collection[str] = ()
) -> LaunchConfigRefused:
    group = a_group({}, *entries)
    with pytest.raises(LaunchConfigRefused) as caught:
        check_distinct(group, paths_of(group), batch)
    return caught.value


@pytest.mark.parametrize(
    ("config", "code", "field"),
    [
        ({"subnetId": "subnet-xyz"}, "INVALID_SUBNET_FORMAT", "subnetId"),
        ({"subnetId": f"{SUBNET}0"}, "INVALID_SUBNET_FORMAT", "subnetId"),
        ({"subnetId": ""}, "MISSING_SUBNET_ID", "subnetId"),
        ({"instanceType": " "}, "MISSING_INSTANCE_TYPE", "instanceType"),
        (
            {"instanceProfileName": ""},
            "MISSING_IAM_PROFILE",
            "instanceProfileName",
        ),
        (
            {"securityGroupIds": ["sg-01234567", "sg-1"]},
            "INVALID_SECURITY_GROUP_FORMAT",
            "securityGroupIds[1]",
        ),
        (
            {"staticPrivateIp": "10.0.0", "subnetId": SUBNET},
            "INVALID_IP_FORMAT",
            "staticPrivateIp",
        ),
        (
            {"staticPrivateIp": "", "subnetId": SUBNET},
            "INVALID_IP_FORMAT",
            "staticPrivateIp",
        ),
        (
            {"staticPrivateIp": "::1", "subnetId": SUBNET},
            "INVALID_IP_FORMAT",
            "staticPrivateIp",
        ),
        (
            {"staticPrivateIp": "8.8.8.8", "subnetId": SUBNET},
            "IP_NOT_PRIVATE",
            "staticPrivateIp",
        ),
        ({"staticPrivateIp": "10.0.0.4"}, "MISSING_SUBNET", "subnetId"),
    ],
)
def test_a_value_of_no_valid_form_is_refused_at_both_levels(
    config: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(LaunchConfigRefused) as of_group:
        check(config)
    with pytest.raises(LaunchConfigRefused) as of_server:
        check({}, an_entry("s-1", config))

    assert of_group.value.code == of_server.value.code == code
    assert of_group.value.body()["code"] == code
    assert of_group.value.details["field"] == f"launchConfig.{field}"
    assert of_server.value.details["field"] == (
        f"servers[0].launchTemplate.{field}"
    )


def test_values_of_a_valid_form_pass() -> None:
    config = {
        "subnetId": OTHER_SUBNET,
        "securityGroupIds": ["sg-01234567", "sg-0123456789abcdef0"],
        "staticPrivateIp": "10.0.0.4",
    }

    check(config, an_entry("s-1", config))


@pytest.mark.parametrize("servers", [0, 2])
def test_a_groups_address_is_for_one_server(servers: int) -> None:
    config = {"staticPrivateIp": "10.0.0.4", "subnetId": SUBNET}
    check_group_address(config, 1)

    with pytest.raises(LaunchConfigRefused) as caught:
        check_group_address(config, servers)

    assert caught.value.code == "INVALID_LAUNCH_CONFIG"


def test_a_server_may_take_the_groups_subnet_if_it_takes_its_defaults() -> (
    None
):
    own = {"staticPrivateIp": "10.0.0.4"}

    check({"subnetId": SUBNET}, an_entry("s-1", own))
    with pytest.raises(LaunchConfigRefused) as caught:
        check({"subnetId": SUBNET}, an_entry("s-1", own, False))

    assert caught.value.code == "MISSING_SUBNET"


def test_an_address_belongs_to_one_server() -> None:
    own = {"staticPrivateIp": "10.0.0.4", "subnetId": SUBNET}

    refused = distinct(an_entry("s-1", own), an_entry("s-2", own))

    assert refused.code == "DUPLICATE_IP"
    assert refused.details["conflictingResource"] == "s-1"
    assert refused.details["field"] == (
        "servers[1].launchTemplate.staticPrivateIp"
    )


def test_a_duplicate_within_a_batch_has_its_own_code() -> None:
    own = {"staticPrivateIp": "10.0.0.4", "subnetId": SUBNET}
    entries = [an_entry(f"s-{n}", own) for n in (1, 2)]

    assert distinct(*entries, batch=["s-1"]).code == "DUPLICATE_IP"
    assert distinct(*entries, batch=["s-1", "s-2"]).code == (
        "DUPLICATE_IP_IN_BATCH"
    )


@given(st.ip_addresses(v=4))
def test_every_private_address_passes_and_no_other(address: Any) -> None:
    if address.is_private:
        check_address(str(address))
        return
    with pytest.raises(LaunchConfigRefused) as caught:
        check_address(str(address))
    assert caught.value.code == "IP_NOT_PRIVATE"
