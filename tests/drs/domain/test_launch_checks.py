"""What a launch configuration names has to be there and to fit together."""

from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.errors import LaunchConfigRefused
from drs.domain.launch_checks import (
    Facts,
    Named,
    address_problem,
    check_facts,
    named,
)
from drs.domain.launch_levels import levels_of
from drs.domain.lookups import Subnet
from drs.launch_facts import PROFILES_ONE_BY_ONE, facts_of
from tests.support.fake_lookups import FakeLookups

REGION = "eu-west-1"


def a_group(
    config: dict[str, Any], *templates: dict[str, Any], defaults: bool = True
) -> dict[str, Any]:
    return {
        "groupId": "g-1",
        "groupName": "Databases",
        "region": REGION,
        "launchConfig": config,
        "servers": [
            {
                "sourceServerId": f"s-{at}",
                "useGroupDefaults": defaults,
                "launchTemplate": template,
            }
            for at, template in enumerate(templates)
        ],
    }


class Scene:
    """A Region with two subnets, groups of two VPCs, a type, a profile."""

    def __init__(self) -> None:
        self.ec2 = FakeLookups("111122223333", REGION)
        self.here = self.ec2.has_subnet("10.0.1.0/24", vpc="vpc-1")
        self.there = self.ec2.has_subnet("10.0.2.0/24", vpc="vpc-2")
        self.web = self.ec2.has_security_group("web", vpc="vpc-1")
        self.ec2.has_type("m5.large")
        self.ec2.has_profile("app")

    def check(
        self, group: dict[str, Any], before: dict[str, Any] | None = None
    ) -> None:
        paths = {
            entry["sourceServerId"]: f"servers[{at}].launchTemplate"
            for at, entry in enumerate(group["servers"])
        }
        levels = levels_of(group, before, of_group=True, paths=paths)
        check_facts(levels, facts_of(named(levels), self.ec2))

    def refuses(
        self, group: dict[str, Any], before: dict[str, Any] | None = None
    ) -> LaunchConfigRefused:
        with pytest.raises(LaunchConfigRefused) as caught:
            self.check(group, before)
        return caught.value


def test_what_is_there_and_fits_passes_at_both_levels() -> None:
    scene = Scene()
    config = {
        "subnetId": scene.here,
        "securityGroupIds": [scene.web],
        "instanceType": "m5.large",
        "instanceProfileName": "app",
    }

    scene.check(a_group(config))
    scene.check(a_group({}, {**config, "staticPrivateIp": "10.0.1.4"}))
    scene.check(a_group(config, {"staticPrivateIp": "10.0.1.254"}))


@pytest.mark.parametrize(
    ("config", "code", "field"),
    [
        (
            {"subnetId": "subnet-0ffffffffffffffff"},
            "SUBNET_NOT_FOUND",
            "subnetId",
        ),
        (
            {"securityGroupIds": ["sg-0ffffffffffffffff"]},
            "SECURITY_GROUPS_NOT_FOUND",
            "securityGroupIds",
        ),
        (
            {"instanceType": "m5.vast"},
            "INSTANCE_TYPE_UNAVAILABLE",
            "instanceType",
        ),
        (
            {"instanceType": "x" * 10_000},
            "INSTANCE_TYPE_UNAVAILABLE",
            "instanceType",
        ),
        (
            {"instanceProfileName": "web"},
            "IAM_PROFILE_NOT_FOUND",
            "instanceProfileName",
        ),
        (
            {"instanceProfileName": "not a name"},
            "IAM_PROFILE_NOT_FOUND",
            "instanceProfileName",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_its_field(
    config: dict[str, Any], code: str, field: str
) -> None:
    scene = Scene()

    of_group = scene.refuses(a_group(config))
    of_server = scene.refuses(a_group({}, config))

    assert of_group.code == of_server.code == code
    assert of_group.details["field"] == f"launchConfig.{field}"
    assert of_server.details["field"] == f"servers[0].launchTemplate.{field}"


def test_security_groups_have_to_be_in_the_subnets_vpc() -> None:
    scene = Scene()
    config = {"securityGroupIds": [scene.web]}

    inherited = scene.refuses(a_group(config, {"subnetId": scene.there}))

    assert inherited.code == "SECURITY_GROUPS_WRONG_VPC"
    assert inherited.details["field"] == "launchConfig.securityGroupIds"
    scene.check(a_group(config, {"subnetId": scene.here}))
    scene.check(a_group(config, {"subnetId": scene.there}, defaults=False))


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("10.0.2.10", "IP_OUT_OF_RANGE"),
        ("10.0.1.0", "IP_RESERVED"),
        ("10.0.1.3", "IP_RESERVED"),
        ("10.0.1.255", "IP_RESERVED"),
        ("10.0.1.10", "IP_IN_USE"),
    ],
)
def test_an_address_that_cannot_be_taken_is_refused(
    address: str, code: str
) -> None:
    scene = Scene()
    scene.ec2.has_interface(scene.here, "10.0.1.10", instance_id="i-1")

    refused = scene.refuses(
        a_group({"subnetId": scene.here}, {"staticPrivateIp": address})
    )

    assert refused.code == code
    assert refused.details["field"] == (
        "servers[0].launchTemplate.staticPrivateIp"
    )
    assert refused.details.get("conflictingResource") == (
        "i-1" if code == "IP_IN_USE" else None
    )


def test_the_holder_without_an_instance_is_the_interface() -> None:
    scene = Scene()
    interface = scene.ec2.has_interface(scene.here, "10.0.1.10")

    refused = scene.refuses(
        a_group({"subnetId": scene.here, "staticPrivateIp": "10.0.1.10"})
    )

    assert refused.details["conflictingResource"] == interface


def test_an_address_that_stays_may_be_held_by_the_server_itself() -> None:
    scene = Scene()
    own = {"staticPrivateIp": "10.0.1.10", "subnetId": scene.here}
    before = a_group({}, own)
    scene.ec2.has_interface(scene.here, "10.0.1.10")

    scene.check(a_group({}, {**own, "instanceType": "m5.large"}), before)
    assert scene.refuses(a_group({}, own)).code == "IP_IN_USE"


def test_a_changed_subnet_checks_the_address_again() -> None:
    scene = Scene()
    own = {"staticPrivateIp": "10.0.1.10"}
    before = a_group({"subnetId": scene.here}, own)

    refused = scene.refuses(a_group({"subnetId": scene.there}, own), before)

    assert refused.code == "SUBNET_CHANGE_IP_INVALID"
    assert refused.details["reason"] == "IP_OUT_OF_RANGE"
    assert refused.details["field"] == "launchConfig.subnetId"


def test_an_address_that_changes_with_its_subnet_is_told_by_its_own_code() -> (
    None
):
    scene = Scene()
    before = a_group({"subnetId": scene.here}, {"staticPrivateIp": "10.0.1.9"})
    after = a_group({"subnetId": scene.there}, {"staticPrivateIp": "10.0.1.8"})

    assert scene.refuses(after, before).code == "IP_OUT_OF_RANGE"


def test_a_subnet_without_a_range_is_named() -> None:
    subnet = Subnet(
        subnet_id="subnet-1", vpc_id="v", zone="z", cidr="fd00::/8"
    )

    problem = address_problem("10.0.0.9", subnet, None)

    assert problem is not None
    assert problem.code == "INVALID_CIDR"


def test_nothing_named_asks_nothing() -> None:
    group = a_group({"copyTags": True}, {"monitoring": True})

    levels = levels_of(group, None, of_group=True, paths={"s-0": "x"})

    assert named(levels) == Named()


def test_many_profiles_are_looked_for_in_the_list() -> None:
    scene = Scene()
    names = [f"p-{n}" for n in range(PROFILES_ONE_BY_ONE)]
    for name in names:
        scene.ec2.has_profile(name)

    few = facts_of(Named(profiles=frozenset(["app", "x"])), scene.ec2)
    many = facts_of(Named(profiles=frozenset([*names, "x"])), scene.ec2)

    assert few.profiles == {"app"}
    assert many.profiles == set(names)


@given(
    prefix=st.integers(16, 28),
    place=st.integers(0, 2**16 - 1),
    offset=st.integers(-20, 2**16),
)
def test_an_address_is_free_exactly_within_the_usable_range(
    prefix: int, place: int, offset: int
) -> None:
    network = IPv4Network((f"10.{place // 256}.0.0", prefix), strict=False)
    address = IPv4Address(int(network.network_address) + offset)
    subnet = Subnet(
        subnet_id="subnet-1", vpc_id="v", zone="z", cidr=str(network)
    )

    problem = address_problem(str(address), subnet, None)

    usable = list(range(4, network.num_addresses - 1))
    assert (problem is None) == (offset in usable)


def test_facts_of_nothing_are_empty() -> None:
    assert facts_of(Named(), Scene().ec2) == Facts()
