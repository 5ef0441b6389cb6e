"""Gathering what is busy: active executions, and active jobs of a Region.

Every look that fails raises; an empty answer always means that nothing is
busy. What a fact means is decided in ``drs.domain.conflicts``.
"""

from collections.abc import Collection, Sequence

from drs.domain.conflicts import (
    Busy,
    InExecution,
    InJob,
    Running,
    in_executions,
    in_jobs,
)
from drs.domain.ports import DrsRegion
from shared.domain.errors import CheckUnavailable, DatabaseError, NotFound
from shared.domain.plan import groups_named
from shared.domain.ports import Executions, ServerKey
from shared.domain.record import Record


def active_executions(executions: Executions) -> list[Running]:
    """Return every active execution with its servers."""
    return [running(record, executions) for record in executions.active()]


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


def servers_in_jobs(region: DrsRegion) -> list[InJob]:
    """Return the servers that active launch jobs of a Region work on."""
    return in_jobs(region.active_jobs(), region.account_id, region.region)


def busy_servers(
    server_ids: Collection[str],
    region: DrsRegion,
    in_runs: Sequence[InExecution],
    *,
    exclude_execution_id: str = "",
) -> list[Busy]:
    """Return what keeps servers of a Region busy, in executions and jobs.

    Args:
        server_ids: The servers asked about.
        region: Where they are.
        in_runs: The servers of every active execution.
        exclude_execution_id: The execution that asks; it is in nobody's way.
    """
    every: list[Busy] = [*in_runs, *servers_in_jobs(region)]
    asked = {
        ServerKey(region.account_id, region.region, one) for one in server_ids
    }
    return [
        one
        for one in every
        if one.server in asked
        and (not one.execution_id or one.execution_id != exclude_execution_id)
    ]


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
