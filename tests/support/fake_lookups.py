"""EC2 and IAM in memory: what a launch configuration may name.

``FakeLookupsAt`` is the port ``LookupsAt``; ``at`` has the verbs that give
an account's Region its subnets, groups, profiles and types.
"""

from collections.abc import Collection, Sequence

from drs.domain.lookups import (
    InstanceProfile,
    InstanceType,
    Interface,
    SecurityGroup,
    Subnet,
)
from shared.domain.account import AccountContext
from shared.domain.errors import DrError


class FakeLookups:
    """The port ``Lookups``, and the verbs that fill it."""

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id = account_id
        self.region = region
        self._error: DrError | None = None
        self._subnets: dict[str, Subnet] = {}
        self._groups: dict[str, SecurityGroup] = {}
        self._profiles: dict[str, InstanceProfile] = {}
        self._types: dict[str, InstanceType] = {}
        self._interfaces: list[Interface] = []

    def has_subnet(
        self, cidr: str = "10.0.1.0/24", *, vpc: str = "vpc-1", name: str = ""
    ) -> str:
        """Add a subnet; return its id."""
        subnet_id = f"subnet-{len(self._subnets) + 1:017x}"
        self._subnets[subnet_id] = Subnet(
            subnet_id=subnet_id,
            vpc_id=vpc,
            zone=f"{self.region}a",
            cidr=cidr,
            name=name,
        )
        return subnet_id

    def has_security_group(
        self, name: str, *, vpc: str = "vpc-1", description: str = ""
    ) -> str:
        """Add a security group; return its id."""
        group_id = f"sg-{len(self._groups) + 1:017x}"
        self._groups[group_id] = SecurityGroup(
            group_id=group_id,
            name=name,
            vpc_id=vpc,
            description=description or name,
        )
        return group_id

    def has_profile(self, name: str) -> None:
        """Add an instance profile."""
        arn = f"arn:aws:iam::{self.account_id}:instance-profile/{name}"
        self._profiles[name] = InstanceProfile(name=name, arn=arn)

    def has_type(
        self, name: str, vcpus: int = 2, memory_mib: int = 8192
    ) -> None:
        """Add an instance type."""
        self._types[name] = InstanceType(
            name=name, vcpus=vcpus, memory_mib=memory_mib
        )

    def has_interface(
        self, subnet_id: str, *addresses: str, instance_id: str = ""
    ) -> str:
        """Add a network interface that holds the addresses."""
        interface_id = f"eni-{len(self._interfaces) + 1:017x}"
        self._interfaces.append(
            Interface(
                interface_id=interface_id,
                subnet_id=subnet_id,
                addresses=addresses,
                instance_id=instance_id,
            )
        )
        return interface_id

    def loses_interface(self, interface_id: str) -> None:
        """Remove a network interface."""
        self._interfaces = [
            one for one in self._interfaces if one.interface_id != interface_id
        ]

    def fails(self, error: DrError | None) -> None:
        """Answer everything with an error, or no longer."""
        self._error = error

    def subnets(self, ids: Collection[str] | None = None) -> list[Subnet]:
        """Return those of the ids that exist, by id; without ids, all."""
        self._ask()
        return [
            one
            for subnet_id, one in sorted(self._subnets.items())
            if ids is None or subnet_id in ids
        ]

    def security_groups(
        self, ids: Collection[str] | None = None, *, vpc_id: str = ""
    ) -> list[SecurityGroup]:
        """Return those of the ids, or of a VPC, by id; without both, all."""
        self._ask()
        return [
            one
            for group_id, one in sorted(self._groups.items())
            if (ids is None or group_id in ids) and vpc_id in ("", one.vpc_id)
        ]

    def instance_profiles(self) -> list[InstanceProfile]:
        """Return every instance profile of the account, by name."""
        self._ask()
        return [one for _, one in sorted(self._profiles.items())]

    def has_instance_profile(self, name: str) -> bool:
        """Tell whether the account has an instance profile of that name."""
        self._ask()
        return name in self._profiles

    def instance_types(self) -> list[InstanceType]:
        """Return every instance type that the Region has, by name."""
        self._ask()
        return [one for _, one in sorted(self._types.items())]

    def offered(self, instance_types: Collection[str]) -> set[str]:
        """Return those of the instance types that the Region offers."""
        self._ask()
        return {one for one in instance_types if one in self._types}

    def holders(
        self, subnet_id: str, addresses: Sequence[str]
    ) -> list[Interface]:
        """Return the interfaces of a subnet that hold one of them, by id."""
        self._ask()
        return [
            one
            for one in self._interfaces
            if one.subnet_id == subnet_id
            and set(one.addresses) & set(addresses)
        ]

    def _ask(self) -> None:
        if self._error is not None:
            raise self._error


class FakeLookupsAt:
    """The port ``LookupsAt``; one ``FakeLookups`` an account's Region."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], FakeLookups] = {}

    def __call__(self, account: AccountContext, region: str) -> FakeLookups:
        """Return EC2 and IAM of an account in a Region."""
        return self.at(account.account_id, region)

    def at(self, account_id: str, region: str) -> FakeLookups:
        """Return the same by the account's id, to fill it."""
        key = (account_id, region)
        return self._kept.setdefault(key, FakeLookups(*key))
