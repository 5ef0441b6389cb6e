"""Pausing, resuming and cancelling an execution, as people ask.

A request is a status that the next step of the run sees; only a resume
speaks to the state machine at once. Requests may be repeated.
"""

from execution_handler.facts import machine_runs
from execution_handler.pauses import release_pause
from execution_handler.ports import Ports
from execution_handler.requests import execution_named
from shared import log
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.identity import direct_caller
from shared.domain.plan import wave_order
from shared.domain.record import Change, Record
from shared.domain.status import Event, Status, WaveStatus, after, follows
from shared.domain.updates import iso
from shared.domain.waves import EndRun, at_boundary
from shared.run import TRIES, cancel_now, keeps_changing

PAUSABLE = (Status.RUNNING, Status.POLLING, Status.IN_PROGRESS)


def pause(event: Wire, ports: Ports) -> Wire:
    """Ask for a pause before the next wave.

    Raises:
        BadRequest: ``EXECUTION_NOT_PAUSABLE``, ``EXECUTION_NO_WAVES``,
            ``SINGLE_WAVE_NOT_PAUSABLE``, ``NO_PENDING_WAVES``.
        NotFound: ``EXECUTION_NOT_FOUND``.
    """
    execution_id = execution_named(event)
    for _ in range(TRIES):
        record = ports.run.executions.find(execution_id)
        if record.status in (Status.PAUSED, Status.PAUSE_PENDING):
            return _pausing(record)
        _check_pausable(record)
        change = Change(
            status=after(record.status, Event.PAUSE_REQUESTED),
            set={
                "pause_reason": str(event.get("reason") or "")[:500],
                "paused_by": direct_caller(event),
            },
        )
        written = ports.run.executions.commit(record, change)
        if written is not None:
            log.event("pause_requested", execution_id=execution_id)
            return _pausing(written)
    raise keeps_changing(record.key)


def _check_pausable(record: Record) -> None:
    if record.status not in PAUSABLE:
        raise BadRequest(
            f"Execution {record.execution_id} is {record.status}; only one "
            "that runs can be paused.",
            code="EXECUTION_NOT_PAUSABLE",
        )
    if not record.total_waves:
        raise BadRequest(
            "The execution has no waves.", code="EXECUTION_NO_WAVES"
        )
    if record.total_waves == 1:
        raise BadRequest(
            "The plan has one wave; there is no boundary to pause at.",
            code="SINGLE_WAVE_NOT_PAUSABLE",
        )
    if len(record.entered_waves) >= record.total_waves:
        raise BadRequest(
            "The last wave runs already; cancel the execution to stop it.",
            code="NO_PENDING_WAVES",
        )


def _pausing(record: Record) -> Wire:
    done = [
        entry.wave_number
        for entry in record.waves
        if entry.status is WaveStatus.COMPLETED
    ]
    return {
        "executionId": record.execution_id,
        "status": str(record.status),
        "message": "The execution pauses before its next wave.",
        "lastCompletedWave": done[-1] if done else None,
    }


def resume(event: Wire, ports: Ports) -> Wire:
    """Release a pause: answer the task that waits.

    The record changes when the state machine goes on. A lost race with
    another resume answers the same.

    Raises:
        BadRequest: ``EXECUTION_NOT_PAUSED``, ``RESUME_TOKEN_MISSING``,
            ``RESUME_TOKEN_EXPIRED``, ``RESUME_TOKEN_INVALID``.
        NotFound: ``EXECUTION_NOT_FOUND``.
    """
    record = ports.run.executions.find(execution_named(event))
    if record.status is not Status.PAUSED:
        if record.resumed_by and record.status in PAUSABLE:
            return _resuming(record, ports)
        raise BadRequest(
            f"Execution {record.execution_id} is {record.status}, not "
            "PAUSED.",
            code="EXECUTION_NOT_PAUSED",
        )
    if not record.task_token:
        raise BadRequest(
            "The pause is not complete: its token is not stored yet. Try "
            "again in a few seconds.",
            code="RESUME_TOKEN_MISSING",
        )
    user = direct_caller(event)
    output = {"resumedBy": user, "resumedAt": iso(ports.run.clock.now())}
    if not ports.callbacks.succeed(record.task_token, output):
        return _resumed_by_another(record, ports)
    log.event("resume_requested", execution_id=record.execution_id)
    return _resuming(record, ports)


def _resumed_by_another(record: Record, ports: Ports) -> Wire:
    """Answer a resume whose token was used, or is valid no more.

    While the state machine still runs, it goes on with the answer that an
    earlier resume gave.
    """
    current = ports.run.executions.record(record.key)
    if current.revision != record.revision or machine_runs(record, ports):
        return _resuming(record, ports)
    raise BadRequest(
        "The state machine does not accept the pause's token any more; the "
        "pause has ended. Look at the execution again.",
        code="RESUME_TOKEN_EXPIRED",
    )


def _resuming(record: Record, ports: Ports) -> Wire:
    return {
        "executionId": record.execution_id,
        "status": "RESUMING",
        "nextWave": _next_wave(record, ports),
        "message": "The execution goes on.",
    }


def _next_wave(record: Record, ports: Ports) -> int | None:
    """Return the wave that a resume goes on with, where one is left."""
    number = record.paused_before_wave
    if number is None or record.entry(number) is None:
        return number
    # It was skipped during the pause.
    plan = ports.run.executions.plan(record.key)
    order = wave_order(plan.waves)
    step = at_boundary(plan, record, order, ports.run.clock.now()).step
    return None if isinstance(step, EndRun) else step.number


def cancel_execution(event: Wire, ports: Ports) -> Wire:
    """Cancel an execution; jobs that run are watched to their end.

    Raises:
        BadRequest: ``EXECUTION_NOT_CANCELLABLE``.
        NotFound: ``EXECUTION_NOT_FOUND``.
    """
    execution_id = execution_named(event)
    for _ in range(TRIES):
        record = ports.run.executions.find(execution_id)
        if record.status is Status.CANCELLING or _is_ending(record, ports):
            return _cancelling(_given_back(record, ports))
        if record.status.is_terminal:
            raise BadRequest(
                f"Execution {execution_id} is {record.status} already.",
                code="EXECUTION_NOT_CANCELLABLE",
            )
        written = _cancelled(record, event, ports)
        if written is not None:
            log.event("cancel_requested", execution_id=execution_id)
            return _cancelling(_given_back(written, ports))
    raise keeps_changing(record.key)


def _is_ending(record: Record, ports: Ports) -> bool:
    """Tell whether an earlier request cancelled it just now."""
    return record.status is Status.CANCELLED and (
        bool(record.task_token) or machine_runs(record, ports)
    )


def _given_back(record: Record, ports: Ports) -> Record:
    """Give back what a cancelled run needs no more; may be repeated.

    Nothing further starts, so the plan is free at once; servers in flight
    keep their reservations.
    """
    released = release_pause(record, ports)
    ports.run.locks.release_plan(record.key)
    return released


def _cancelled(record: Record, event: Wire, ports: Ports) -> Record | None:
    """Write CANCELLED where nothing is in flight, else CANCELLING."""
    facts = {
        "cancelled_by": direct_caller(event),
        "cancel_requested_at": ports.run.clock.now(),
    }
    at_rest = follows(record.status, Event.CANCELLED_AT_REST) is not None
    if at_rest and not any(
        intent.in_flight for intent in ports.run.executions.intents(record.key)
    ):
        noted = ports.run.executions.commit(record, Change(set=facts))
        if noted is None:
            return None
        return cancel_now(noted, Event.CANCELLED_AT_REST, ports.run)
    change = Change(
        status=after(record.status, Event.CANCEL_REQUESTED), set=facts
    )
    return ports.run.executions.commit(record, change)


def _cancelling(record: Record) -> Wire:
    waves = record.waves
    return {
        "executionId": record.execution_id,
        "status": str(record.status),
        "message": (
            "The execution is cancelled."
            if record.status is Status.CANCELLED
            else "Nothing further starts; jobs that run are watched to "
            "their end."
        ),
        "details": {
            "completedWaves": [
                e.wave_number
                for e in waves
                if e.status is WaveStatus.COMPLETED
            ],
            "inProgressWaves": [
                e.wave_number for e in waves if not e.is_final
            ],
            "cancelledWaves": sorted(
                set(range(record.total_waves)) - set(record.entered_waves)
            ),
        },
    }
