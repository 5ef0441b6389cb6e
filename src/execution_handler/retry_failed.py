"""Retrying what an execution did not launch, as a new execution.

The new run has the plan as the first one approved it, cut down to the
servers that did not reach LAUNCHED. Those of a wave that ran are in its
entry; those of a wave that never ran are the ones that were noted for it
at the start. A server that another wave has launched is left out.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from execution_handler import requests
from execution_handler.accept import (
    PLAN_EXECUTION_CONFLICT,
    Start,
    accept,
    answered_again,
)
from execution_handler.ports import Ports
from execution_handler.start_execution import execution_id
from shared.domain.errors import BadRequest, Conflict, NotFound
from shared.domain.execution import Wire
from shared.domain.identity import direct_caller
from shared.domain.plan import Plan, PlanWave, check_runnable
from shared.domain.record import Key, Record, WaveEntry
from shared.domain.status import LaunchStatus, Status, WaveStatus

RETRYABLE: Final = frozenset({Status.PARTIAL, Status.FAILED, Status.TIMEOUT})
# Another retry has the plan, or was quicker.
_LOST: Final = frozenset({"PLAN_ALREADY_EXECUTING", PLAN_EXECUTION_CONFLICT})


def retry_failed(event: Wire, ports: Ports) -> Wire:
    """Start a retry of an execution and return its execution id, PENDING.

    While a retry of it is active, a repeated call answers that one.

    Raises:
        BadRequest: ``EXECUTION_NOT_RETRYABLE``, and what a start is refused
            for.
        NotFound: ``EXECUTION_NOT_FOUND``, a group.
        Conflict: ``PLAN_ALREADY_EXECUTING``, ``SERVER_CONFLICT``.
    """
    first_id = requests.execution_named(event)
    token = requests.client_token(event)
    include_skipped = requests.flag(event, "includeSkipped")
    first = ports.run.executions.find(first_id)
    _check_ended(first)
    new = Key(execution_id(token, first.plan_id, first_id), first.plan_id)
    active = _active_retry(first, ports)
    if active is not None:
        return answered_again(active, first, ports)
    start = Start(
        key=new,
        plan=_plan_of_retry(first, ports, include_skipped=include_skipped),
        kind=first.execution_type,
        initiated_by=direct_caller(event),
        client_token=token,
        retried=first,
    )
    try:
        return accept(start, ports)
    except Conflict as conflict:
        if conflict.code not in _LOST:
            raise
        active = _active_retry(ports.run.executions.record(first.key), ports)
        if active is None:
            raise
        return answered_again(active, first, ports)


def _check_ended(first: Record) -> None:
    if first.status not in RETRYABLE:
        raise BadRequest(
            f"Execution {first.execution_id} is {first.status}; only one "
            f"that is {', '.join(sorted(RETRYABLE))} can be retried.",
            code="EXECUTION_NOT_RETRYABLE",
        )
    if not first.finalized_at:
        raise BadRequest(
            f"Execution {first.execution_id} has servers whose launch is not "
            "over, or is still being closed; try again in a few minutes.",
            code="EXECUTION_NOT_RETRYABLE",
        )


def _active_retry(first: Record, ports: Ports) -> Record | None:
    """Return the retry that is still active, where one is."""
    if not first.retried_by:
        return None
    key = Key(first.retried_by, first.plan_id)
    try:
        record = ports.run.executions.record(key)
    except NotFound:
        return None
    return None if record.status.is_terminal else record


def _plan_of_retry(
    first: Record, ports: Ports, *, include_skipped: bool
) -> Plan:
    """Return the approved plan, cut down to what was not launched.

    Raises:
        BadRequest: ``EXECUTION_NOT_RETRYABLE``: nothing is left to launch;
            what a plan is refused for that no run could carry out.
    """
    plan = ports.run.executions.plan(first.key)
    check_runnable(plan)
    left = _left(first, plan, ports, include_skipped=include_skipped)
    if not left:
        raise BadRequest(
            f"Nothing of execution {first.execution_id} is left to launch: "
            "every server of its waves was launched, waves that were "
            "skipped excepted. Retry with 'includeSkipped' to run those.",
            code="EXECUTION_NOT_RETRYABLE",
        )
    numbers = {old: new for new, old in enumerate(left)}
    waves = tuple(
        _renumbered(plan.wave(old), numbers, only)
        for old, only in left.items()
    )
    return replace(plan, waves=waves)


def _left(
    first: Record, plan: Plan, ports: Ports, *, include_skipped: bool
) -> dict[int, tuple[str, ...] | None]:
    """Return the waves to run again, each with its servers.

    None means whatever the wave resolves to: nothing was noted for it, as
    its start was refused before its servers were known.
    """
    entries = {
        entry.wave_number: ports.run.executions.entry(first, entry.wave_number)
        or entry
        for entry in first.waves
    }
    launched = {
        server.source_server_id
        for entry in entries.values()
        for server in entry.server_statuses
        if server.launch_status == LaunchStatus.LAUNCHED
    }
    noted = {
        group.wave_number: group.server_ids
        for group in ports.run.executions.reserved(first)
    }
    left: dict[int, tuple[str, ...] | None] = {}
    for wave in plan.waves:
        number = wave.wave_number
        entry = entries.get(number)
        if _is_skipped(entry) and not include_skipped:
            continue
        servers = entry.server_ids if entry else ()
        servers = servers or noted.get(number, ())
        if not servers:
            left[number] = wave.only_server_ids
            continue
        only = tuple(one for one in servers if one not in launched)
        if only:
            left[number] = only
    return left


def _is_skipped(entry: WaveEntry | None) -> bool:
    return entry is not None and entry.status is WaveStatus.SKIPPED


def _renumbered(
    wave: PlanWave,
    numbers: Mapping[int, int],
    only: tuple[str, ...] | None,
) -> PlanWave:
    """Return the wave at its new place, not depending on those left out."""
    return replace(
        wave,
        wave_number=numbers[wave.wave_number],
        wave_name=wave.name,
        depends_on_waves=tuple(
            numbers[number]
            for number in wave.depends_on_waves
            if number in numbers
        ),
        only_server_ids=only,
    )
