"""Whether the values of a launch configuration have a form that can work.

Decides what can be told without EC2: forms of ids and addresses, an address
without a subnet, two servers with one address. Which fields there are is
said in ``launch_fields``; whether a subnet exists in ``launch_checks``.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final

from drs.domain.errors import LaunchConfigRefused
from drs.domain.launch_config import own_config
from drs.domain.launch_levels import GROUP_PATH, Level
from shared.domain.wire import shown

_SUBNET: Final = re.compile(r"subnet-([0-9a-f]{17}|[0-9a-f]{8})")
_SECURITY_GROUP: Final = re.compile(r"sg-[0-9a-f]{8,17}")
_MISSING: Final = {
    "subnetId": "MISSING_SUBNET_ID",
    "instanceType": "MISSING_INSTANCE_TYPE",
    "instanceProfileName": "MISSING_IAM_PROFILE",
}


def check_values(levels: Sequence[Level]) -> None:
    """Check the values of some levels of a group.

    Raises:
        LaunchConfigRefused: ``INVALID_IP_FORMAT``, ``IP_NOT_PRIVATE``,
            ``MISSING_SUBNET``, ``MISSING_SUBNET_ID``,
            ``INVALID_SUBNET_FORMAT``, ``MISSING_INSTANCE_TYPE``,
            ``MISSING_IAM_PROFILE``, ``INVALID_SECURITY_GROUP_FORMAT``.
    """
    for level in levels:
        _check_forms(level)
        if level.address[1] and not level.address[0]:
            raise LaunchConfigRefused(
                "staticPrivateIp needs the subnet that it lies in; set "
                "subnetId too.",
                code="MISSING_SUBNET",
                field=f"{level.path}.subnetId",
            )


def check_group_address(
    launch_config: Mapping[str, Any], server_count: int
) -> None:
    """Check that an address of a whole group is for one server.

    Raises:
        LaunchConfigRefused: ``INVALID_LAUNCH_CONFIG``.
    """
    if launch_config.get("staticPrivateIp") and server_count != 1:
        raise LaunchConfigRefused(
            f"One staticPrivateIp cannot serve the {server_count} servers of "
            "the group; set it per server.",
            field=f"{GROUP_PATH}.staticPrivateIp",
        )


def check_distinct(
    group: Mapping[str, Any],
    paths: Mapping[str, str],
    batch: Collection[str] = (),
) -> None:
    """Check that no two servers of a group are given one address.

    Args:
        group: The whole group as it is to be.
        paths: Where the request has the servers' entries.
        batch: The servers that are changed at once.

    Raises:
        LaunchConfigRefused: ``DUPLICATE_IP``; ``DUPLICATE_IP_IN_BATCH``:
            both are of the batch.
    """
    holders: dict[str, str] = {}
    for entry in group.get("servers") or ():
        address = own_config(entry).get("staticPrivateIp")
        if not address:
            continue
        server = str(entry["sourceServerId"])
        other = holders.setdefault(str(address), server)
        if other == server:
            continue
        both = {server, other} <= set(batch)
        told = server if server in paths else other
        path = paths.get(told, "servers")
        raise LaunchConfigRefused(
            f"{address} is given to {other} and to {server}; an address "
            "belongs to one server.",
            code="DUPLICATE_IP_IN_BATCH" if both else "DUPLICATE_IP",
            field=f"{path}.staticPrivateIp",
            conflictingResource=server if told == other else other,
        )


def check_address(address: str, field: str = "staticPrivateIp") -> None:
    """Check that an address is a private IPv4 address.

    Raises:
        LaunchConfigRefused: ``INVALID_IP_FORMAT``, ``IP_NOT_PRIVATE``.
    """
    try:
        parsed = IPv4Address(address)
    except AddressValueError as error:
        raise LaunchConfigRefused(
            f"staticPrivateIp {shown(address)} is no IPv4 address.",
            code="INVALID_IP_FORMAT",
            field=field,
        ) from error
    if not parsed.is_private:
        raise LaunchConfigRefused(
            f"staticPrivateIp {address} is not private.",
            code="IP_NOT_PRIVATE",
            field=field,
        )


def check_subnet_id(subnet_id: str, field: str = "subnetId") -> None:
    """Check the form of a subnet's id.

    Raises:
        LaunchConfigRefused: ``MISSING_SUBNET_ID``,
            ``INVALID_SUBNET_FORMAT``.
    """
    _check_given("subnetId", subnet_id, field)
    _check_form(subnet_id, _SUBNET, "INVALID_SUBNET_FORMAT", field)


def _check_forms(level: Level) -> None:
    own = level.own
    if "staticPrivateIp" in own:
        path = level.path_of("staticPrivateIp")
        check_address(own["staticPrivateIp"], path)
    if "subnetId" in own:
        check_subnet_id(own["subnetId"], level.path_of("subnetId"))
    for name in ("instanceType", "instanceProfileName"):
        if name in own:
            _check_given(name, own[name], level.path_of(name))
    path = level.path_of("securityGroupIds")
    for at, group in enumerate(own.get("securityGroupIds") or ()):
        _check_form(
            group,
            _SECURITY_GROUP,
            "INVALID_SECURITY_GROUP_FORMAT",
            f"{path}[{at}]",
        )


def _check_given(name: str, value: str, field: str) -> None:
    if not value.strip():
        raise LaunchConfigRefused(
            f"{name} is empty; name one, or leave it out.",
            code=_MISSING[name],
            field=field,
        )


def _check_form(
    value: str, form: re.Pattern[str], code: str, field: str
) -> None:
    if not form.fullmatch(value):
        raise LaunchConfigRefused(
            f"{shown(value)} is not of the form {form.pattern}.",
            code=code,
            field=field,
        )
