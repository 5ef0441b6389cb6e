"""Gathering what is busy: active executions, and active jobs of a Region.

Every look that fails raises; an empty answer always means that nothing is
busy. What a fact means is decided in ``drs.domain.conflicts``.
"""

from drs.domain.conflicts import InExecution, Running, in_executions
from shared.domain.errors import NotFound
from shared.domain.plan import groups_named
from shared.domain.ports import Executions
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
