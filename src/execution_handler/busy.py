"""Refusing a start whose servers are busy elsewhere.

Decides which facts count: what active executions and active DRS jobs work
on, jobs of others included, and what is reserved. How it is told is up to
``drs.domain.conflict_report``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drs.conflicts import busy_servers, running, runs_checked
from drs.domain.conflict_report import causes, report
from drs.domain.conflicts import Busy, InExecution, InJob, in_executions
from execution_handler.ports import Ports
from execution_handler.resolve import Resolved
from shared.domain.errors import Conflict, NotFound
from shared.domain.ports import ServerKey
from shared.domain.status import Status

type Context = Mapping[str, Any]


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
    busy: list[Busy] = []
    for region, servers in by_region(waves).items():
        busy += busy_servers(
            servers,
            ports.region(dict(context), region),
            in_runs,
            exclude_execution_id=execution_id,
        )
    counts = {
        one.execution_id: _counts(one.execution_id, ports)
        for one in busy
        if isinstance(one, InExecution)
    }
    found = [
        one
        for one in busy
        if isinstance(one, InJob) or counts[one.execution_id]
    ]
    if found:
        raise _conflict(found, waves, context)


def held_by_others(
    holders: Mapping[ServerKey, str],
    waves: Sequence[Resolved],
    context: Context,
    ports: Ports,
) -> Conflict:
    """Return the refusal for servers that other executions have reserved."""
    told = {owner: _told(owner, ports) for owner in set(holders.values())}
    found: list[Busy] = [
        told[owner].get(server, replace(told[owner][None], server=server))
        for server, owner in holders.items()
    ]
    return _conflict(found, waves, context)


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


def _conflict(
    busy: Sequence[Busy], waves: Sequence[Resolved], context: Context
) -> Conflict:
    account = str(context["accountId"])
    names: dict[ServerKey, str] = {}
    for wave in waves:
        for one in wave.server_ids:
            key = ServerKey(account, wave.region, one)
            names.setdefault(key, wave.wave.name)
    told = report(busy, names)
    count = len({one.server for one in busy})
    return Conflict(
        f"{count} servers of the plan are busy in {causes(told)}; wait for "
        "that to end.",
        code="SERVER_CONFLICT",
        **told,
    )
