"""Whether servers exist, replicate, and belong to no other group.

The four checks of assignments under their fixed names. A check that cannot
be made raises; what a group's selection means is decided by its own checks.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_management_handler.domain.place import Place
from data_management_handler.ports import Ports
from data_management_handler.wiring import own_ports
from drs.domain.conflicts import assignment_conflicts
from drs.domain.ports import DrsRegions
from drs.domain.replication import ASSIGNABLE, GOOD, unaccepted
from drs.domain.servers import SourceServer, is_server_id
from drs.domain.tags import TagIndex
from drs.looks import look
from drs.reach import Context, region_of
from shared.domain.account import AccountContext
from shared.domain.account import account_context as account_of
from shared.domain.errors import BadRequest

type Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The other groups of an account's Region, and all of its servers."""

    groups: Sequence[Group]
    servers: TagIndex


def validate_server_replication_states(
    server_ids: Sequence[str],
    region: str,
    account_context: Context = None,
    *,
    accept: Container[str] = GOOD,
    regions: DrsRegions | None = None,
) -> dict[str, Any]:
    """Return the servers whose replication is not in an accepted state.

    Args:
        server_ids: The servers; one that DRS does not have is invalid.
        region: Where.
        account_context: Whose; the hub's without one.
        accept: The accepted states.
        regions: The ways in; this container's without them.

    Raises:
        DrsUnavailable: DRS does not answer.
    """
    servers = _servers(server_ids, region, account_context, regions)
    rows = unaccepted(server_ids, servers, accept)
    return {"valid": not rows, "invalidServers": rows}


def validate_servers_exist_in_drs(
    server_ids: Sequence[str],
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
) -> dict[str, Any]:
    """Return the servers that DRS does not have.

    Raises:
        DrsUnavailable: DRS does not answer.
    """
    servers = _servers(server_ids, region, account_context, regions)
    known = {one.source_server_id for one in servers}
    lost = [one for one in dict.fromkeys(server_ids) if one not in known]
    return {"valid": not lost, "missingServers": lost}


def validate_and_get_source_servers(
    server_ids: Sequence[str],
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
) -> list[SourceServer]:
    """Return servers that a group may take in.

    Raises:
        BadRequest: ``INVALID_SERVERS``, with the reason for each.
        DrsUnavailable: DRS does not answer.
    """
    if not server_ids:
        return []
    lost = validate_servers_exist_in_drs(
        server_ids, region, account_context, regions=regions
    )
    states = validate_server_replication_states(
        server_ids,
        region,
        account_context,
        accept=ASSIGNABLE,
        regions=regions,
    )
    if not (lost["valid"] and states["valid"]):
        invalid = states["invalidServers"]
        raise BadRequest(
            f"{len(invalid)} servers cannot be protected, such as "
            f"{invalid[0]['serverId']}: {invalid[0]['reason']}. Remove them, "
            "or mend their replication.",
            code="INVALID_SERVERS",
            invalidServers=invalid,
            missingServers=lost["missingServers"],
        )
    return _servers(server_ids, region, account_context, regions)


def validate_server_assignments(
    server_ids: Sequence[str],
    protection_group_id: str,
    account_context: Context = None,
    *,
    ports: Ports | None = None,
    neighbours: Neighbours | None = None,
) -> dict[str, Any]:
    """Return the servers that belong to another group already.

    Args:
        server_ids: The servers.
        protection_group_id: The group that is to have them, itself excepted.
        account_context: Whose; every group's own account without one.
        ports: The outside; this container's without it.
        neighbours: What the caller knows of the Region already.

    Raises:
        Unavailable: The servers of another group cannot be told.
    """
    among = (
        [neighbours]
        if neighbours
        else _around(
            protection_group_id, account_context, ports or own_ports()
        )
    )
    rows = [
        row
        for one in among
        for row in assignment_conflicts(server_ids, one.groups, one.servers)
    ]
    return {"valid": not rows, "invalidAssignments": rows}


def _around(
    group_id: str, account_context: Context, ports: Ports
) -> list[Neighbours]:
    """Return the other groups, Region by Region."""
    every = ports.groups.all()
    accounts = {ports.place_of(group).account_id for group in every}
    if account_context is not None:
        accounts = {_account_id(account_context, ports)}
    places: dict[Place, list[Group]] = {}
    for group in every:
        place = ports.place_of(group)
        if group["groupId"] != group_id and place.account_id in accounts:
            places.setdefault(place, []).append(group)
    return [
        Neighbours(
            groups=groups,
            servers=TagIndex(look(ports.at(place).source_servers)),
        )
        for place, groups in places.items()
    ]


def _account_id(
    context: AccountContext | Mapping[str, Any], ports: Ports
) -> str:
    if isinstance(context, Mapping):
        hub = ports.hub_account_id
        context = account_of(context, hub_account_id=hub)
    return ports.stored_account_id(context.account_id)


def _servers(
    server_ids: Sequence[str],
    region: str,
    account_context: Context,
    regions: DrsRegions | None,
) -> list[SourceServer]:
    # DRS refuses a request that names something that is no server's id.
    asked = [one for one in dict.fromkeys(server_ids) if is_server_id(one)]
    if not asked:
        return []
    reach = region_of(region, account_context, regions)
    return look(lambda: reach.source_servers(asked))
