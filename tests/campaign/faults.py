"""What goes wrong, and at which call.

The schedule is keyed by the call's name and how many calls of that name
there were. Both orchestrators make the same calls in the same order, so the
same fault strikes both at the same point. Nothing is decided here about how
a fault comes about.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """The kinds of fault."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    LOST_ANSWER = "lost answer"
    REFUSED = "refused once"
    THROTTLED = "throttle storm"
    EXPIRED = "expired credentials"
    TWIN = "duplicate delivery meanwhile"
    DUPLICATE = "duplicate delivery afterwards"
    LOST = "lost delivery"
    RACE = "conditional-write race"
    SWEEP = "sweep meanwhile"
    EVENT = "DRS event meanwhile"
    SLOW = "slow call"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip a wave"


MEANWHILE = (
    (Kind.TWIN, 4),
    (Kind.RACE, 4),
    (Kind.SWEEP, 4),
    (Kind.EVENT, 1),
    (Kind.SLOW, 3),
    (Kind.CANCEL, 1),
    (Kind.PAUSE, 2),
    (Kind.RESUME, 1),
    (Kind.SKIP, 1),
)
CRASHES = ((Kind.CRASH_BEFORE, 9), (Kind.CRASH_AFTER, 9))
SPOILED = (
    (Kind.LOST_ANSWER, 5),
    (Kind.REFUSED, 2),
    (Kind.THROTTLED, 3),
    (Kind.EXPIRED, 2),
)
DELIVERY = ((Kind.DUPLICATE, 3), (Kind.LOST_ANSWER, 3), (Kind.LOST, 1))
LONGEST_STORM = 12

# How many calls of a name there are between two faults of it, on average.
# What is called often strikes no more often than what is called once.
USUAL = 9.0
COMMON = {
    "executions.record": 90.0,
    "executions.find": 20.0,
    "executions.entry": 60.0,
    "executions.intents": 80.0,
    "executions.commit": 30.0,
    "executions.live": 40.0,
    "executions.reserved": 30.0,
    "drs.jobs": 40.0,
    "drs.active_jobs": 20.0,
    "drs.quotas": 15.0,
    "drs.jobs_since": 10.0,
    "locks.release": 15.0,
    "notifier.send": 15.0,
    "machine.describe": 25.0,
    "peer.call": 30.0,
    "delivery.machine": 30.0,
}
# What only one of the orchestrators has.
NOT_COMMON_TO_BOTH = frozenset({"peer.call"})
MOST = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; ``size`` is how often, how long or how late it strikes."""

    kind: Kind
    call: str
    ordinal: int
    size: int

    def __str__(self) -> str:
        return f"{self.kind} (size {self.size}) at {self.call} {self.ordinal}"


@dataclass(slots=True)
class _Line:
    """The faults of one call's name, drawn one ahead."""

    random: Random
    mean: float
    choices: Sequence[tuple[Kind, int]]
    passed: int = 0
    next: int = 0

    def skip(self) -> None:
        self.next += 1 + int(self.random.expovariate(1 / self.mean))


class Schedule:
    """The faults of one seed."""

    def __init__(self, seed: int, intensity: float, *, common: bool) -> None:
        self._seed = seed
        self._intensity = intensity
        self._common = common
        self._lines: dict[str, _Line] = {}
        self.struck: Counter[Kind] = Counter()
        self.total = 0
        self.over = not intensity

    def pause(self) -> None:
        """Let nothing go wrong for a while."""
        self.over = True

    def go_on(self) -> None:
        """Let things go wrong again, where any were left."""
        self.over = not self._intensity or self.total >= MOST

    def at(self, call: str) -> Fault | None:
        """Return what goes wrong at the next call of this name, if so."""
        if self.over or (self._common and call in NOT_COMMON_TO_BOTH):
            return None
        line = self._lines.get(call) or self._begun(call)
        line.passed += 1
        if line.passed < line.next:
            return None
        kinds, weights = zip(*line.choices, strict=True)
        kind = line.random.choices(kinds, weights)[0]
        size = min(LONGEST_STORM, 1 + int(line.random.expovariate(0.4)))
        # Trouble comes in bursts.
        if line.random.random() < 0.75:
            line.skip()
        else:
            line.next += 1
        self.total += 1
        self.over = self.total >= MOST
        return Fault(kind=kind, call=call, ordinal=line.passed, size=size)

    def _begun(self, call: str) -> _Line:
        random = Random(f"faults {self._seed} {call}")
        mean = COMMON.get(call, USUAL) / self._intensity
        line = _Line(random, mean, _choices(call))
        line.skip()
        self._lines[call] = line
        return line


def _choices(call: str) -> Sequence[tuple[Kind, int]]:
    if call.startswith("delivery."):
        return DELIVERY
    return (*CRASHES, *SPOILED, *MEANWHILE)
