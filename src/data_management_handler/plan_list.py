"""The list of recovery plans, with what is in their way and the last run.

One pass over plans, groups and executions, and one look at each account's
Region, however many plans there are.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from data_management_handler.domain.place import Estate, Place
from data_management_handler.domain.plan_rules import group_ids
from data_management_handler.domain.request import (
    Request,
    flag,
    request_of,
    text,
)
from data_management_handler.estates import estates_of
from data_management_handler.plan_checks import group_servers
from data_management_handler.ports import Ports
from data_management_handler.recovery_plans import shown
from drs.conflicts import get_plans_with_conflicts, servers_in_executions
from drs.domain.conflicts import Busy, of_all_regions
from shared.domain.catalogue import folded
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.ports import ServerKey
from shared.domain.record import Record

type Group = Mapping[str, Any]
type Plan = Mapping[str, Any]


def list_recovery_plans(event: Wire, ports: Ports) -> Wire:
    """Return the plans that the query asks for.

    Raises:
        BadRequest: ``INVALID_FORMAT``, ``INVALID_TYPE``.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        Unavailable: DRS or an account cannot be asked.
    """
    request = request_of(event)
    tag, account_id = _tag_in(request), _account_in(request, ports)
    has_conflict = flag(request.query, "hasConflict")
    status = text(request.query, "status").upper()
    called = folded(text(request.query, "name"))
    exactly = folded(text(request.query, "nameExact"))
    groups = {group["groupId"]: group for group in ports.groups.all()}
    asked = [
        (plan, used)
        for plan in ports.plans.all()
        for used in (_groups(plan, groups),)
        if _is_called(plan, called, exactly)
        and _has_tag(used, tag)
        and _is_in(used, account_id, ports)
    ]
    plans = [plan for plan, _ in asked]
    estates = estates_of([one for _, used in asked for one in used], ports)
    busy = _busy(estates.values(), ports)
    last = _last_runs(ports.executions.runs())
    in_the_way = _in_the_way(
        {
            str(plan["planId"]): _servers(plan, groups, estates, ports)
            for plan in plans
        },
        busy,
    )
    rows = [
        _row(plan, in_the_way[plan["planId"]], last.get(plan["planId"]))
        for plan in plans
    ]
    rows = [row for row in rows if _is_wanted(row, has_conflict, status)]
    return {"recoveryPlans": rows, "count": len(rows)}


def _groups(plan: Plan, groups: Mapping[str, Group]) -> list[Group]:
    return [
        groups[one]
        for wave in plan.get("waves") or ()
        for one in group_ids(wave)
        if one in groups
    ]


def _busy(
    estates: Iterable[Estate], ports: Ports
) -> dict[ServerKey, list[Busy]]:
    every: list[Busy] = [
        *servers_in_executions(ports.executions, ports.hub_account_id)
    ]
    for one in estates:
        every += one.busy
    found: dict[ServerKey, list[Busy]] = {}
    for busy in every:
        found.setdefault(busy.server, []).append(busy)
    return found


def _servers(
    plan: Plan,
    groups: Mapping[str, Group],
    estates: Mapping[Place, Estate],
    ports: Ports,
) -> set[ServerKey]:
    return {
        ServerKey(where.account_id, where.region, server)
        for wave in plan.get("waves") or ()
        for one in group_ids(wave)
        if one in groups
        for where in (estates[ports.place_of(groups[one])],)
        for server in group_servers(
            groups[one], where, wave.get("serverIds") or ()
        )
    }


def _in_the_way(
    wanted: Mapping[str, set[ServerKey]],
    busy: Mapping[ServerKey, list[Busy]],
) -> dict[str, dict[str, Any]]:
    """Return each plan's conflicts, of all its Regions."""
    found: dict[str, list[dict[str, Any]]] = {plan: [] for plan in wanted}
    used = {key.region for keys in wanted.values() for key in keys}
    for region in sorted(used):
        for row in get_plans_with_conflicts(region, wanted=wanted, busy=busy):
            found[row["planId"]].append(row["conflictInfo"])
    return {plan: of_all_regions(infos) for plan, infos in found.items()}


def _last_runs(runs: Iterable[Record]) -> dict[str, Record]:
    ordered = sorted(runs, key=lambda run: run.start_time)
    return {run.plan_id: run for run in ordered}


def _row(plan: Plan, conflict: dict[str, Any], last: Record | None) -> Item:
    return {
        **shown(plan),
        "hasServerConflict": conflict["hasConflict"],
        "conflictInfo": conflict,
        "lastExecutionStatus": str(last.status) if last else None,
        "lastStartTime": last.start_time if last else None,
        "lastEndTime": last.end_time if last else None,
    }


def _is_called(plan: Plan, called: str, exactly: str) -> bool:
    name = folded(str(plan["planName"]))
    return called in name and exactly in ("", name)


def _account_in(request: Request, ports: Ports) -> str | None:
    """Return the account that is asked for, None where none is."""
    if request.query.get("accountId") is None:
        return None
    return ports.account_asked_for(text(request.query, "accountId"))


def _is_in(
    groups: Iterable[Group], account_id: str | None, ports: Ports
) -> bool:
    return account_id is None or any(
        ports.place_of(group).account_id == account_id for group in groups
    )


def _tag_in(request: Request) -> tuple[str, str] | None:
    tag = text(request.query, "tag")
    if not tag:
        return None
    key, joint, value = tag.partition("=")
    if not joint or not key.strip():
        raise BadRequest(
            "'tag' must be of the form key=value.",
            code="INVALID_FORMAT",
            field="tag",
        )
    return folded(key), folded(value)


def _has_tag(groups: Iterable[Group], tag: tuple[str, str] | None) -> bool:
    return tag is None or any(
        tag == (folded(str(key)), folded(str(value)))
        for group in groups
        for key, value in (group.get("serverSelectionTags") or {}).items()
    )


def _is_wanted(row: Item, has_conflict: bool | None, status: str) -> bool:
    if has_conflict not in (None, row["hasServerConflict"]):
        return False
    return status in ("", row["lastExecutionStatus"])
