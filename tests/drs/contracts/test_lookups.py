"""What look-ups in EC2 and IAM promise, in memory and by boto3 on moto."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import boto3
import pytest
from moto import mock_aws

from drs.aws.lookups import BotoLookupsAt
from drs.aws.session import Sessions
from drs.domain.lookups import Lookups
from tests.drs.contracts.conftest import REGION, TARGET
from tests.support.fake_drs import HUB, hub
from tests.support.fake_lookups import FakeLookups, FakeLookupsAt

UNKNOWN_SUBNET = "subnet-0ffffffffffffffff"
UNKNOWN_GROUP = "sg-0ffffffffffffffff"


class Ground(Protocol):
    """Something with verbs that put things into an account's Region."""

    def has_vpc(self) -> str:
        """Add a VPC; return its id."""

    def has_subnet(self, cidr: str, *, vpc: str, name: str = "") -> str:
        """Add a subnet; return its id."""

    def has_security_group(
        self, name: str, *, vpc: str, description: str = ""
    ) -> str:
        """Add a security group; return its id."""

    def has_profile(self, name: str) -> None:
        """Add an instance profile."""

    def has_interface(self, subnet_id: str, *addresses: str) -> str:
        """Add an interface that holds the addresses; return its id."""


class InMemory(FakeLookups):
    """The fake, with the types that moto has too."""

    def __init__(self) -> None:
        super().__init__(HUB, REGION)
        self.has_type("m5.large", 2, 8192)
        self.has_type("m5.metal", 96, 393216)
        self._vpcs = 0

    def has_vpc(self) -> str:
        self._vpcs += 1
        return f"vpc-{self._vpcs}"


class OnMoto:
    """Moto's EC2 and IAM, in the account that is asked."""

    def __init__(self, sessions: Sessions) -> None:
        self._ec2: Any = sessions.client("ec2", REGION, TARGET)
        self._iam: Any = sessions.client("iam", REGION, TARGET)

    def has_vpc(self) -> str:
        answer = self._ec2.create_vpc(CidrBlock="10.0.0.0/16")
        return str(answer["Vpc"]["VpcId"])

    def has_subnet(self, cidr: str, *, vpc: str, name: str = "") -> str:
        tags = [{"Key": "Name", "Value": name}] if name else []
        spec = [{"ResourceType": "subnet", "Tags": tags}] if tags else []
        answer = self._ec2.create_subnet(
            CidrBlock=cidr, VpcId=vpc, TagSpecifications=spec
        )
        return str(answer["Subnet"]["SubnetId"])

    def has_security_group(
        self, name: str, *, vpc: str, description: str = ""
    ) -> str:
        answer = self._ec2.create_security_group(
            GroupName=name, VpcId=vpc, Description=description or name
        )
        return str(answer["GroupId"])

    def has_profile(self, name: str) -> None:
        self._iam.create_instance_profile(InstanceProfileName=name)

    def has_interface(self, subnet_id: str, *addresses: str) -> str:
        answer = self._ec2.create_network_interface(
            SubnetId=subnet_id,
            PrivateIpAddresses=[
                {"PrivateIpAddress": address, "Primary": number == 0}
                for number, address in enumerate(addresses)
            ],
        )
        return str(answer["NetworkInterface"]["NetworkInterfaceId"])


@contextmanager
def _fake() -> Iterator[tuple[Lookups, Ground]]:
    ground = InMemory()
    yield ground, ground


@contextmanager
def _moto() -> Iterator[tuple[Lookups, Ground]]:
    with mock_aws():
        sessions = Sessions(hub=boto3.Session(region_name=REGION))
        yield BotoLookupsAt(sessions)(TARGET, REGION), OnMoto(sessions)


@pytest.fixture(params=[_fake, _moto], ids=["fake", "moto"])
def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Lookups, Ground]]:
    """Yield look-ups and what they look at."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with request.param() as made:
        yield made


type World = tuple[Lookups, Ground]


def test_look_ups_know_where_they_look(world: World) -> None:
    lookups, _ = world

    assert lookups.account_id == HUB
    assert lookups.region == REGION


def test_all_subnets_are_found_by_id_with_their_facts(world: World) -> None:
    lookups, ground = world
    vpc = ground.has_vpc()
    made = [
        ground.has_subnet(f"10.0.{n}.0/24", vpc=vpc, name=f"n-{n}")
        for n in range(3)
    ]

    found = {one.subnet_id: one for one in lookups.subnets()}

    assert list(found) == sorted(found)
    assert set(made) <= set(found)
    one = found[made[1]]
    assert (one.vpc_id, one.cidr, one.name) == (vpc, "10.0.1.0/24", "n-1")
    assert one.zone.startswith(REGION)


def test_unknown_subnets_are_absent_and_hide_no_other(world: World) -> None:
    lookups, ground = world
    subnet = ground.has_subnet("10.0.1.0/24", vpc=ground.has_vpc())

    found = lookups.subnets([UNKNOWN_SUBNET, subnet, subnet])

    assert [one.subnet_id for one in found] == [subnet]
    assert lookups.subnets([UNKNOWN_SUBNET]) == []


def test_no_ids_are_not_taken_for_all(world: World) -> None:
    lookups, ground = world
    vpc = ground.has_vpc()
    subnet = ground.has_subnet("10.0.1.0/24", vpc=vpc)
    ground.has_security_group("web", vpc=vpc)

    assert lookups.subnets([]) == []
    assert lookups.security_groups([]) == []
    assert lookups.offered([]) == set()
    assert lookups.holders(subnet, []) == []


def test_security_groups_are_found_by_id_and_by_vpc(world: World) -> None:
    lookups, ground = world
    here, there = ground.has_vpc(), ground.has_vpc()
    web = ground.has_security_group("web", vpc=here, description="The web")
    app = ground.has_security_group("app", vpc=there)

    by_id = lookups.security_groups([web, app, UNKNOWN_GROUP])
    by_vpc = {one.group_id for one in lookups.security_groups(vpc_id=there)}
    every = {one.group_id for one in lookups.security_groups()}

    assert [one.group_id for one in by_id] == sorted([web, app])
    (one,) = (group for group in by_id if group.group_id == web)
    assert (one.name, one.vpc_id, one.description) == ("web", here, "The web")
    assert app in by_vpc and web not in by_vpc
    assert {web, app} <= every


def test_instance_profiles_are_found_by_name(world: World) -> None:
    lookups, ground = world
    for name in ("web", "app"):
        ground.has_profile(name)

    found = lookups.instance_profiles()

    assert [one.name for one in found] == ["app", "web"]
    assert found[0].arn.endswith(":instance-profile/app")
    assert lookups.has_instance_profile("web")
    assert not lookups.has_instance_profile("other")


def test_instance_types_tell_their_size(world: World) -> None:
    lookups, _ = world

    found = {one.name: one for one in lookups.instance_types()}

    assert list(found) == sorted(found)
    assert found["m5.large"].vcpus == 2
    assert found["m5.large"].memory_mib == 8192
    assert "m5.metal" in found


def test_only_types_of_the_region_are_offered(world: World) -> None:
    lookups, _ = world

    assert lookups.offered(["m5.large", "x9.huge"]) == {"m5.large"}


def test_whoever_holds_an_address_is_found(world: World) -> None:
    # Moto's filter sees first addresses only; EC2's sees all.
    lookups, ground = world
    vpc = ground.has_vpc()
    here = ground.has_subnet("10.0.1.0/24", vpc=vpc)
    there = ground.has_subnet("10.0.2.0/24", vpc=vpc)
    first = ground.has_interface(here, "10.0.1.10", "10.0.1.11")
    second = ground.has_interface(there, "10.0.2.10")

    assert [
        (one.interface_id, one.subnet_id, set(one.addresses), one.instance_id)
        for one in lookups.holders(here, ["10.0.1.10", "10.0.1.200"])
    ] == [(first, here, {"10.0.1.10", "10.0.1.11"}, "")]
    assert lookups.holders(here, ["10.0.2.10", "10.0.1.12"]) == []
    assert [
        one.interface_id for one in lookups.holders(there, ["10.0.2.10"])
    ] == [second]


def test_the_fake_keeps_accounts_and_regions_apart() -> None:
    lookups = FakeLookupsAt()
    lookups.at(HUB, REGION).has_type("m5.large")

    assert lookups(hub(), REGION).offered(["m5.large"])
    assert not lookups(hub(), "us-east-1").offered(["m5.large"])
