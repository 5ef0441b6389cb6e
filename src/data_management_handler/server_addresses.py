"""Whether a server of a group could have a static address in a subnet."""

from collections.abc import Mapping
from typing import Any

from data_management_handler.domain.request import needed_text, request_of
from data_management_handler.members import member, server_id_of
from data_management_handler.ports import Ports
from drs.domain.errors import LaunchConfigRefused
from drs.domain.launch_checks import address_problem, subnet_missing
from drs.domain.launch_config import (
    get_effective_launch_config,
    own_config,
)
from drs.domain.launch_values import check_address, check_subnet_id
from drs.domain.lookups import Lookups
from drs.looks import checked
from shared.domain.execution import Wire


def validate_server_static_ip(event: Wire, ports: Ports) -> Wire:
    """Tell whether a server could be given an address, and why it cannot.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``, ``NOT_FOUND``.
        CheckUnavailable: EC2 could not be asked.
    """
    request = request_of(event)
    body = request.needed_body()
    address = needed_text(body, "staticPrivateIp")
    subnet_id = needed_text(body, "subnetId")
    group = ports.groups.find(request.object_id)
    server = member(group, server_id_of(request), ports)
    asked = {"staticPrivateIp": address, "subnetId": subnet_id}
    lookups = ports.lookups_at(ports.place_of(group))
    try:
        _check(asked, group, server.source_server_id, lookups)
    except LaunchConfigRefused as refused:
        told = {"error": refused.code, "message": refused.message}
        held = refused.details.get("conflictingResource")
        more = {"conflictingResource": held} if held else {}
        return {"valid": False, **asked, **told, **more}
    return {"valid": True, **asked}


def _check(
    asked: Mapping[str, str],
    group: Mapping[str, Any],
    server_id: str,
    lookups: Lookups,
) -> None:
    address, subnet_id = asked["staticPrivateIp"], asked["subnetId"]
    check_address(address)
    check_subnet_id(subnet_id)
    _check_unique(address, group, server_id)
    subnets = checked(lambda: lookups.subnets([subnet_id]))
    if not subnets:
        raise subnet_missing(subnet_id, "subnetId")
    has = get_effective_launch_config(group, server_id)
    holders = []
    if any(has.get(name) != value for name, value in asked.items()):
        holders = checked(lambda: lookups.holders(subnet_id, [address]))
    problem = address_problem(
        address, subnets[0], holders[0] if holders else None
    )
    if problem is not None:
        raise problem.refused("staticPrivateIp")


def _check_unique(
    address: str, group: Mapping[str, Any], server_id: str
) -> None:
    for entry in group.get("servers") or ():
        other = str(entry["sourceServerId"])
        taken = own_config(entry).get("staticPrivateIp") == address
        if taken and other != server_id:
            raise LaunchConfigRefused(
                f"{address} is given to server {other} of the group; an "
                "address belongs to one server.",
                code="DUPLICATE_IP",
                conflictingResource=other,
            )
