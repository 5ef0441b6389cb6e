"""What the decisions need of the outside, named for the need.

Each port has an in-memory fake in ``tests/support`` and an adapter in an
``aws`` directory; one suite of tests runs on both.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from shared.domain.audit import AuditEntry
from shared.domain.execution import Wire
from shared.domain.notices import Notice
from shared.domain.plan import Plan
from shared.domain.record import (
    Change,
    Intent,
    IntentChange,
    Key,
    Record,
    Reserved,
    WaveEntry,
)
from shared.domain.status import Status


class Clock(Protocol):
    """The time, and waiting for it to pass."""

    def now(self) -> int:
        """Return the epoch seconds, rounded down."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Handler(Protocol):
    """A peer function, reached by action name."""

    def call(self, action: str, payload: Mapping[str, Any]) -> Wire:
        """Return the peer's reply.

        Raises:
            HandlerUnavailable: It could not be reached; try again.
            HandlerFailed: Its reply is not a JSON object.
            DrError: The typed error that the peer raised.
        """


class Executions(Protocol):
    """The execution history."""

    def record(self, key: Key) -> Record:
        """Return the record, read consistently.

        Raises:
            NotFound: ``EXECUTION_NOT_FOUND``.
        """

    def find(self, execution_id: str) -> Record:
        """Return the record of an execution whose plan is not known.

        Raises:
            NotFound: ``EXECUTION_NOT_FOUND``.
        """

    def entry(self, record: Record, number: int) -> WaveEntry | None:
        """Return a wave's entry with its servers, wherever they live."""

    def reserved(self, record: Record) -> tuple[Reserved, ...]:
        """Return the servers noted for each wave, wherever they live."""

    def plan(self, key: Key) -> Plan:
        """Return the plan as approved at the start.

        Raises:
            NotFound: The execution has no snapshot.
        """

    def intents(self, key: Key, wave: int | None = None) -> list[Intent]:
        """Return the intents of a wave or of all, in order, consistently."""

    def live(self) -> list[Key]:
        """Return every execution that is active or not yet finalized."""

    def active(self) -> list[Record]:
        """Return the records with an active status, all pages."""

    def runs(self) -> list[Record]:
        """Return every execution there is, its ids, status and times only."""

    def with_status(self, statuses: Iterable[Status]) -> list[Record]:
        """Return the records with one of the statuses, all pages."""

    def save_plan(self, key: Key, plan: Plan, attempt: str = "") -> None:
        """Store the snapshot, in as many items as it needs.

        Nothing happens where the record exists, nor where another attempt
        holds the plan's lock.
        """

    def delete_plan(self, key: Key, attempt: str = "") -> None:
        """Delete the snapshot of a start that was given up.

        Nothing happens where the record exists, nor where another attempt
        holds the plan's lock.
        """

    def create(
        self,
        record: Record,
        attempt: str = "",
        retried: Record | None = None,
    ) -> bool:
        """Write a record and its live marker.

        One transaction, which also checks that this attempt holds its
        plan's lock. An execution that it retries gets its ``retriedBy`` in
        it. False where the record exists, the lock is lost or the retried
        record was changed meanwhile.
        """

    def commit(
        self,
        before: Record,
        change: Change,
        intents: Sequence[IntentChange] = (),
    ) -> Record | None:
        """Apply a change to the record as it was read.

        One transaction with the intents. None where the record or an
        intent was changed meanwhile: read again and decide again.
        """

    def commit_intent(self, key: Key, change: IntentChange) -> bool:
        """Write an intent alone, whatever the record says by now."""

    def finalize(
        self, before: Record, now: int, *, expires_at: int = 0
    ) -> Record | None:
        """Set ``finalizedAt`` and delete the live marker, together.

        With ``expires_at`` the record and all that belongs to it are kept
        until then.
        """

    def delete(self, before: Record) -> bool:
        """Delete an execution that is over, with all its items.

        Its record goes last. False where it was changed meanwhile: read
        again and decide again.
        """


class ServerKey(NamedTuple):
    """What a server reservation is about."""

    account_id: str
    region: str
    source_server_id: str


class Locks(Protocol):
    """The plan lock and the server reservations.

    An execution that has no record yet may be started by several attempts
    at once, as repeats of one request are. The plan's lock names the
    attempt that took it last; what others of them do has no effect any
    more.
    """

    def acquire_plan(
        self, owner: Key, now: int, attempt: str = ""
    ) -> str | None:
        """Take the plan's lock; return who holds it where that failed.

        A lock that is held for the same execution goes to this attempt.
        """

    def release_plan(self, owner: Key) -> None:
        """Give the plan's lock back; nothing happens where it is not ours."""

    def give_up(
        self, owner: Key, servers: Sequence[ServerKey], attempt: str
    ) -> None:
        """Give back what an attempt to start took, the plan's lock last.

        Nothing happens where the record exists, nor where another attempt
        holds the plan's lock.
        """

    def reserve(
        self,
        owner: Key,
        servers: Sequence[ServerKey],
        wave: int,
        now: int,
        *,
        record_exists: bool,
        attempt: str = "",
    ) -> dict[ServerKey, str]:
        """Take reservations; return those held by others with the holder.

        All that are free or ours already are taken. With
        ``record_exists`` each transaction checks that the owner's record
        is active; with ``attempt`` that it holds the plan's lock.

        Raises:
            Conflict: The owner's record is not active any more, or another
                attempt holds the plan's lock.
        """

    def reserve_all(
        self,
        owner: Key,
        servers: Mapping[ServerKey, int],
        now: int,
        *,
        record_exists: bool,
        attempt: str = "",
    ) -> dict[ServerKey, str]:
        """Take the reservations of a whole start, each with its wave.

        They are taken in one order, the same for everybody, and no more of
        them once one is held: so that of starts which want each other's
        servers one gets all of its own. What was taken before that stays
        with the owner, who gives it back. Otherwise as ``reserve``.

        Returns:
            Some that are held by others, with the holder; empty where all
            were taken.
        """

    def holders(self, servers: Sequence[ServerKey]) -> dict[ServerKey, str]:
        """Return the execution that holds each server, where one does."""

    def release(self, owner: Key, servers: Sequence[ServerKey]) -> None:
        """Give reservations back, those of others excepted."""


class Plans(Protocol):
    """The recovery plans as they are now."""

    def plan(self, plan_id: str) -> Plan:
        """Return the plan, read consistently.

        Raises:
            NotFound: ``RECOVERY_PLAN_NOT_FOUND``.
        """


class Groups(Protocol):
    """The protection groups as they are now."""

    def group(self, group_id: str) -> dict[str, Any]:
        """Return the whole stored group.

        Raises:
            NotFound: ``PROTECTION_GROUP_NOT_FOUND``.
        """


class Accounts(Protocol):
    """The registered target accounts."""

    def account(self, account_id: str) -> dict[str, Any] | None:
        """Return the account as registered, or None."""


class AccountNames(Protocol):
    """What people call accounts."""

    def own(self) -> str:
        """Return this account's name; empty where it has none."""

    def of(self, account_id: str) -> str:
        """Return another account's name; empty where it is not told."""


class Notifier(Protocol):
    """People who want to hear of it."""

    def send(self, notice: Notice) -> bool:
        """Send, best effort; return whether it went out."""


class Audit(Protocol):
    """The trail of what people asked for."""

    def write(self, entry: AuditEntry) -> None:
        """Add an entry; entries are never changed.

        Raises:
            DatabaseError: The trail cannot be written to.
        """


class Callbacks(Protocol):
    """Tasks of the state machine that wait for an answer."""

    def succeed(self, token: str, output: Mapping[str, Any]) -> bool:
        """Answer a task; False where the token is not valid any more.

        Raises:
            BadRequest: ``RESUME_TOKEN_INVALID``: it never was a token.
        """

    def fail(self, token: str, error: str, cause: str) -> bool:
        """Fail a task; False where the token is not valid any more."""


class MachineRun(NamedTuple):
    """A state machine execution: its status and, if it failed, why."""

    status: str
    error: str
    cause: str


class Machine(Protocol):
    """The state machine."""

    def start(self, name: str, payload: Mapping[str, Any]) -> str:
        """Start an execution; one of that name already is success.

        Returns:
            The execution's ARN.
        """

    def describe(self, arn: str) -> MachineRun | None:
        """Return an execution's status, or None where there is none."""

    def stop(self, arn: str, cause: str) -> None:
        """Stop an execution; one that has ended is left alone."""


class Worker(Protocol):
    """Work that goes on after the reply."""

    def later(self, payload: Mapping[str, Any]) -> None:
        """Invoke this same function asynchronously."""


__all__ = [
    "AccountNames",
    "Accounts",
    "Audit",
    "Callbacks",
    "Clock",
    "Executions",
    "Groups",
    "Handler",
    "Locks",
    "Machine",
    "MachineRun",
    "Notifier",
    "Plans",
    "Reserved",
    "ServerKey",
    "Worker",
]
