"""Whether a group may have the servers that it selects.

Asks for the facts, all of them, in the contract's order: other groups,
activity, existence and replication, size. Every check that cannot be made
ends the request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_management_handler.domain.group_rules import Selection, check_size
from data_management_handler.domain.place import Place
from data_management_handler.ports import Ports
from data_management_handler.server_checks import (
    Neighbours,
    validate_and_get_source_servers,
    validate_server_assignments,
)
from drs.conflicts import check_server_conflicts, group_ids
from drs.domain.conflicts import tag_conflicts
from drs.domain.ports import DrsRegion, DrsRegions
from drs.domain.servers import SourceServer
from drs.domain.tags import TagIndex, matching
from drs.looks import look
from drs.remembered import remembering
from shared.domain.errors import Conflict
from shared.domain.record import Record
from shared.domain.status import Status

type Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All servers of a Region, and the ids of those that are selected."""

    servers: Sequence[SourceServer]
    selected: Sequence[str]

    @property
    def members(self) -> list[SourceServer]:
        """Return the selected servers that DRS has."""
        wanted = set(self.selected)
        return [s for s in self.servers if s.source_server_id in wanted]


def find(selection: Selection, place: Place, ports: Ports) -> Found:
    """Return the servers that a selection has now."""
    return _found(selection, ports.at(place))


def _found(selection: Selection, reach: DrsRegion) -> Found:
    servers = look(reach.source_servers)
    if not selection.tags:
        return Found(servers=servers, selected=selection.server_ids)
    chosen = matching(servers, selection.tags)
    return Found(
        servers=servers, selected=[one.source_server_id for one in chosen]
    )


def check_selection(
    selection: Selection,
    place: Place,
    groups: Sequence[Group],
    ports: Ports,
    *,
    own_id: str = "",
    had: Sequence[str] = (),
) -> Found:
    """Return the servers of a selection that a group may have.

    Args:
        selection: What the group is to select.
        place: Where.
        groups: Every stored group.
        ports: The outside.
        own_id: The group's own id, once it has one.
        had: The servers that it has already; they may be busy or broken.

    Raises:
        Conflict: ``TAG_CONFLICT``, ``SERVER_CONFLICT``.
        BadRequest: ``INVALID_SERVERS``, ``QUOTA_EXCEEDED``.
    """
    account = ports.account(place.account_id, place.assume_role_name)
    regions = remembering(ports.drs)
    found = _found(selection, regions(account, place.region))
    others = [
        group
        for group in groups
        if ports.place_of(group).here == place.here
        and group["groupId"] != own_id
    ]
    _check_others(selection, found, others, own_id)
    before = set(had)
    added = [one for one in found.selected if one not in before]
    _check_idle(added, place, regions, ports)
    validate_and_get_source_servers(
        added, place.region, account, regions=regions
    )
    check_size(found.selected)
    return found


def check_not_running(
    group: Group, ports: Ports, *, while_paused: bool
) -> None:
    """Refuse what must not happen to a group in an active execution.

    Raises:
        Conflict: ``PG_IN_ACTIVE_EXECUTION``.
    """
    for record in ports.executions.active():
        if while_paused and record.status is Status.PAUSED:
            continue
        if group["groupId"] in group_ids(record, ports.executions):
            raise Conflict(
                f"Group {group['groupName']} is in execution "
                f"{record.execution_id} of plan {record.plan_name}, which is "
                f"{record.status}; wait for its end, or cancel it.",
                code="PG_IN_ACTIVE_EXECUTION",
                activeExecution=_active(record),
            )


def _check_others(
    selection: Selection,
    found: Found,
    others: Sequence[Group],
    own_id: str,
) -> None:
    known = TagIndex(found.servers)
    if selection.tags:
        rows = tag_conflicts(selection.tags, found.selected, others, known)
        if rows:
            names = ", ".join(row["protectionGroupName"] for row in rows)
            raise Conflict(
                f"The tags select what {names} selects; choose tags that no "
                "other group's servers have.",
                code="TAG_CONFLICT",
                conflicts=rows,
            )
        others = [g for g in others if not g.get("serverSelectionTags")]
    taken = validate_server_assignments(
        found.selected,
        own_id,
        neighbours=Neighbours(groups=others, servers=known),
    )["invalidAssignments"]
    if taken:
        raise Conflict(
            f"{len(taken)} servers belong to another group, such as "
            f"{taken[0]['serverId']} to {taken[0]['protectionGroupName']}; a "
            "server has one group.",
            code="SERVER_CONFLICT",
            conflicts=taken,
        )


def _check_idle(
    added: Sequence[str], place: Place, regions: DrsRegions, ports: Ports
) -> None:
    """Refuse servers that an active execution or DRS job works on."""
    if not added:
        return
    found = look(
        lambda: check_server_conflicts(
            added,
            place.region,
            ports.account(place.account_id, place.assume_role_name),
            in_runs=ports.servers_in_executions(),
            regions=regions,
        )
    )
    if found["hasConflicts"]:
        rows = [
            {name: row[name] for name in row if name != "serverIds"}
            for row in found["conflicts"]
        ]
        raise Conflict(
            f"{len({row['serverId'] for row in rows})} servers are in active "
            "executions or DRS jobs; wait for their end.",
            code="SERVER_CONFLICT",
            conflicts=rows,
        )


def _active(record: Record) -> dict[str, Any]:
    return {
        "executionId": record.execution_id,
        "planId": record.plan_id,
        "planName": record.plan_name,
        "status": str(record.status),
    }
