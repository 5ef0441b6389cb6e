"""What EC2 and IAM have that a launch configuration may name.

Values and ports only. An id that EC2 does not know is absent from an
answer; what cannot be asked raises one of ``drs.domain.errors``. No method
answers an error with an empty list.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.domain.account import AccountContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A subnet; ``name`` is its ``Name`` tag, else empty."""

    subnet_id: str
    vpc_id: str
    zone: str
    cidr: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """A security group of a VPC."""

    group_id: str
    name: str
    vpc_id: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProfile:
    """An instance profile of the account."""

    name: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """An instance type that the Region has."""

    name: str
    vcpus: int
    memory_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network interface; ``instance_id`` is empty while it is free."""

    interface_id: str
    subnet_id: str
    addresses: tuple[str, ...]
    instance_id: str = ""
    description: str = ""


class Lookups(Protocol):
    """EC2 and IAM of one account in one Region; every list is complete."""

    @property
    def account_id(self) -> str:
        """Return the account's twelve digits."""

    @property
    def region(self) -> str:
        """Return the Region's name."""

    def subnets(self, ids: Collection[str] | None = None) -> list[Subnet]:
        """Return those of the ids that exist, by id; without ids, all."""

    def security_groups(
        self, ids: Collection[str] | None = None, *, vpc_id: str = ""
    ) -> list[SecurityGroup]:
        """Return those of the ids, or of a VPC, by id; without both, all."""

    def instance_profiles(self) -> list[InstanceProfile]:
        """Return every instance profile of the account, by name."""

    def has_instance_profile(self, name: str) -> bool:
        """Tell whether the account has an instance profile of that name."""

    def instance_types(self) -> list[InstanceType]:
        """Return every instance type that the Region has, by name."""

    def offered(self, instance_types: Collection[str]) -> set[str]:
        """Return those of the instance types that the Region offers."""

    def holders(
        self, subnet_id: str, addresses: Sequence[str]
    ) -> list[Interface]:
        """Return the interfaces of a subnet that hold one of them, by id."""


class LookupsAt(Protocol):
    """The way to any account's Region."""

    def __call__(self, account: AccountContext, region: str) -> Lookups:
        """Return EC2 and IAM of an account in a Region."""
