"""What a launch configuration may choose, as lists of choices.

All pages, in the account and Region asked for.
"""

from collections.abc import Callable
from typing import Any, Final

from drs.domain.lookups import (
    InstanceProfile,
    InstanceType,
    Lookups,
    SecurityGroup,
    Subnet,
)
from query_handler import ports as outside
from query_handler.accounts import account_in
from query_handler.params import params_of, region_in, vpc_in
from shared.domain.execution import Wire

DESCRIPTION_CHARACTERS: Final = 100


def get_ec2_subnets(event: Wire, ports: outside.Lookups) -> Wire:
    """Return the subnets of an account's Region."""

    def subnets(at: Lookups) -> list[Subnet]:
        return at.subnets()

    return {"subnets": _chosen(event, ports, subnets, _subnet)}


def get_ec2_security_groups(event: Wire, ports: outside.Lookups) -> Wire:
    """Return the security groups of an account's Region, or of a VPC."""
    vpc_id = vpc_in(params_of(event))

    def groups(at: Lookups) -> list[SecurityGroup]:
        return at.security_groups(vpc_id=vpc_id)

    return {"securityGroups": _chosen(event, ports, groups, _security_group)}


def get_ec2_instance_profiles(event: Wire, ports: outside.Lookups) -> Wire:
    """Return the instance profiles of an account."""

    def profiles(at: Lookups) -> list[InstanceProfile]:
        return at.instance_profiles()

    return {"instanceProfiles": _chosen(event, ports, profiles, _profile)}


def get_ec2_instance_types(event: Wire, ports: outside.Lookups) -> Wire:
    """Return the instance types of a Region that are no bare metal."""

    def types(at: Lookups) -> list[InstanceType]:
        return [one for one in at.instance_types() if not _is_metal(one.name)]

    return {"instanceTypes": _chosen(event, ports, types, _instance_type)}


def _chosen[T](
    event: Wire,
    ports: outside.Lookups,
    asks: Callable[[Lookups], list[T]],
    shows: Callable[[T], dict[str, Any]],
) -> list[dict[str, Any]]:
    params = params_of(event)
    region = region_in(params, ports)
    at = ports.ec2(account_in(params, ports), region)
    return [shows(one) for one in ports.look(lambda: asks(at))]


def _subnet(one: Subnet) -> dict[str, Any]:
    return {
        "value": one.subnet_id,
        "label": _label(one.name, one.subnet_id, one.cidr, one.zone),
        "vpcId": one.vpc_id,
        "az": one.zone,
        "cidr": one.cidr,
    }


def _security_group(one: SecurityGroup) -> dict[str, Any]:
    return {
        "value": one.group_id,
        "label": _label(one.name, one.group_id),
        "name": one.name,
        "vpcId": one.vpc_id,
        "description": one.description[:DESCRIPTION_CHARACTERS],
    }


def _profile(one: InstanceProfile) -> dict[str, Any]:
    return {"value": one.name, "label": one.name, "arn": one.arn}


def _instance_type(one: InstanceType) -> dict[str, Any]:
    memory = round(one.memory_mib / 1024, 1)
    return {
        "value": one.name,
        "label": f"{one.name} ({one.vcpus} vCPU, {memory:g} GiB)",
        "vcpus": one.vcpus,
        "memoryGb": memory,
    }


def _is_metal(name: str) -> bool:
    return name.partition(".")[2].startswith("metal")


def _label(name: str, *facts: str) -> str:
    known = ", ".join(fact for fact in facts if fact)
    return f"{name} ({known})" if name else known
