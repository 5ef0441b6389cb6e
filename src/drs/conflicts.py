"""Gathering what is busy: active executions, and active jobs of a Region.

Every look that fails raises; an empty answer always means that nothing is
busy. What a fact means is decided in ``drs.domain.conflicts``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from drs.aws.region import default_regions
from drs.aws.session import default_sessions
from drs.domain.conflicts import (
    Busy,
    InExecution,
    Running,
    conflict_info,
    in_executions,
    in_jobs,
    members,
)
from drs.domain.job import held_servers
from drs.domain.ports import DrsRegions
from drs.domain.tags import TagIndex
from drs.reach import Context, region_of
from drs.remembered import remembering
from shared import metrics
from shared.active_executions import get_all_active_executions
from shared.aws.wiring import own_executions
from shared.domain.errors import CheckUnavailable, DatabaseError, NotFound
from shared.domain.metrics import Metric
from shared.domain.plan import groups_named
from shared.domain.ports import Executions, ServerKey
from shared.domain.record import Record


def active_executions(executions: Executions) -> list[Running]:
    """Return every active execution with its servers."""
    return [
        running(record, executions)
        for record in get_all_active_executions(executions)
    ]


def running(record: Record, executions: Executions) -> Running:
    """Return an execution with its servers and the names of its waves."""
    entries = [
        executions.entry(record, entry.wave_number) or entry
        for entry in record.waves
    ]
    return Running(
        record=record,
        entries=entries,
        reserved=executions.reserved(record),
        wave_names=_wave_names(record, executions),
    )


def servers_in_executions(
    executions: Executions, hub_account_id: str
) -> list[InExecution]:
    """Return the servers of every active execution."""
    return in_executions(active_executions(executions), hub_account_id)


def get_servers_in_active_executions(
    executions: Executions | None = None,
    hub_account_id: str = "",
    *,
    found: Iterable[InExecution] | None = None,
) -> set[str]:
    """Return the servers that active executions work on or are going to.

    Args:
        executions: The history; this container's without it.
        hub_account_id: The account of executions that name none; ours
            without it.
        found: What this request has found already, so as not to look twice.
    """
    if found is None:
        found = servers_in_executions(
            executions or own_executions(),
            hub_account_id or default_sessions().hub_account_id(),
        )
    return {one.server.source_server_id for one in found}


def get_servers_in_active_drs_jobs(
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
) -> set[str]:
    """Return the servers that active launch jobs of a Region work on.

    Args:
        region: Where.
        account_context: Whose; the hub's without one.
        regions: The ways in; this container's without them.
    """
    reach = region_of(region, account_context, regions)
    return set(held_servers(reach.active_jobs()))


def resolve_pg_servers_for_conflict_check(
    protection_group: Mapping[str, Any],
    region: str,
    account_context: Context = None,
    *,
    servers: TagIndex | None = None,
    regions: DrsRegions | None = None,
) -> set[str]:
    """Return the servers of a stored group, by its tags as they match now.

    Args:
        protection_group: The group as stored.
        region: Where its servers are.
        account_context: Whose; the hub's without one.
        servers: All servers of the Region, where they are known already.
        regions: The ways in; this container's without them.

    Raises:
        CheckUnavailable: Its stored tags cannot be read.
    """
    if servers is None and protection_group.get("serverSelectionTags"):
        reach = region_of(region, account_context, regions)
        servers = TagIndex(reach.source_servers())
    return members(protection_group, servers or TagIndex(()))


def get_plans_with_conflicts(
    region: str,
    *,
    wanted: Mapping[str, Collection[ServerKey]],
    busy: Mapping[ServerKey, Sequence[Busy]],
) -> list[dict[str, Any]]:
    """Return the plans whose servers in a Region are busy for others.

    Args:
        region: Where; the server's key says in which account.
        wanted: The servers of each plan.
        busy: What keeps servers busy, of one sweep for all plans.
    """
    rows = []
    for plan_id, servers in wanted.items():
        found = [
            one
            for key in sorted(servers)
            if key.region == region
            for one in busy.get(key, ())
        ]
        info = conflict_info(found, plan_id)
        if info["hasConflict"]:
            rows.append({"planId": plan_id, "conflictInfo": info})
    return rows


def check_server_conflicts(
    server_ids: Collection[str],
    region: str,
    account_context: Context = None,
    *,
    in_runs: Iterable[InExecution] | None = None,
    exclude_execution_id: str = "",
    regions: DrsRegions | None = None,
) -> dict[str, Any]:
    """Return what keeps servers of a Region busy, in executions and jobs.

    Args:
        server_ids: The servers asked about.
        region: Where they are.
        account_context: Whose; the hub's without one.
        in_runs: The servers of every active execution, where they are
            known already.
        exclude_execution_id: The execution that asks; it is in nobody's way.
        regions: The ways in; this container's without them.

    Raises:
        CheckUnavailable: The executions cannot be read.
        DrsUnavailable: DRS does not answer.
    """
    if in_runs is None:
        hub_account_id = default_sessions().hub_account_id()
        in_runs = runs_checked(own_executions(), hub_account_id)
    regions = remembering(regions or default_regions())
    reach = region_of(region, account_context, regions)
    asked = {
        ServerKey(reach.account_id, reach.region, one) for one in server_ids
    }
    every: list[Busy] = list(in_runs)
    if get_servers_in_active_drs_jobs(
        region, account_context, regions=regions
    ).intersection(server_ids):
        every += in_jobs(reach.active_jobs(), reach.account_id, reach.region)
    found = [
        {**one.row(), "serverIds": [one.server.source_server_id]}
        for one in every
        if one.server in asked
        and (not one.execution_id or one.execution_id != exclude_execution_id)
    ]
    metrics.record(Metric.CONFLICT_CHECKS)
    if found:
        metrics.record(Metric.CONFLICTS_FOUND, len(found))
    return {"hasConflicts": bool(found), "conflicts": found}


def runs_checked(
    executions: Executions, hub_account_id: str
) -> list[InExecution]:
    """Return the servers of every active execution, for a check.

    Raises:
        CheckUnavailable: The executions cannot be read.
    """
    try:
        return servers_in_executions(executions, hub_account_id)
    except DatabaseError as error:
        raise CheckUnavailable(
            "The servers of active executions cannot be read, so nothing may "
            f"be started: {error.message} Try again.",
        ) from error


def group_ids(record: Record, executions: Executions) -> frozenset[str]:
    """Return the protection groups that an execution works on."""
    started = {
        group
        for entry in record.waves
        for group in groups_named(
            entry.protection_group_id, entry.protection_group_ids
        )
    }
    try:
        waves = executions.plan(record.key).waves
    except NotFound:
        # Records older than snapshots know their started waves only.
        return frozenset(started)
    planned = {group for wave in waves for group in wave.group_ids}
    return frozenset(started | planned)


def _wave_names(record: Record, executions: Executions) -> dict[int, str]:
    started = {entry.wave_number: entry.wave_name for entry in record.waves}
    try:
        waves = executions.plan(record.key).waves
    except NotFound:
        return started
    return {**{wave.wave_number: wave.name for wave in waves}, **started}
