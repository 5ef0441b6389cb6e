"""Whether the values of a launch configuration have a form that can work.

Decides what can be told without EC2: forms of ids and addresses, an address
without a subnet, two servers with one address. Which fields there are is
said in ``launch_fields``; whether a subnet exists is EC2's to say.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final

from shared.domain.errors import BadRequest

_SUBNET: Final = re.compile(r"subnet-([0-9a-f]{17}|[0-9a-f]{8})")
_SECURITY_GROUP: Final = re.compile(r"sg-[0-9a-f]{8,17}")


def check_group_values(
    launch_config: Mapping[str, Any], server_count: int
) -> None:
    """Check the values of a group's configuration.

    Raises:
        BadRequest: ``INVALID_IP_FORMAT``, ``IP_NOT_PRIVATE``,
            ``MISSING_SUBNET``, ``INVALID_SUBNET_FORMAT``,
            ``INVALID_SECURITY_GROUP_FORMAT``, or ``INVALID_LAUNCH_CONFIG``:
            one address for several servers.
    """
    _check(launch_config, launch_config)
    if launch_config.get("staticPrivateIp") and server_count != 1:
        raise BadRequest(
            f"One staticPrivateIp cannot serve the {server_count} servers of "
            "the group; set it per server.",
            code="INVALID_LAUNCH_CONFIG",
            field="launchConfig.staticPrivateIp",
        )


def check_server_values(
    launch_config: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> None:
    """Check the values of the servers' own configurations together.

    Raises:
        BadRequest: As for a group, or ``DUPLICATE_IP``.
    """
    holders: dict[str, str] = {}
    for entry in entries:
        own = entry.get("launchTemplate") or {}
        inherits = entry.get("useGroupDefaults", True)
        _check(own, {**launch_config, **own} if inherits else own)
        address = own.get("staticPrivateIp")
        if not address:
            continue
        server = str(entry["sourceServerId"])
        other = holders.setdefault(str(IPv4Address(address)), server)
        if other != server:
            raise BadRequest(
                f"{address} is given to {other} and to {server}; an address "
                "belongs to one server.",
                code="DUPLICATE_IP",
                field="staticPrivateIp",
                conflictingResource=other,
            )


def check_address(address: str) -> None:
    """Check that an address is a private IPv4 address.

    Raises:
        BadRequest: ``INVALID_IP_FORMAT``, ``IP_NOT_PRIVATE``.
    """
    try:
        parsed = IPv4Address(address)
    except AddressValueError as error:
        raise BadRequest(
            f"staticPrivateIp {address!r} is no IPv4 address.",
            code="INVALID_IP_FORMAT",
            field="staticPrivateIp",
        ) from error
    if not parsed.is_private:
        raise BadRequest(
            f"staticPrivateIp {address} is not private.",
            code="IP_NOT_PRIVATE",
            field="staticPrivateIp",
        )


def _check(own: Mapping[str, Any], effective: Mapping[str, Any]) -> None:
    """Check what a level sets, given what holds in the end."""
    if own.get("staticPrivateIp"):
        check_address(own["staticPrivateIp"])
        if not effective.get("subnetId"):
            raise BadRequest(
                "staticPrivateIp needs the subnet that it lies in; set "
                "subnetId too.",
                code="MISSING_SUBNET",
                field="subnetId",
            )
    _check_form(own.get("subnetId"), _SUBNET, "INVALID_SUBNET_FORMAT")
    for group in own.get("securityGroupIds") or ():
        _check_form(group, _SECURITY_GROUP, "INVALID_SECURITY_GROUP_FORMAT")


def _check_form(value: str | None, form: re.Pattern[str], code: str) -> None:
    if value and not form.fullmatch(value):
        raise BadRequest(
            f"{value!r} is not of the form {form.pattern}.", code=code
        )
