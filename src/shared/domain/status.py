"""Statuses and the one table of transitions of an execution's record.

Everything that decides which status may follow which is in this file, and
the file knows nothing of stores, jobs or Lambdas. Values are the spellings
of the tables. Rows are those of the contract's transition table.
"""

from enum import StrEnum
from typing import Self

from shared.domain.errors import Conflict


class Status(StrEnum):
    """The status of an execution's record."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    POLLING = "POLLING"
    PAUSE_PENDING = "PAUSE_PENDING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    TIMEOUT = "TIMEOUT"
    # Older records only; they are treated as POLLING.
    INITIATED = "INITIATED"
    LAUNCHING = "LAUNCHING"
    STARTED = "STARTED"
    IN_PROGRESS = "IN_PROGRESS"

    @property
    def is_terminal(self) -> bool:
        """Tell whether the status never changes again."""
        return self in TERMINAL

    @property
    def is_cancel(self) -> bool:
        """Tell whether a person ended, or is ending, the execution."""
        return self in (Status.CANCELLING, Status.CANCELLED)


TERMINAL = frozenset(
    {
        Status.COMPLETED,
        Status.PARTIAL,
        Status.FAILED,
        Status.CANCELLED,
        Status.TIMEOUT,
    }
)
ACTIVE = frozenset(Status) - TERMINAL
LAUNCHABLE = frozenset({Status.RUNNING, Status.POLLING})


class Event(StrEnum):
    """What happened to an execution."""

    BEGUN = "BEGUN"
    JOB_ACCEPTED = "JOB_ACCEPTED"
    PAUSE_REQUESTED = "PAUSE_REQUESTED"
    PAUSE_REACHED = "PAUSE_REACHED"
    TOKEN_STORED = "TOKEN_STORED"  # nosec B105: the name of an event
    RESUMED = "RESUMED"
    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    CANCELLED_AT_REST = "CANCELLED_AT_REST"
    DRAINED = "DRAINED"
    CANCELLED_BY_MACHINE = "CANCELLED_BY_MACHINE"
    COMPLETED = "COMPLETED"
    PARTIALLY_COMPLETED = "PARTIALLY_COMPLETED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"


# What `finalize` and `record_outcome` may end, as well as the run itself.
_ENDS = {
    Event.COMPLETED: Status.COMPLETED,
    Event.PARTIALLY_COMPLETED: Status.PARTIAL,
    Event.FAILED: Status.FAILED,
    Event.TIMED_OUT: Status.TIMEOUT,
    Event.CANCELLED_BY_MACHINE: Status.CANCELLED,
}
_UNDER_WAY = {
    Event.PAUSE_REQUESTED: Status.PAUSE_PENDING,
    Event.PAUSE_REACHED: Status.PAUSED,
    Event.JOB_ACCEPTED: Status.POLLING,
    Event.CANCEL_REQUESTED: Status.CANCELLING,
    **_ENDS,
}

TRANSITIONS: dict[Status, dict[Event, Status]] = {
    Status.PENDING: {
        Event.BEGUN: Status.RUNNING,
        Event.CANCELLED_AT_REST: Status.CANCELLED,
        **_ENDS,
    },
    Status.RUNNING: {Event.BEGUN: Status.RUNNING, **_UNDER_WAY},
    Status.POLLING: dict(_UNDER_WAY),
    Status.PAUSE_PENDING: {
        Event.PAUSE_REACHED: Status.PAUSED,
        Event.CANCEL_REQUESTED: Status.CANCELLING,
        **_ENDS,
    },
    Status.PAUSED: {
        Event.PAUSE_REACHED: Status.PAUSED,
        Event.TOKEN_STORED: Status.PAUSED,
        Event.RESUMED: Status.RUNNING,
        Event.CANCEL_REQUESTED: Status.CANCELLING,
        Event.CANCELLED_AT_REST: Status.CANCELLED,
        **_ENDS,
    },
    Status.CANCELLING: {Event.DRAINED: Status.CANCELLED},
    **{status: {} for status in TERMINAL},
    Status.IN_PROGRESS: dict(_UNDER_WAY),
    # Of the older ones only IN_PROGRESS is pausable.
    **{
        older: {
            event: reached
            for event, reached in _UNDER_WAY.items()
            if event is not Event.PAUSE_REQUESTED
        }
        for older in (Status.INITIATED, Status.LAUNCHING, Status.STARTED)
    },
}


class IllegalTransition(Conflict):
    """The record's status does not allow what was asked."""

    default_code = "ILLEGAL_TRANSITION"


def follows(status: Status, event: Event) -> Status | None:
    """Return the status after the event, or None where it is refused."""
    return TRANSITIONS[status].get(event)


def after(status: Status, event: Event) -> Status:
    """Return the status after the event.

    Raises:
        IllegalTransition: The table has no such row.
    """
    reached = follows(status, event)
    if reached is None:
        raise IllegalTransition(
            f"An execution that is {status} cannot be changed by {event}; "
            "read it again and decide anew."
        )
    return reached


class WaveStatus(StrEnum):
    """The status of a wave's entry."""

    STARTED = "STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"

    @classmethod
    def final(cls) -> frozenset[Self]:
        """Return the statuses that no poll changes any more."""
        return frozenset(cls) - {cls.STARTED, cls.IN_PROGRESS}

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """Read the spellings of older records."""
        if value == "ERROR":
            return cls("FAILED")
        if value in ("PENDING", "POLLING", "LAUNCHING", "INITIATED"):
            return cls("IN_PROGRESS")
        return None


class LaunchStatus(StrEnum):
    """A server's launch status, as the recovery service spells it."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    LAUNCHED = "LAUNCHED"
    FAILED = "FAILED"
    TERMINATED = "TERMINATED"


LAUNCH_OVER = frozenset(
    {LaunchStatus.LAUNCHED, LaunchStatus.FAILED, LaunchStatus.TERMINATED}
)


class IntentState(StrEnum):
    """How far the intention to start a job has come."""

    INTENT = "INTENT"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


class RunStatus(StrEnum):
    """The status that the state machine branches on."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


_RUN_STATUS = {
    Status.COMPLETED: RunStatus.COMPLETED,
    Status.PARTIAL: RunStatus.FAILED,
    Status.FAILED: RunStatus.FAILED,
    Status.TIMEOUT: RunStatus.TIMEOUT,
    Status.CANCELLED: RunStatus.CANCELLED,
    Status.CANCELLING: RunStatus.CANCELLED,
    Status.PAUSED: RunStatus.PAUSED,
}


def run_status(status: Status) -> RunStatus:
    """Return what the state machine is told of a record's status."""
    return _RUN_STATUS.get(status, RunStatus.RUNNING)
