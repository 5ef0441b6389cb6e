"""What every function needs to carry a run on, and how a run ends.

The terminal transition comes first; releasing, notifying and finalizing
follow and may be repeated at any time, which the minute sweep does after a
crash.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from shared import log, metrics
from shared.domain.errors import Unavailable
from shared.domain.execution import shortened
from shared.domain.metrics import Metric
from shared.domain.notices import end_event, notice
from shared.domain.ports import (
    Clock,
    Executions,
    Locks,
    Notifier,
    ServerKey,
)
from shared.domain.record import Change, Intent, Key, Record, WaveEntry
from shared.domain.status import Event, Status, WaveStatus, after
from shared.domain.waves import (
    MAX_MESSAGE,
    Ending,
    ending,
    reason_of_end,
    summary,
)

TRIES = 8
DAY = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPorts:
    """The history, the locks, the people and the time.

    ``retention_days`` is how long executions that are over are kept, 0 for
    ever.
    """

    executions: Executions
    locks: Locks
    notifier: Notifier
    clock: Clock
    hub_account_id: str
    retention_days: int = 0

    def expiry(self, now: int) -> int:
        """Return when a record that ends now may go, 0 for never."""
        return now + self.retention_days * DAY if self.retention_days else 0


def keeps_changing(key: Key) -> Unavailable:
    """Return the error of a record that others change all the time."""
    return Unavailable(
        f"Execution {key.execution_id} was changed by others {TRIES} times "
        "in a row; try again."
    )


def end_run(
    key: Key,
    ports: RunPorts,
    *,
    reason: str = "",
    code: str = "",
    event: Event | None = None,
    details: dict[str, object] | None = None,
) -> Record:
    """End a run by its outcome and return the record.

    A record that has ended is returned as it is, and so is one that is
    CANCELLING, which only its drain ends.

    Args:
        key: The record's key.
        ports: The outside.
        reason: Why, in words; absent means the first wave that failed.
        code: The error code; absent means that wave's.
        event: TIMED_OUT where a time limit ended it, else decided here.
        details: Fields of a refused check, kept in ``outcome``.
    """
    for _ in range(TRIES):
        record = ports.executions.record(key)
        if record.status.is_terminal or record.status.is_cancel:
            return record
        decided = ending(
            record,
            ports.executions.reserved(record),
            reason=reason or reason_of_end(record),
            timed_out=event is Event.TIMED_OUT,
            details=details,
        )
        change = _closing(record, decided, code, ports.clock.now())
        written = ports.executions.commit(record, change)
        if written is not None:
            _count(written)
            log.event(
                "execution_ended",
                execution_id=key.execution_id,
                plan_id=key.plan_id,
                status=str(written.status),
                error_code=written.error_code,
            )
            return settle_end(written, ports)
    raise keeps_changing(key)


def _closing(record: Record, decided: Ending, code: str, now: int) -> Change:
    status = after(record.status, decided.event)
    reason = str(decided.outcome["reason"])
    failed = "" if status is Status.COMPLETED else reason or str(status)
    return Change(
        status=status,
        set={
            "end_time": now,
            "duration_seconds": max(0, now - record.start_time),
            "completed_waves": decided.completed,
            "failed_waves": decided.failed,
            "outcome": decided.outcome,
            "error_message": shortened(failed, MAX_MESSAGE),
            "error_code": "" if not failed else code or _code(record),
        },
        remove=("task_token", "paused_before_wave"),
    )


def _code(record: Record) -> str:
    return next((e.error_code for e in record.waves if e.error_code), "")


def cancel_now(record: Record, event: Event, ports: RunPorts) -> Record | None:
    """End a cancelled run in which nothing is in flight.

    The token of a pause stays until the state machine has been told.

    Returns:
        The record, or None where somebody changed it meanwhile.
    """
    now = ports.clock.now()
    # A drain that gave up has said so already.
    reason = str(record.outcome.get("reason") or "") or record.cancel_reason
    decided = ending(record, ports.executions.reserved(record), reason=reason)
    change = Change(
        status=after(record.status, event),
        set={
            "end_time": now,
            "duration_seconds": max(0, now - record.start_time),
            "completed_waves": decided.completed,
            "failed_waves": decided.failed,
            "outcome": decided.outcome,
        },
        remove=("paused_before_wave",),
    )
    written = ports.executions.commit(record, change)
    if written is not None:
        _count(written)
        log.event("execution_cancelled", execution_id=record.execution_id)
        return settle_end(written, ports)
    return None


def _count(record: Record) -> None:
    metrics.record(Metric.EXECUTIONS_ENDED, Outcome=str(record.status))


def settle_end(record: Record, ports: RunPorts) -> Record:
    """Do what belongs to a terminal status; every part may be repeated.

    Locks and reservations go, those of servers in flight excepted; people
    are told; and when nothing is in flight the record is finalized. The
    record is returned as all this has left it.
    """
    if record.finalized_at:
        return record
    intents = ports.executions.intents(record.key)
    held = servers_in_flight(intents)
    ports.locks.release_plan(record.key)
    release_servers(record, ports, keep=held)
    told = record if record.notified_at else _tell(record, ports)
    if held or any(intent.in_flight for intent in intents):
        return told
    if told.task_token:
        # The state machine still waits for what became of its pause.
        return told
    closed = _closed(told, ports)
    if closed is None or not closed.notified_at:
        return closed or told
    now = ports.clock.now()
    final = ports.executions.finalize(
        closed, now, expires_at=ports.expiry(now)
    )
    return final or closed


def _closed(record: Record, ports: RunPorts) -> Record | None:
    """Close the wave that the run's end cut short, and count once more.

    Jobs that ended after the run count too. None: the record was changed
    meanwhile, and the sweep finds it again.
    """
    open_wave = next((e for e in record.waves if not e.is_final), None)
    entry = None
    if open_wave is not None:
        entry = ports.executions.entry(record, open_wave.wave_number)
    cut = None if entry is None else _cut_short(entry, record, ports)
    seen = replace(
        record,
        waves=tuple(
            cut if cut and e.wave_number == cut.wave_number else e
            for e in record.waves
        ),
    )
    outcome = summary(
        seen,
        ports.executions.reserved(record),
        str(record.outcome.get("reason") or ""),
        record.outcome.get("details"),
    )
    if cut is None and outcome == record.outcome:
        return record
    return ports.executions.commit(
        record, Change(set={"outcome": outcome}, wave=cut)
    )


def _cut_short(entry: WaveEntry, record: Record, ports: RunPorts) -> WaveEntry:
    status = WaveStatus.FAILED
    if record.status is Status.CANCELLED:
        status = WaveStatus.CANCELLED
    elif entry.launched_count:
        status = WaveStatus.PARTIAL
    why = record.reason
    return replace(
        entry,
        status=status,
        end_time=record.end_time or ports.clock.now(),
        error_code=entry.error_code or record.error_code,
        status_message=entry.status_message
        or shortened(f"The run ended before the wave did: {why}", MAX_MESSAGE),
    )


def servers_in_flight(intents: Iterable[Intent]) -> frozenset[str]:
    """Return the servers whose call may still land or whose job runs."""
    return frozenset(
        server
        for intent in intents
        if intent.in_flight
        for server in intent.server_ids
    )


def release_servers(
    record: Record,
    ports: RunPorts,
    *,
    wave: int | None = None,
    keep: frozenset[str] = frozenset(),
) -> None:
    """Give back the reservations of one wave, or of all."""
    account = record.account_id(ports.hub_account_id)
    keys = [
        ServerKey(account, group.region, server)
        for group in ports.executions.reserved(record)
        if wave is None or group.wave_number == wave
        for server in group.server_ids
        if server not in keep
    ]
    if keys:
        ports.locks.release(record.key, keys)


def _tell(record: Record, ports: RunPorts) -> Record:
    sent = ports.notifier.send(
        notice(record, end_event(record.status), reason=record.reason)
    )
    if not sent:
        return record
    change = Change(set={"notified_at": ports.clock.now()})
    return ports.executions.commit(record, change) or record
