"""Following jobs to their end when the run itself has ended.

DRS cannot stop a launch job. A cancelled run stays CANCELLING until every
call that was intended is either found as a job that is over, or closed
because it can land no more. Late results of other ends are completed the
same way.
"""

from msgspec.structs import replace

from drs.domain.errors import DrsRefused
from drs.domain.wave_progress import settled
from drs.observation import look
from execution_handler import launch
from execution_handler.facts import with_jobs
from execution_handler.ports import Ports
from shared import log, metrics
from shared.domain.errors import DrError, Unavailable
from shared.domain.metrics import Metric
from shared.domain.notices import NoticeEvent, notice
from shared.domain.record import (
    Change,
    Intent,
    IntentChange,
    Record,
    WaveEntry,
)
from shared.domain.status import Event, IntentState, Status, WaveStatus
from shared.run import cancel_now

LATEST_LANDING = 120
CALL_SECONDS = 70
GIVE_UP_SECONDS = 86_400
NOTED_EVERY = 3_600
UNREADABLE = "DRAIN_UNREADABLE"


def drain(record: Record, ports: Ports) -> Record:
    """Reconcile what is in flight; end a cancelled run when nothing is.

    Of a run that goes on, only waves that are decided already are followed.
    """
    ended = record.status.is_terminal or record.status.is_cancel
    for number in sorted({i.wave_number for i in _flying(record, ports)}):
        entry = record.entry(number)
        if not ended and (entry is None or not entry.is_final):
            continue
        try:
            record = _drain_wave(record, number, ports)
        except (Unavailable, DrsRefused) as error:
            record = _unreadable(record, number, error, ports)
    if record.status is not Status.CANCELLING or _flying(record, ports):
        return record
    drained = cancel_now(record, Event.DRAINED, ports.run)
    return drained or ports.run.executions.record(record.key)


def _flying(record: Record, ports: Ports) -> list[Intent]:
    return [
        intent
        for intent in ports.run.executions.intents(record.key)
        if intent.in_flight
    ]


def _drain_wave(record: Record, number: int, ports: Ports) -> Record:
    executions = ports.run.executions
    entry = executions.entry(record, number)
    if entry is None:
        return record
    launcher = launch.Launcher(
        key=record.key,
        is_drill=record.is_drill,
        region=ports.region(record.account_context, entry.region),
        executions=executions,
        clock=ports.run.clock,
        deadline=ports.deadline,
    )
    for intent in executions.intents(record.key, number):
        if intent.intent_state is IntentState.INTENT:
            _reconcile(intent, launcher)
    intents = executions.intents(record.key, number)
    now = ports.run.clock.now()
    known = with_jobs(entry, intents)
    after = look(known, intents, launcher.region, start_pending=False, now=now)
    return _store(record, entry, after, intents, ports)


def _reconcile(intent: Intent, launcher: launch.Launcher) -> None:
    """Adopt the intent's job, or close it when no call can land any more."""
    job = launch.find_job(intent, launcher)
    if job is not None:
        launch.confirm(intent, job.job_id, launcher)
        return
    now = launcher.clock.now()
    landed = max(intent.lease_expiry, intent.called_at + CALL_SECONDS)
    if intent.lease_expiry < now and now - landed >= LATEST_LANDING:
        launch.reject(
            intent,
            launch.NOT_CALLED,
            "the run ended before the call was made",
            launcher,
        )


def _store(
    record: Record,
    before: WaveEntry,
    after: WaveEntry,
    intents: list[Intent],
    ports: Ports,
) -> Record:
    """Store late facts; a wave's status that was final stays as it was."""
    now = ports.run.clock.now()
    kept = replace(
        after,
        status=before.status if before.is_final else after.status,
        end_time=before.end_time if before.is_final else after.end_time,
        error_code=before.error_code or after.error_code,
    )
    if record.status is Status.CANCELLING and not kept.pending_count:
        kept = _cancelled(kept, now)
    changes = [
        IntentChange(before=intent, after=done)
        for intent, done in settled(after, intents, now)
    ]
    if kept == before and not changes:
        return _read_well(record, now, ports)
    written = ports.run.executions.commit(
        record, Change(wave=kept, set={"last_polled_time": now}), changes
    )
    return written or ports.run.executions.record(record.key)


def _read_well(record: Record, now: int, ports: Ports) -> Record:
    """Note, once an hour, that the jobs could be read."""
    if now - record.last_polled_time < NOTED_EVERY:
        return record
    change = Change(set={"last_polled_time": now})
    return ports.run.executions.commit(record, change) or record


def _cancelled(entry: WaveEntry, now: int) -> WaveEntry:
    """Return the entry of a wave that a cancel ended, all servers known."""
    if entry.is_final:
        return entry
    return replace(entry, status=WaveStatus.CANCELLED, end_time=now)


def _unreadable(
    record: Record, number: int, error: DrError, ports: Ports
) -> Record:
    """Give up after a day without being able to read the jobs."""
    since = record.cancel_requested_at or record.end_time
    now = ports.run.clock.now()
    log.event(
        "drain_unreadable",
        execution_id=record.execution_id,
        wave=number,
        error_code=error.code,
        reason=error.message,
    )
    if since is None:
        return record
    if now - max(since, record.last_polled_time) < GIVE_UP_SECONDS:
        return record
    changes = [
        IntentChange(before=intent, after=_given_up(intent, now))
        for intent in _flying(record, ports)
        if intent.wave_number == number
    ]
    unread = sorted(
        {server for change in changes for server in change.after.server_ids}
    )
    reason = (
        f"The jobs of {len(unread)} servers could not be read for a day: "
        + ", ".join(unread[:10])
    )
    change = Change(
        set={
            "error_code": UNREADABLE,
            "outcome": {**record.outcome, "reason": reason[:500]},
        }
    )
    written = ports.run.executions.commit(record, change, changes)
    if written is None:
        return ports.run.executions.record(record.key)
    metrics.record(Metric.DRAINS_GIVEN_UP)
    ports.run.notifier.send(
        notice(written, NoticeEvent.DRAIN_UNREADABLE, reason=reason)
    )
    return written


def _given_up(intent: Intent, now: int) -> Intent:
    """Return the intent settled without having been read."""
    state = intent.intent_state
    if state is IntentState.INTENT:
        return replace(
            intent,
            intent_state=IntentState.REJECTED,
            reject_reason=UNREADABLE,
            settled_at=now,
        )
    return replace(intent, settled_at=now)
