"""Crossing from one wave to the next, and closing the one that ended.

Whoever finds a wave ended crosses: the poll, the resume, the begin. The
record is read anew before each decision and every write is refused if it
changed meanwhile, so two that cross at once decide the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from msgspec.structs import replace

from shared import log, metrics
from shared.domain.errors import (
    DatabaseError,
    DrError,
    HandlerFailed,
    StateTooLarge,
    Unavailable,
)
from shared.domain.execution import Execution, to_wire
from shared.domain.metrics import Metric
from shared.domain.notices import NoticeEvent, notice
from shared.domain.plan import Plan
from shared.domain.ports import Handler
from shared.domain.record import (
    Change,
    IntentChange,
    Key,
    Record,
    WaveEntry,
)
from shared.domain.replies import state_of_reply
from shared.domain.run_state import (
    mirrored,
    over,
    paused_before,
    wave_ended,
    with_outcome,
)
from shared.domain.status import Event, Status, WaveStatus, after
from shared.domain.waves import (
    AwaitResume,
    EndRun,
    StartWave,
    at_boundary,
    closed,
    goes_on_behind,
)
from shared.run import (
    TRIES,
    RunPorts,
    end_run,
    keeps_changing,
    release_servers,
    servers_in_flight,
)

START_WAVE = "start_wave_recovery"
# What says nothing of the execution: another try may mend it, or the state
# machine's Catch records it.
NOT_OF_THE_RUN = (Unavailable, DatabaseError, HandlerFailed, StateTooLarge)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryPorts:
    """A run, and the peer that starts waves."""

    run: RunPorts
    execution: Handler


def key_of(execution: Execution) -> Key:
    """Return the key of the execution's record."""
    return Key(execution.execution_id, execution.plan_id)


def plan_of(execution: Execution, ports: RunPorts) -> Plan:
    """Return the plan as approved, from the state or from the snapshot."""
    if execution.waves:
        return Plan(
            plan_id=execution.plan_id,
            plan_name=execution.plan_name,
            waves=execution.waves,
        )
    return ports.executions.plan(key_of(execution))


def cross(execution: Execution, ports: BoundaryPorts) -> Execution:
    """Start, pause before or end: whatever follows the recorded waves.

    Raises:
        HandlerUnavailable: The wave could not be started; try again.
    """
    executions = ports.run.executions
    key = key_of(execution)
    plan = plan_of(execution, ports.run)
    for _ in range(TRIES):
        record = executions.record(key)
        if record.status.is_terminal or record.status.is_cancel:
            return mirrored(execution, record, ports.run.clock.now())
        if record.status is Status.PAUSED:
            return paused_before(execution, record.paused_before_wave or 0)
        decided = at_boundary(
            plan, record, execution.wave_order, ports.run.clock.now()
        )
        passed = _pass_over(record, decided.passed_over, ports.run)
        if passed is None:
            continue
        state = with_results(over(execution, passed), passed, ports.run)
        match decided.step:
            case StartWave(number=number):
                return start(state, number, ports)
            case AwaitResume(number=number):
                if pause_before(passed, number, ports.run) is not None:
                    return paused_before(state, number)
            case EndRun():
                ended = end_run(key, ports.run)
                return mirrored(state, ended, ports.run.clock.now())
            case unknown:
                assert_never(unknown)
    raise keeps_changing(key)


def with_results(
    execution: Execution, record: Record, ports: RunPorts
) -> Execution:
    """Return the state with a result for every wave that is over.

    Waves that were skipped or passed over come into the state here, and so
    do all that ended where the state was built anew or a reply was lost.
    """
    known = {
        result.get("waveNumber")
        for result in execution.wave_results
        if result.get("status") in WaveStatus.final()
    }
    for ended in record.waves:
        if ended.is_final and ended.wave_number not in known:
            entry = ports.executions.entry(record, ended.wave_number)
            execution = with_outcome(execution, entry or ended)
            if ended.status is WaveStatus.SKIPPED:
                # A start that lost against the skip may have reserved more.
                release_servers(record, ports, wave=ended.wave_number)
    return execution


def _pass_over(
    record: Record, entries: tuple[WaveEntry, ...], ports: RunPorts
) -> Record | None:
    for entry in entries:
        written = ports.executions.commit(record, Change(wave=entry))
        if written is None:
            return None
        release_servers(written, ports, wave=entry.wave_number)
        record = written
    return record


def pause_before(
    record: Record, number: int, ports: RunPorts
) -> Record | None:
    """Write PAUSED before a wave that has no intent; None where refused.

    A record that is PAUSED before another wave keeps that pause.
    """
    if record.status is Status.PAUSED:
        return record if record.paused_before_wave == number else None
    entry = record.entry(number)
    if entry is not None and entry.intent_count:
        return None
    change = Change(
        status=after(record.status, Event.PAUSE_REACHED),
        set={"paused_before_wave": number},
        remove=("task_token",),
        drop_wave=number if entry is not None else None,
    )
    written = ports.executions.commit(record, change)
    if written is not None:
        log.event(
            "execution_paused",
            execution_id=record.execution_id,
            wave=number,
        )
    return written


def start(
    execution: Execution, number: int, ports: BoundaryPorts
) -> Execution:
    """Have the execution handler start a wave and take its reply.

    A typed refusal of the peer ends the run, in the record first.

    Raises:
        Unavailable: The peer could not be asked; the state machine retries.
        HandlerFailed: The peer's reply is no state of this execution.
    """
    payload: Mapping[str, Any] = {
        "state": to_wire(execution),
        "wave_number": number,
    }
    try:
        reply = ports.execution.call(START_WAVE, payload)
    except NOT_OF_THE_RUN:
        raise
    except DrError as error:
        record = end_run(
            key_of(execution),
            ports.run,
            reason=f"Wave {number + 1} could not be started: {error.message}",
            code=error.code,
        )
        return mirrored(execution, record, ports.run.clock.now())
    return state_of_reply(reply, execution.execution_id)


def close_wave(
    execution: Execution,
    record: Record,
    entry: WaveEntry,
    ports: RunPorts,
    intents: Sequence[IntentChange] = (),
) -> Execution | None:
    """Record a wave's end, then the run's where the wave ends it.

    Args:
        execution: The state before.
        record: The record as just read.
        entry: The wave's entry with its final status.
        ports: The outside.
        intents: Changes of intents that belong to the same write.

    Returns:
        The state at the boundary or at the end; None where the record was
        changed meanwhile, and the caller must look again.
    """
    wave = plan_of(execution, ports).wave(entry.wave_number)
    final = replace(
        closed(entry, wave), end_time=entry.end_time or ports.clock.now()
    )
    written = ports.executions.commit(record, Change(wave=final), intents)
    if written is None:
        return None
    completed = final.status is WaveStatus.COMPLETED
    metrics.record(Metric.WAVE_SUCCESS, int(completed))
    log.event(
        "wave_ended",
        execution_id=record.execution_id,
        wave=final.wave_number,
        status=str(final.status),
        error_code=final.error_code,
        launched=final.launched_count,
        failed=final.failed_count,
        tolerated=final.tolerated,
    )
    ports.notifier.send(
        notice(
            written,
            (
                NoticeEvent.WAVE_COMPLETE
                if completed
                else NoticeEvent.WAVE_FAIL
            ),
            entry=final,
            reason=final.status_message,
        )
    )
    return behind(execution, written, final, ports)


def behind(
    execution: Execution, record: Record, entry: WaveEntry, ports: RunPorts
) -> Execution:
    """Release the wave's servers and go to the boundary, or to the end."""
    flying = servers_in_flight(
        ports.executions.intents(record.key, entry.wave_number)
    )
    release_servers(record, ports, wave=entry.wave_number, keep=flying)
    state = over(wave_ended(execution, entry), record)
    wave = plan_of(execution, ports).wave(entry.wave_number)
    if goes_on_behind(entry, wave):
        return state
    ended = end_run(
        record.key,
        ports,
        reason=entry.status_message,
        code=entry.error_code,
        event=Event.TIMED_OUT if entry.status is WaveStatus.TIMEOUT else None,
    )
    return mirrored(state, ended, ports.clock.now())
