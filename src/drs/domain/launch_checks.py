"""Whether what a launch configuration names is there and fits together.

Decides from facts that were asked of EC2 and IAM. What there is to ask is
``named``; forms are checked before, in ``launch_values``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from drs.domain.errors import LaunchConfigRefused
from drs.domain.launch_levels import Level
from drs.domain.lookups import Interface, SecurityGroup, Subnet
from shared.domain.wire import shown

IP_IN_USE: Final = "IP_IN_USE"
SUBNET_NOT_FOUND: Final = "SUBNET_NOT_FOUND"
_INSTANCE_TYPE: Final = re.compile(r"[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}")
_PROFILE: Final = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_RESERVED_AT_THE_START: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What configurations name, as far as AWS can have such a thing."""

    subnets: frozenset[str] = frozenset()
    security_groups: frozenset[str] = frozenset()
    instance_types: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    addresses: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What AWS has of it; ``holders`` is by subnet and address."""

    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    security_groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    instance_types: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    holders: Mapping[tuple[str, str], Interface] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressProblem:
    """Why a server cannot have an address, and who holds it, if somebody."""

    code: str
    message: str
    holder: str = ""

    def refused(self, field_path: str) -> LaunchConfigRefused:
        """Return the error of a configuration with that address."""
        return LaunchConfigRefused(
            self.message,
            code=self.code,
            field=field_path,
            **self.details,
        )

    @property
    def details(self) -> dict[str, str]:
        """Return who holds the address, as errors name it."""
        return {"conflictingResource": self.holder} if self.holder else {}


def named(levels: Sequence[Level]) -> Named:
    """Return what some levels name.

    An address that held so far in the same subnet is not asked for: the
    server itself may be running under it.
    """
    configs = [level.effective for level in levels]
    addresses: dict[str, set[str]] = {}
    for level in levels:
        subnet, address = level.address
        if level.has_other_address:
            addresses.setdefault(subnet, set()).add(address)
    types = {str(one.get("instanceType") or "") for one in configs}
    profiles = {str(one.get("instanceProfileName") or "") for one in configs}
    return Named(
        subnets=frozenset(
            str(c["subnetId"]) for c in configs if "subnetId" in c
        ),
        security_groups=frozenset(
            str(group)
            for config in configs
            for group in config.get("securityGroupIds") or ()
        ),
        instance_types=frozenset(filter(_INSTANCE_TYPE.fullmatch, types)),
        profiles=frozenset(filter(_PROFILE.fullmatch, profiles)),
        addresses={one: frozenset(ips) for one, ips in addresses.items()},
    )


def check_facts(levels: Sequence[Level], facts: Facts) -> None:
    """Check some levels against what AWS has.

    Raises:
        LaunchConfigRefused: ``SUBNET_NOT_FOUND``,
            ``SECURITY_GROUPS_NOT_FOUND``, ``SECURITY_GROUPS_WRONG_VPC``,
            ``INSTANCE_TYPE_UNAVAILABLE``, ``IAM_PROFILE_NOT_FOUND``,
            ``IP_OUT_OF_RANGE``, ``INVALID_CIDR``, ``IP_RESERVED``,
            ``IP_IN_USE``; ``SUBNET_CHANGE_IP_INVALID``: one of the last
            four, of an address that stays where the subnet changes.
    """
    for level in levels:
        _check_subnet(level, facts)
        _check_security_groups(level, facts)
        _check_machine(level, facts)
        _check_address(level, facts)


def address_problem(
    address: str, subnet: Subnet, holder: Interface | None
) -> AddressProblem | None:
    """Return why a private address cannot be taken in a subnet."""
    where = f"{subnet.subnet_id} ({subnet.cidr})"
    try:
        network = IPv4Network(subnet.cidr)
    except ValueError:
        return AddressProblem(
            code="INVALID_CIDR",
            message=f"Subnet {where} has no IPv4 range; use another subnet.",
        )
    wanted = IPv4Address(address)
    if wanted not in network:
        return AddressProblem(
            code="IP_OUT_OF_RANGE",
            message=f"{address} is not in subnet {where}; use an address of "
            "its range.",
        )
    offset = int(wanted) - int(network.network_address)
    if offset < _RESERVED_AT_THE_START or wanted == network.broadcast_address:
        return AddressProblem(
            code="IP_RESERVED",
            message=f"{address} is reserved in subnet {where}: AWS keeps the "
            "first four addresses and the last; use another.",
        )
    if holder is None:
        return None
    return AddressProblem(
        code=IP_IN_USE,
        message=f"{address} is held by network interface "
        f"{holder.interface_id}; use another address, or free this one.",
        holder=holder.instance_id or holder.interface_id,
    )


def subnet_missing(subnet_id: str, field_path: str) -> LaunchConfigRefused:
    """Return the error of a subnet that is not there."""
    return LaunchConfigRefused(
        f"There is no subnet {subnet_id} in the group's account and Region.",
        code=SUBNET_NOT_FOUND,
        field=field_path,
    )


def _check_subnet(level: Level, facts: Facts) -> None:
    subnet = level.effective.get("subnetId")
    if subnet and subnet not in facts.subnets:
        raise subnet_missing(subnet, level.path_of("subnetId"))


def _check_security_groups(level: Level, facts: Facts) -> None:
    wanted = level.effective.get("securityGroupIds") or ()
    path = level.path_of("securityGroupIds")
    missing = sorted(set(wanted) - set(facts.security_groups))
    if missing:
        raise LaunchConfigRefused(
            f"There are no security groups {', '.join(missing)} in the "
            "group's account and Region.",
            code="SECURITY_GROUPS_NOT_FOUND",
            field=path,
            missingSecurityGroups=missing,
        )
    subnet = facts.subnets.get(level.effective.get("subnetId", ""))
    if subnet is None:
        return
    elsewhere = sorted(
        one
        for one in set(wanted)
        if facts.security_groups[one].vpc_id != subnet.vpc_id
    )
    if elsewhere:
        raise LaunchConfigRefused(
            f"Security groups {', '.join(elsewhere)} are not in VPC "
            f"{subnet.vpc_id} of subnet {subnet.subnet_id}; use groups of "
            "that VPC.",
            code="SECURITY_GROUPS_WRONG_VPC",
            field=path,
        )


def _check_machine(level: Level, facts: Facts) -> None:
    kind = level.effective.get("instanceType")
    if kind and kind not in facts.instance_types:
        raise LaunchConfigRefused(
            f"Instance type {shown(kind)} is not offered in the group's "
            "Region; use one that is.",
            code="INSTANCE_TYPE_UNAVAILABLE",
            field=level.path_of("instanceType"),
        )
    profile = level.effective.get("instanceProfileName")
    if profile and profile not in facts.profiles:
        raise LaunchConfigRefused(
            f"There is no instance profile {shown(profile)} in the group's "
            "account; create it there, or use another.",
            code="IAM_PROFILE_NOT_FOUND",
            field=level.path_of("instanceProfileName"),
        )


def _check_address(level: Level, facts: Facts) -> None:
    subnet_id, address = level.address
    if not address:
        return
    problem = address_problem(
        address,
        facts.subnets[subnet_id],
        facts.holders.get(level.address),
    )
    if problem is None:
        return
    if level.has_other_address and level.is_moved:
        raise LaunchConfigRefused(
            f"The subnet changes and the static address does not fit it: "
            f"{problem.message}",
            code="SUBNET_CHANGE_IP_INVALID",
            field=level.path_of("subnetId"),
            reason=problem.code,
            **problem.details,
        )
    raise problem.refused(level.path_of("staticPrivateIp"))
