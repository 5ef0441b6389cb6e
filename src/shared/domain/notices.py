"""What people are told of an execution and of DRS, as values.

A notice holds facts and never a task token. How they read is said by
``messages.py``, how they travel by the notifier.
"""

from enum import StrEnum
from typing import Any

import msgspec

from shared.domain.record import Record, WaveEntry
from shared.domain.status import Status


class NoticeType(StrEnum):
    """The kinds of topic people can subscribe to."""

    EXECUTION = "execution"
    DRS_ALERT = "drs_alert"
    PAUSE = "pause"


class NoticeEvent(StrEnum):
    """The events people can subscribe to."""

    START = "start"
    WAVE_COMPLETE = "wave_complete"
    WAVE_FAIL = "wave_fail"
    COMPLETE = "complete"
    PARTIAL = "partial"
    FAIL = "fail"
    TIMEOUT = "timeout"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    LAUNCH_CONFIG_FAILED = "launch_config_failed"
    DRAIN_UNREADABLE = "drain_unreadable"
    DRS_LAUNCH_FAILED = "drs_launch_failed"
    DRS_REPLICATION_STALLED = "drs_replication_stalled"
    DRS_REPLICATION_RECOVERED = "drs_replication_recovered"


_END_EVENTS = {
    Status.COMPLETED: NoticeEvent.COMPLETE,
    Status.PARTIAL: NoticeEvent.PARTIAL,
    Status.FAILED: NoticeEvent.FAIL,
    Status.TIMEOUT: NoticeEvent.TIMEOUT,
    Status.CANCELLED: NoticeEvent.CANCEL,
}
_ALERTS = frozenset(
    {NoticeEvent.PARTIAL, NoticeEvent.FAIL, NoticeEvent.TIMEOUT}
)
_ALERTS_ONLY = frozenset(
    {
        NoticeEvent.LAUNCH_CONFIG_FAILED,
        NoticeEvent.DRAIN_UNREADABLE,
        NoticeEvent.DRS_LAUNCH_FAILED,
        NoticeEvent.DRS_REPLICATION_STALLED,
        NoticeEvent.DRS_REPLICATION_RECOVERED,
    }
)


class Notice(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """One thing to tell; of an execution, or of a server of DRS.

    Counts are those of the wave where it is about a wave, else the
    execution's; None where they are not known yet.
    """

    event: NoticeEvent = msgspec.field(name="eventType")
    plan_id: str = msgspec.field(name="recoveryPlanId", default="")
    plan_name: str = ""
    execution_id: str = ""
    execution_type: str = ""
    status: str = ""
    wave: str = ""
    wave_number: int | None = None
    servers: int | None = None
    launched: int | None = None
    failed: int | None = None
    not_started: int | None = None
    reason: str = ""
    account_id: str = ""
    region: str = ""
    source_server_ids: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[NoticeType, ...]:
        """Return the kinds of topic it goes to."""
        if self.event is NoticeEvent.PAUSE:
            return (NoticeType.PAUSE,)
        if self.event in _ALERTS_ONLY:
            return (NoticeType.DRS_ALERT,)
        if self.event in _ALERTS:
            return (NoticeType.EXECUTION, NoticeType.DRS_ALERT)
        return (NoticeType.EXECUTION,)


def end_event(status: Status) -> NoticeEvent:
    """Return the event that tells of a terminal status."""
    return _END_EVENTS[status]


def notice(
    record: Record,
    event: NoticeEvent,
    *,
    entry: WaveEntry | None = None,
    reason: str = "",
) -> Notice:
    """Return what is told of an execution, or of one of its waves."""
    number = entry.wave_number if entry else record.paused_before_wave
    wave = entry.wave_name if entry else ""
    if entry is None and number is not None:
        wave = f"before wave {number + 1}"
    return Notice(
        event=event,
        plan_id=record.plan_id,
        plan_name=record.plan_name,
        execution_id=record.execution_id,
        execution_type=record.execution_type,
        status=str(record.status),
        wave=wave,
        wave_number=number,
        reason=reason,
        **(_counts_of_wave(entry) if entry else _counts(record)),
    )


def _counts(record: Record) -> dict[str, Any]:
    """Return the servers' counts, where the outcome knows them."""
    return {
        "servers": record.outcome.get("servers"),
        "launched": record.outcome.get("launched"),
        "failed": record.outcome.get("failed"),
        "not_started": record.outcome.get("notStarted"),
    }


def _counts_of_wave(entry: WaveEntry) -> dict[str, Any]:
    return {
        "servers": entry.server_count,
        "launched": entry.launched_count,
        "failed": entry.failed_count,
    }
