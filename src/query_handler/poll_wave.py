"""Polling a wave: look at its jobs, store the facts, decide, go on.

A repeat with the same state looks again and decides the same. Facts about
servers are stored whatever the record's status; the status itself follows
the table of transitions.
"""

from msgspec.structs import replace

from drs.domain.errors import DrsRefused
from drs.domain.ports import DrsRegion
from drs.domain.wave_progress import settled, timed_out
from drs.observation import look
from query_handler.pace import Looked, pace
from query_handler.ports import Ports
from shared import log
from shared.boundary import (
    behind,
    close_wave,
    cross,
    key_of,
    start,
    with_results,
)
from shared.domain.account import account_context
from shared.domain.errors import BadRequest, DrError, Unavailable
from shared.domain.execution import (
    DEFAULT_POLL_SECONDS,
    Execution,
    Wire,
    from_wire,
    to_wire,
)
from shared.domain.record import (
    Change,
    Intent,
    IntentChange,
    Record,
    WaveEntry,
)
from shared.domain.run_state import mirrored, over, paused_before
from shared.domain.status import Event, RunStatus, Status, WaveStatus
from shared.run import TRIES, cancel_now, end_run, keeps_changing

TOLERATED_SECONDS = 900
TOLERATED_REFUSALS = 3
POLLED_AT_LEAST_EVERY = 60


def poll_wave_status(event: Wire, ports: Ports) -> Wire:
    """Return the state after one look at the current wave.

    Raises:
        NotFound: The execution has no record.
        HandlerUnavailable: The next wave could not be started; try again.
    """
    given = event.get("state")
    if not isinstance(given, dict):
        raise BadRequest("poll_wave_status needs 'state', the whole state.")
    state = from_wire(given)
    for _ in range(TRIES):
        polled = _polled(state, ports)
        if polled is not None:
            return to_wire(polled)
    raise keeps_changing(key_of(state))


def _polled(state: Execution, ports: Ports) -> Execution | None:
    """Return the state after a look; None where the record changed."""
    now = ports.run.clock.now()
    record = ports.run.executions.record(key_of(state))
    ended = _ended(state, record, ports)
    if ended is not None:
        return ended
    if state.wave_completed:
        return cross(state, ports.boundary)
    number = state.current_wave_number
    intents = ports.run.executions.intents(record.key, number)
    if state.wave_start_pending or (intents and not state.job_id):
        state = start(state, number, ports.boundary)
        if state.status is not RunStatus.RUNNING or state.wave_completed:
            return state
        record = ports.run.executions.record(key_of(state))
        intents = ports.run.executions.intents(record.key, number)
    entry = ports.run.executions.entry(record, number)
    if entry is not None and entry.is_final:
        return _go_on(behind(state, record, entry, ports.run), ports)
    if entry is None or not (intents or state.wave_start_pending):
        return _without_job(state, record, ports)
    return _looked(_waited(state, now), record, entry, intents, ports)


def _ended(state: Execution, record: Record, ports: Ports) -> Execution | None:
    """Return the state of a run that ended, pauses or is cancelled."""
    now = ports.run.clock.now()
    if record.status is Status.PAUSED:
        return paused_before(state, record.paused_before_wave or 0)
    if not record.status.is_terminal and not record.status.is_cancel:
        return None
    if record.status is Status.CANCELLING and not any(
        intent.in_flight for intent in ports.run.executions.intents(record.key)
    ):
        record = cancel_now(record, Event.DRAINED, ports.run) or record
    # The reply that told of the last wave may have been lost.
    told = with_results(state, record, ports.run)
    return mirrored(told, record, now)


def _waited(state: Execution, now: int) -> Execution:
    since = state.wave_start_time if state.wave_start_time is not None else now
    return replace(state, current_wave_total_wait_time=max(0, now - since))


def _without_job(state: Execution, record: Record, ports: Ports) -> Execution:
    ended = end_run(
        record.key,
        ports.run,
        reason=f"Wave {state.current_wave_number + 1} has no job to poll and "
        "none that is still to be started.",
        code="NO_JOB",
    )
    return mirrored(state, ended, ports.run.clock.now())


def _looked(
    state: Execution,
    record: Record,
    entry: WaveEntry,
    intents: list[Intent],
    ports: Ports,
) -> Execution | None:
    """Look, store and decide; None where the record changed meanwhile."""
    now = ports.run.clock.now()
    try:
        after = look(
            entry,
            intents,
            _region(state, entry, ports),
            start_pending=state.wave_start_pending,
            now=now,
        )
    except (Unavailable, DrsRefused) as error:
        return _not_seen(state, record, entry, error, ports)
    state = replace(state, poll_error_count=0, poll_error_since=None)
    limit = state.current_wave_max_wait_time
    if not after.is_final and state.current_wave_total_wait_time >= limit:
        after = timed_out(after, now, limit)
    changes = [
        IntentChange(before=before, after=done)
        for before, done in settled(after, intents, now)
    ]
    if after.is_final:
        closed = close_wave(state, record, after, ports.run, changes)
        return None if closed is None else _go_on(closed, ports)
    stored = _stored(record, entry, after, changes, ports)
    if stored is None:
        return None
    return _paced(state, stored, after, intents, changes, now)


def _paced(
    state: Execution,
    record: Record,
    entry: WaveEntry,
    intents: list[Intent],
    changes: list[IntentChange],
    now: int,
) -> Execution:
    """Return the state of a wave that goes on, with its next poll."""
    settled_now = {one.after.job_index: one.after for one in changes}
    wait = pace(
        Looked(
            record=record,
            state=state,
            entry=entry,
            intents=[settled_now.get(i.job_index, i) for i in intents],
            now=now,
        )
    )
    return replace(
        over(state, record),
        job_completed_at=entry.job_completed_at or None,
        current_wave_update_time=wait.seconds,
        hurried_since=wait.hurried_since,
    )


def _region(state: Execution, entry: WaveEntry, ports: Ports) -> DrsRegion:
    account = account_context(
        state.account_context,
        hub_account_id=ports.run.hub_account_id,
        default_external_id=ports.external_id,
    )
    return ports.drs(account, entry.region)


def _stored(
    record: Record,
    before: WaveEntry,
    after: WaveEntry,
    changes: list[IntentChange],
    ports: Ports,
) -> Record | None:
    """Write what changed; without a change, once a minute that we polled."""
    now = ports.run.clock.now()
    polled = {"last_polled_time": now}
    if changes or before != after:
        return ports.run.executions.commit(
            record, Change(set=polled, wave=after), changes
        )
    if now - record.last_polled_time >= POLLED_AT_LEAST_EVERY:
        return ports.run.executions.commit(record, Change(set=polled))
    return record


def _go_on(state: Execution, ports: Ports) -> Execution:
    """Cross to the next wave where the run goes on."""
    if state.status is RunStatus.RUNNING and state.wave_completed:
        return cross(state, ports.boundary)
    return state


def _not_seen(
    state: Execution,
    record: Record,
    entry: WaveEntry,
    error: DrError,
    ports: Ports,
) -> Execution | None:
    """Tolerate a look that failed, for a time or a number of times."""
    now = ports.run.clock.now()
    since = state.poll_error_since or now
    count = state.poll_error_count + 1
    log.event(
        "poll_failed",
        execution_id=record.execution_id,
        wave=entry.wave_number,
        error_code=error.code,
        reason=error.message,
        count=count,
    )
    refused = isinstance(error, DrsRefused) and count >= TOLERATED_REFUSALS
    if not refused and now - since < TOLERATED_SECONDS:
        return replace(
            state,
            poll_error_count=count,
            poll_error_since=since,
            current_wave_update_time=DEFAULT_POLL_SECONDS,
        )
    failed = replace(
        entry,
        status=(
            WaveStatus.PARTIAL if entry.launched_count else WaveStatus.FAILED
        ),
        error_code="POLL_ERROR",
        status_message=f"The jobs could not be read: {error.message}"[:500],
        end_time=now,
    )
    closed = close_wave(state, record, failed, ports.run)
    return None if closed is None else _go_on(closed, ports)
