"""The trouble maker: spoils calls, kills functions, lets things happen.

It meets every call of a port inside a function and does what the schedule
says. Errors are those of the real adapters; what they are for DRS, its own
adapter decides.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from shared.domain.errors import (
    DatabaseError,
    DrError,
    HandlerFailed,
    HandlerUnavailable,
)
from tests.campaign.faults import Fault, Kind, Schedule
from tests.campaign.points import Frame, Killed, Point

TABLES = frozenset(
    {"accounts", "audit", "executions", "groups", "locks", "plans"}
)
WRITES = frozenset(
    {
        "drs.start_recovery",
        "executions.commit",
        "executions.commit_intent",
        "executions.create",
        "executions.delete_plan",
        "executions.finalize",
        "executions.save_plan",
        "locks.acquire_plan",
        "locks.give_up",
        "locks.release",
        "locks.release_plan",
        "locks.reserve",
        "locks.reserve_all",
        "notifier.send",
    }
)
MEANWHILE = frozenset(
    {
        Kind.CANCEL,
        Kind.EVENT,
        Kind.PAUSE,
        Kind.RACE,
        Kind.RESUME,
        Kind.SKIP,
        Kind.SLOW,
        Kind.SWEEP,
        Kind.TWIN,
    }
)
WAITS = (1, 2, 4, 8)
DEEPEST = 2


class Others(Protocol):
    """What the rest of the world can be made to do."""

    def now(self) -> float:
        """Return the time."""

    def sleep(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due."""

    def trouble_drs(self, kind: Kind, times: int) -> None:
        """Let the next calls to DRS go wrong."""

    def meanwhile(self, fault: Fault, frame: Frame) -> None:
        """Let somebody else do something."""

    def tell(self, what: str) -> None:
        """Take note of what happened."""


class Trouble:
    """Meets every call.

    Attributes:
        seen: The points that were passed.
        crashed: The points at which a function was killed.
        crash_at: Points at which one is killed whatever the schedule says,
            the first time each is passed.
        struck: How many faults there were of each kind.
        writes: How often something may have changed.
    """

    def __init__(self, schedule: Schedule, others: Others) -> None:
        self.schedule = schedule
        self._others = others
        self.seen: set[Point] = set()
        self.crashed: set[Point] = set()
        self.struck: Counter[Kind] = Counter()
        self.writes = 0
        self.crash_at: tuple[Point, ...] = ()
        self._crashed_at: set[Point] = set()
        self._depth = 0
        self._storm = 0
        self._expired = 0

    def meet(self, call: str, frame: Frame, work: Callable[[], Any]) -> Any:
        """Have a call made, or not."""
        self._alive(frame)
        fault = self._fault(call)
        before = Point("before", call, frame.function)
        self.seen.add(before)
        if fault is not None:
            self._strike(fault, frame)
        self._die(before, fault, Kind.CRASH_BEFORE)
        answer = self._made(call, work, fault)
        if call in WRITES:
            self.writes += 1
        self._alive(frame)
        after = Point("after", call, frame.function)
        self.seen.add(after)
        self._die(after, fault, Kind.CRASH_AFTER)
        return answer

    def delivery(self, call: str) -> Fault | None:
        """Return what goes wrong with a delivery, if anything does."""
        fault = self.schedule.at(call)
        if fault is not None:
            self._note(fault)
        return fault

    def _fault(self, call: str) -> Fault | None:
        fault = self.schedule.at(call)
        if fault is None:
            return None
        if self._depth >= DEEPEST and fault.kind in MEANWHILE:
            return None
        self._note(fault)
        return fault

    def _note(self, fault: Fault) -> None:
        self.struck[fault.kind] += 1
        self._others.tell(f"FAULT {fault}")

    def _alive(self, frame: Frame) -> None:
        if self._others.now() >= frame.deadline:
            self._others.tell(f"{frame.function} ran out of time")
            raise Killed(f"{frame.function} ran out of time")

    def _die(self, point: Point, fault: Fault | None, kind: Kind) -> None:
        if point in self.crash_at and point not in self._crashed_at:
            self._crashed_at.add(point)
            self.struck[kind] += 1
        elif fault is None or fault.kind is not kind:
            return
        self.crashed.add(point)
        self._others.tell(f"killed {point}")
        raise Killed(f"killed {point}")

    def _strike(self, fault: Fault, frame: Frame) -> None:
        """Do what is done before the call is made."""
        if fault.kind in MEANWHILE:
            self._depth += 1
            try:
                self._others.meanwhile(fault, frame)
            finally:
                self._depth -= 1
            self._alive(frame)

    def _made(
        self, call: str, work: Callable[[], Any], fault: Fault | None
    ) -> Any:
        kind = fault.kind if fault is not None else None
        size = fault.size if fault is not None else 0
        port = call.partition(".")[0]
        if port == "drs":
            self._spoil_drs(kind, size)
            return work()
        if port == "notifier":
            return self._told(kind, work)
        if port in TABLES:
            return self._asked_table(call, kind, size, work)
        return self._asked_peer(call, kind, work)

    def _spoil_drs(self, kind: Kind | None, size: int) -> None:
        if kind is Kind.LOST_ANSWER or kind is Kind.REFUSED:
            self._others.trouble_drs(kind, 1)
        elif kind is Kind.THROTTLED or kind is Kind.EXPIRED:
            self._others.trouble_drs(kind, size)

    def _told(self, kind: Kind | None, work: Callable[[], Any]) -> Any:
        if kind in (Kind.REFUSED, Kind.THROTTLED, Kind.EXPIRED):
            return False
        answer = work()
        return False if kind is Kind.LOST_ANSWER else answer

    def _asked_table(
        self,
        call: str,
        kind: Kind | None,
        size: int,
        work: Callable[[], Any],
    ) -> Any:
        if kind is Kind.THROTTLED:
            self._storm = size
        elif kind is Kind.EXPIRED:
            self._expired = size
        if kind is Kind.REFUSED:
            raise _database_error(call, "ServiceUnavailable")
        if self._expired:
            self._expired -= 1
            raise _database_error(call, "ExpiredTokenException")
        self._weather(call)
        answer = work()
        if kind is Kind.LOST_ANSWER:
            self.writes += 1
            raise _database_error(call, "ReadTimeoutError")
        return answer

    def _weather(self, call: str) -> None:
        """Wait for a storm to pass, as the table's door does."""
        for wait in WAITS:
            if not self._storm:
                return
            self._storm -= 1
            self._others.sleep(wait)
        if self._storm:
            self._storm -= 1
            raise _database_error(call, "ThrottlingException")

    def _asked_peer(
        self, call: str, kind: Kind | None, work: Callable[[], Any]
    ) -> Any:
        """Call a peer, the worker, the state machine or a waiting task."""
        if kind is Kind.EXPIRED:
            raise _expired(call)
        if kind in (Kind.REFUSED, Kind.THROTTLED):
            raise _unavailable(call, "TooManyRequestsException")
        answer = work()
        if kind is Kind.LOST_ANSWER:
            raise _unavailable(call, "ReadTimeoutError")
        return answer


def _database_error(call: str, why: str) -> DatabaseError:
    return DatabaseError(f"{call} on table history failed: {why}")


def _unavailable(call: str, why: str) -> HandlerUnavailable:
    return HandlerUnavailable(
        f"{call} could not be reached: {why}", peerError=why
    )


def _expired(call: str) -> DrError:
    """Return what the adapter makes of keys that are refused."""
    if call == "peer.call":
        return HandlerFailed(
            "The peer could not be invoked: ExpiredTokenException",
            peerError="ExpiredTokenException",
        )
    return _unavailable(call, "ExpiredTokenException")
