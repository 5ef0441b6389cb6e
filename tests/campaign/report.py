"""What many runs add up to, and how it is printed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.campaign.campaign import Result
from tests.campaign.invariants import Sizes
from tests.campaign.points import Point

SHOWN = 20


@dataclass(slots=True)
class Report:
    """The sum of the runs so far.

    Attributes:
        seen: Every point that was passed, with a run that passed it.
        crashed: The points at which a function was killed.
    """

    runs: int = 0
    seconds: float = 0
    slowest: float = 0
    virtual: float = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    seen: dict[Point, Result] = field(default_factory=dict)
    crashed: set[Point] = field(default_factory=set)
    largest: Sizes = field(default_factory=Sizes)
    broken: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count a run in."""
        self.runs += 1
        self.seconds += result.seconds
        self.slowest = max(self.slowest, result.seconds)
        self.virtual += result.virtual_seconds
        self.outcomes[result.outcome] += 1
        self.struck.update(result.struck)
        for point in result.seen:
            self.seen.setdefault(point, result)
        self.crashed |= result.crashed
        self.largest = self.largest.largest(result.largest)
        if result.broken:
            self.broken.append(result)

    @property
    def uncovered(self) -> list[Point]:
        """Return the points that were passed and where nothing crashed."""
        return sorted(set(self.seen) - self.crashed)

    def lines(self) -> Iterator[str]:
        """Yield what people are told at the end."""
        average = self.seconds / max(1, self.runs)
        yield f"runs               {self.runs:,}"
        yield f"violations         {len(self.broken):,}"
        yield (
            f"time               {average:.3f} s a run, the slowest"
            f" {self.slowest:.1f} s; {self.virtual / 86_400:,.0f} days of"
            " virtual time"
        )
        covered = len(self.seen) - len(self.uncovered)
        yield f"crash points       {covered:,} covered of {len(self.seen):,}"
        yield f"largest history    {self.largest.history:,} events"
        yield f"largest state      {self.largest.state:,} bytes"
        yield f"largest item       {self.largest.item:,} bytes"
        yield f"faults             {self.struck.total():,}"
        for kind, count in self.struck.most_common():
            yield f"  {kind:30} {count:9,}"
        yield "outcomes"
        for outcome, count in self.outcomes.most_common():
            yield f"  {outcome:30} {count:9,}"
        for point in self.uncovered[:SHOWN]:
            yield f"not covered: {point}"
        for result in self.broken[:SHOWN]:
            yield from violation(result)


def violation(result: Result) -> Iterator[str]:
    """Yield what is broken in a run, and how to see it again."""
    yield f"VIOLATION in seed {result.seed}, {result.orchestrator}:"
    for what in result.broken:
        yield f"  {what}"
    yield f"  replay: {result.replay}"
