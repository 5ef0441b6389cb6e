"""What people are told of an execution, as values.

A notice never carries a task token. How it travels is the notifier's
business.
"""

from enum import StrEnum
from typing import Any

import msgspec

from shared.domain.record import Record
from shared.domain.status import Status

SUBJECT_CHARACTERS = 100


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


_END_EVENTS = {
    Status.COMPLETED: NoticeEvent.COMPLETE,
    Status.PARTIAL: NoticeEvent.PARTIAL,
    Status.FAILED: NoticeEvent.FAIL,
    Status.TIMEOUT: NoticeEvent.TIMEOUT,
    Status.CANCELLED: NoticeEvent.CANCEL,
}
_ALERTS = frozenset(
    {
        NoticeEvent.PARTIAL,
        NoticeEvent.FAIL,
        NoticeEvent.TIMEOUT,
        NoticeEvent.LAUNCH_CONFIG_FAILED,
        NoticeEvent.DRAIN_UNREADABLE,
    }
)
_ALERTS_ONLY = frozenset(
    {NoticeEvent.LAUNCH_CONFIG_FAILED, NoticeEvent.DRAIN_UNREADABLE}
)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message: subject of at most 100 ASCII characters, plain body."""

    event: NoticeEvent
    subject: str
    body: str
    plan_id: str
    execution_id: str

    @property
    def topics(self) -> tuple[str, ...]:
        """Return the kinds of topic it goes to."""
        if self.event is NoticeEvent.PAUSE:
            return ("pause",)
        if self.event in _ALERTS_ONLY:
            return ("drs_alert",)
        if self.event in _ALERTS:
            return ("execution", "drs_alert")
        return ("execution",)


def end_event(status: Status) -> NoticeEvent:
    """Return the event that tells of a terminal status."""
    return _END_EVENTS[status]


def notice(
    record: Record, event: NoticeEvent, *, wave: str = "", reason: str = ""
) -> Notice:
    """Return what is told of an execution."""
    kind = "Drill" if record.is_drill else "Recovery"
    subject = f"{kind} {record.plan_name}: {event.value.replace('_', ' ')}"
    lines = [
        f"Plan: {record.plan_name}",
        f"Execution: {record.execution_id}",
        f"Type: {record.execution_type}",
        f"Status: {record.status}",
    ]
    if wave:
        lines.append(f"Wave: {wave}")
    lines += [f"{name}: {count}" for name, count in _counts(record)]
    if reason:
        lines.append(f"Reason: {reason}")
    if event is NoticeEvent.PAUSE:
        lines.append(f"Resume with: dro resume {record.execution_id}")
    return Notice(
        event=event,
        subject=_ascii(subject),
        body="\n".join(lines),
        plan_id=record.plan_id,
        execution_id=record.execution_id,
    )


def _counts(record: Record) -> list[tuple[str, Any]]:
    """Return the servers' counts, where the outcome knows them."""
    names = ("servers", "launched", "failed", "notStarted")
    return [
        (name, record.outcome[name])
        for name in names
        if name in record.outcome
    ]


def _ascii(text: str) -> str:
    """Return the text as a topic takes it: one line, printable, short."""
    plain = text.encode("ascii", "replace").decode("ascii")
    line = "".join(one if one.isprintable() else " " for one in plain)
    return line[:SUBJECT_CHARACTERS]
