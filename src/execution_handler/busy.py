"""Refusing a start whose servers are busy elsewhere.

Decides which facts count: what active executions and active DRS jobs work
on, jobs of others included, and what is reserved. How it is told is up to
``drs.domain.conflict_report``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drs.conflicts import check_server_conflicts, running, runs_checked
from drs.domain.conflict_report import causes, report
from drs.domain.conflicts import InExecution, in_executions
from execution_handler.ports import Ports
from execution_handler.resolve import Resolved
from shared.domain.errors import Conflict, NotFound
from shared.domain.ports import ServerKey
from shared.domain.status import Status

type Context = Mapping[str, Any]
type Row = Mapping[str, Any]


def by_region(waves: Iterable[Resolved]) -> dict[str, list[str]]:
    """Return the servers of each Region, that of the first wave first."""
    found: dict[str, dict[str, None]] = {}
    for wave in waves:
        found.setdefault(wave.region, {}).update(
            dict.fromkeys(wave.server_ids)
        )
    return {region: list(servers) for region, servers in found.items()}


def check_conflicts(
    execution_id: str,
    waves: Sequence[Resolved],
    context: Context,
    ports: Ports,
) -> None:
    """Refuse servers that an active execution or DRS job works on.

    An execution whose own checks go on is not in the way by what it noted:
    between such, their reservations decide.

    Raises:
        Conflict: ``SERVER_CONFLICT``.
        CheckUnavailable: The executions cannot be read.
    """
    in_runs = runs_checked(ports.run.executions, ports.run.hub_account_id)
    account = ports.account(dict(context))
    rows: list[Row] = []
    for region, servers in by_region(waves).items():
        found = check_server_conflicts(
            servers,
            region,
            account,
            in_runs=in_runs,
            exclude_execution_id=execution_id,
            regions=ports.drs,
        )
        rows += _named(found["conflicts"], region, waves)
    runs = {row["conflictingExecutionId"] for row in rows if _of_run(row)}
    over = {one for one in runs if not _counts(one, ports)}
    left = [
        row
        for row in rows
        if not _of_run(row) or row["conflictingExecutionId"] not in over
    ]
    if left:
        raise _conflict(left)


def held_by_others(
    holders: Mapping[ServerKey, str],
    waves: Sequence[Resolved],
    ports: Ports,
) -> Conflict:
    """Return the refusal for servers that other executions have reserved."""
    told = {owner: _told(owner, ports) for owner in set(holders.values())}
    rows = [
        row
        for server, owner in holders.items()
        for busy in (
            told[owner].get(server, replace(told[owner][None], server=server)),
        )
        for row in _named([busy.row()], server.region, waves)
    ]
    return _conflict(rows)


def _of_run(row: Row) -> bool:
    return bool(row["conflictSource"] == "execution")


def _named(
    rows: Iterable[Row], region: str, waves: Iterable[Resolved]
) -> list[Row]:
    """Return conflicts with the wave that wants the server."""
    names: dict[str, str] = {}
    for wave in waves:
        if wave.region == region:
            for one in wave.server_ids:
                names.setdefault(one, wave.wave.name)
    return [
        {
            **{k: v for k, v in row.items() if k != "serverIds"},
            "waveName": names.get(str(row["serverId"]), ""),
        }
        for row in rows
    ]


def _counts(execution_id: str, ports: Ports) -> bool:
    """Tell whether an execution is in the way; an index may learn it late."""
    try:
        record = ports.run.executions.find(execution_id)
    except NotFound:
        return False
    return not record.status.is_terminal and not record.checks


def _told(
    execution_id: str, ports: Ports
) -> dict[ServerKey | None, InExecution]:
    """Return what an execution says of its servers.

    Under None is what holds for those that it does not speak of. One that
    has no record yet is just being started.
    """
    unnamed = InExecution(
        server=ServerKey("", "", ""),
        execution_id=execution_id,
        plan_id="",
        wave_name="",
        status=str(Status.PENDING),
    )
    try:
        record = ports.run.executions.find(execution_id)
    except NotFound:
        return {None: unnamed}
    every = in_executions(
        [running(record, ports.run.executions)], ports.run.hub_account_id
    )
    known = replace(unnamed, plan_id=record.plan_id, status=str(record.status))
    return {None: known} | {one.server: one for one in every}


def _conflict(rows: Sequence[Row]) -> Conflict:
    told = report(rows)
    count = len({row["serverId"] for row in rows})
    return Conflict(
        f"{count} servers of the plan are busy in {causes(told)}; wait for "
        "that to end.",
        code="SERVER_CONFLICT",
        **told,
    )
