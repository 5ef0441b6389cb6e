"""How the carried state follows the record.

Each function takes the state and what was stored, and returns the state
that the state machine goes on with. Nothing is decided here that the record
does not say already, so a repeat gives the same state.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from shared.domain.correlation import KEY
from shared.domain.errors import StateTooLarge
from shared.domain.execution import (
    LARGE_STATE_BYTES,
    MAX_STATE_BYTES,
    MAX_WAIT_SECONDS,
    Execution,
    Wire,
    shortened,
    size_of,
    to_wire,
    without_lists,
)
from shared.domain.plan import Plan, PlanWave, wave_order
from shared.domain.record import Record, WaveEntry
from shared.domain.status import RunStatus, Status, WaveStatus, run_status


def begun(
    record: Record,
    plan: Plan,
    account_context: Mapping[str, Any],
    now: int,
) -> Execution:
    """Return the state of a run that begins.

    Raises:
        BadRequest: ``CIRCULAR_DEPENDENCY``.
    """
    execution = Execution(
        plan_id=plan.plan_id,
        plan_name=plan.plan_name,
        execution_id=record.execution_id,
        is_drill=record.is_drill,
        account_context=dict(account_context),
        waves=plan.waves,
        total_waves=len(plan.waves),
        start_time=now,
        wave_order=wave_order(plan.waves),
        extra=_told_apart(record),
    )
    return without_lists(execution) if record.large else execution


def _told_apart(record: Record) -> dict[str, Any]:
    """Return the id by which the log finds the run, where there is one."""
    return {KEY: record.correlation_id} if record.correlation_id else {}


def mirrored(execution: Execution, record: Record, now: int) -> Execution:
    """Return the state that tells what the record says of the run's end."""
    status = run_status(record.status)
    reason = record.reason
    if status is RunStatus.CANCELLED:
        reason = reason or record.cancel_reason
    ended = status is not RunStatus.RUNNING
    failed = status is RunStatus.FAILED
    return replace(
        over(execution, record),
        status=status,
        wave_completed=ended,
        status_reason=shortened(reason or str(record.status)),
        error=shortened(reason or str(record.status)) if failed else None,
        error_code=(record.error_code or None) if failed else None,
        job_id=None if failed else execution.job_id,
        end_time=(record.end_time or now) if ended else None,
        wave_start_pending=False,
        continue_as_new=False,
    )


def over(execution: Execution, record: Record) -> Execution:
    """Return the state with its counters of ended waves as recorded."""
    states = [entry.status for entry in record.waves]
    return replace(
        execution,
        completed_waves=states.count(WaveStatus.COMPLETED),
        failed_waves=sum(
            state in (WaveStatus.FAILED, WaveStatus.PARTIAL)
            or state is WaveStatus.TIMEOUT
            for state in states
        ),
    )


def paused_before(execution: Execution, number: int) -> Execution:
    """Return the state of a run that waits for somebody to resume it."""
    return replace(
        execution,
        status=RunStatus.PAUSED,
        status_reason=f"Paused before wave {number + 1}.",
        paused_before_wave=number,
        wave_start_pending=False,
        continue_as_new=False,
    )


def resumed(execution: Execution) -> Execution:
    """Return the state of a run whose pause is over."""
    return replace(
        execution,
        status=RunStatus.RUNNING,
        status_reason=None,
        wave_completed=False,
        paused_before_wave=None,
        resume=None,
    )


def entered(
    execution: Execution,
    wave: PlanWave,
    entry: WaveEntry,
    *,
    pending: bool,
    awaited: str | None,
) -> Execution:
    """Return the state of a run whose wave has its entry.

    Args:
        execution: The state before.
        wave: The plan's wave.
        entry: The wave's entry, servers joined.
        pending: Whether servers of the wave are still to be launched.
        awaited: What the launch waits for, in words, or None.
    """
    again = execution.current_wave_number == wave.wave_number
    state = replace(
        execution,
        status=RunStatus.RUNNING,
        current_wave_number=wave.wave_number,
        region=entry.region,
        server_ids=() if execution.large else entry.server_ids,
        server_count=len(entry.server_ids) or entry.server_count,
        wave_start_time=entry.start_time,
        wave_completed=False,
        current_wave_total_wait_time=0,
        current_wave_max_wait_time=wave.max_wait_seconds or MAX_WAIT_SECONDS,
        wave_start_pending=pending,
        status_reason=awaited,
        job_id=entry.job_id,
        job_ids=entry.job_ids,
        job_completed_at=entry.job_completed_at or None,
        paused_before_wave=None,
        # Entering again is no good look at the jobs; only that resets these.
        poll_error_count=execution.poll_error_count if again else 0,
        poll_error_since=execution.poll_error_since if again else None,
    )
    return with_result(state, entry)


def with_result(execution: Execution, entry: WaveEntry) -> Execution:
    """Return the state with one result for this wave, whatever it had."""
    if execution.large:
        return execution
    others = tuple(
        result
        for result in execution.wave_results
        if result.get("waveNumber") != entry.wave_number
    )
    return replace(execution, wave_results=(*others, _result(entry)))


def _result(entry: WaveEntry) -> dict[str, Any]:
    final = entry.is_final
    return {
        "waveNumber": entry.wave_number,
        "waveName": entry.wave_name,
        "status": str(entry.status if final else WaveStatus.STARTED),
        "jobId": entry.job_id,
        "startTime": entry.start_time,
        "endTime": entry.end_time,
        "serverIds": list(entry.server_ids),
        "serverStatuses": (
            msgspec.to_builtins(entry.server_statuses) if final else []
        ),
        "region": entry.region,
        "jobIds": list(entry.job_ids),
        "serverCount": entry.server_count,
        "launchedCount": entry.launched_count,
        "failedCount": entry.failed_count,
    }


def wave_ended(execution: Execution, entry: WaveEntry) -> Execution:
    """Return the state at the boundary behind a wave that has ended."""
    return with_outcome(
        replace(
            execution,
            wave_completed=True,
            wave_start_pending=False,
            status=RunStatus.RUNNING,
            status_reason=None,
        ),
        entry,
    )


def with_outcome(execution: Execution, entry: WaveEntry) -> Execution:
    """Return the state with the result and the instances of a wave."""
    state = with_result(execution, entry)
    if execution.large:
        return state
    ids = [s.recovery_instance_id for s in entry.server_statuses]
    addresses = [s.private_ip for s in entry.server_statuses]
    return replace(
        state,
        recovery_instance_ids=_joined(state.recovery_instance_ids, ids),
        recovery_instance_ips=_joined(state.recovery_instance_ips, addresses),
    )


def _joined(known: tuple[str, ...], more: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*known, *(item for item in more if item)]))


def must_become_large(execution: Execution) -> bool:
    """Tell whether the state has grown until its lists must leave it."""
    return not execution.large and (
        size_of(to_wire(execution)) >= LARGE_STATE_BYTES
    )


def measured(execution: Execution) -> Wire:
    """Return the wire form, proved to fit into the state machine.

    Raises:
        StateTooLarge: More than 65,536 bytes.
    """
    wire = to_wire(execution)
    size = size_of(wire)
    if size > MAX_STATE_BYTES:
        raise StateTooLarge(
            f"The state of execution {execution.execution_id} has {size} "
            f"bytes; the state machine carries {MAX_STATE_BYTES}."
        )
    return wire


def is_over(status: Status) -> bool:
    """Tell whether the state machine ends with this status."""
    return run_status(status) not in (RunStatus.RUNNING, RunStatus.PAUSED)
