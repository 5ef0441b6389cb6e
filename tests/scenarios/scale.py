"""Runs of the largest size and the longest time, and what they used.

A run is made once and judged by tests and by the table of figures alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from shared.domain.execution import size_of
from shared.domain.items import item_bytes
from shared.domain.record import Record
from tests.support.world import Orchestrator, World

SERVERS = 4_000
PLACES = 500
MOST_EVENTS = 5_000
MOST_PAYLOAD = 65_536
MOST_ITEM = 307_200
WAVES = 200
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a run used: the largest of each, and how often it was polled."""

    name: str
    world: World
    record: Record

    @property
    def history(self) -> int:
        """Return the events of the longest state machine execution."""
        runs = self.world.driver.runs.values()
        return max(len(run.events) for run in runs)

    @property
    def machines(self) -> int:
        """Return the number of state machine executions."""
        return len(self.world.driver.runs)

    @property
    def payload(self) -> int:
        """Return the bytes of the largest state."""
        return max(size_of(state) for state in self.world.states)

    @property
    def item(self) -> int:
        """Return the bytes of the largest item of the table."""
        items = self.world.executions.items.values()
        return max(item_bytes(item) for item in items)

    @property
    def is_within_bounds(self) -> bool:
        """Tell whether history, states and items were small enough."""
        return (
            self.history <= MOST_EVENTS
            and self.payload <= MOST_PAYLOAD
            and self.item <= MOST_ITEM
        )

    @property
    def polls(self) -> int:
        """Return how often the orchestrator was asked."""
        return len(self.world.states)

    @property
    def seconds(self) -> int:
        """Return how long the run took."""
        return (self.record.end_time or 0) - self.record.start_time

    @property
    def least_seconds(self) -> float:
        """Return the least time in which its jobs fit into the quotas.

        That is the longest job, or all places used by the servers of a job
        from its start to its end.
        """
        jobs = [
            (job.end or 0.0, len(job.participants))
            for region in self.world.drs.simulator.state.regions.values()
            for job in region.jobs.values()
        ]
        work = sum(seconds * size for seconds, size in jobs)
        return max(max(seconds for seconds, _ in jobs), work / PLACES)


def one_wave(
    name: str,
    seconds: Callable[[int], float],
    kind: Orchestrator = "direct",
) -> Figures:
    """Run one wave whose server of each number takes that many seconds."""
    world = World(kind)
    for number, server in enumerate(world.has_servers("big", SERVERS)):
        world.drs.will_launch(server, after=seconds(number))
    world.has_plan({"protectionGroupId": "big"})
    return Figures(
        name=name, world=world, record=world.finishes(world.starts())
    )


def equal_times() -> Figures:
    """Run one wave of 4,000 servers that take ten minutes each."""
    return one_wave("one wave, equal times", lambda number: 600)


def random_times(seed: int = 1) -> Figures:
    """Run one wave of servers that take 5 to 15 minutes each.

    A job takes as long as the slowest of its servers.
    """
    draw = Random(seed)
    return one_wave(
        "one wave, random times", lambda number: draw.uniform(300, 900)
    )


def many_waves() -> Figures:
    """Run 200 waves of 20 servers, each after the one before."""
    world = World()
    waves: list[dict[str, Any]] = []
    for number in range(WAVES):
        name = f"tier-{number}"
        for server in world.has_servers(name, SERVERS // WAVES):
            world.drs.will_launch(server, after=60)
        waves.append(
            {
                "protectionGroupId": name,
                "waveName": f"Wave {number}",
                "dependsOnWaves": [number - 1] if number else [],
            }
        )
    world.has_plan(*waves)
    return Figures(
        name="200 waves",
        world=world,
        record=world.finishes(world.starts()),
    )


def long_wave(days: int = 7) -> Figures:
    """Run a wave whose server takes some days."""
    world = World("direct")
    for server in world.has_servers("slow", 1):
        world.drs.will_launch(server, after=days * DAY)
    world.has_plan({"protectionGroupId": "slow"})
    return Figures(
        name=f"a wave of {days} days",
        world=world,
        record=world.finishes(world.starts()),
    )


def long_pause(days: int = 30) -> Figures:
    """Run two waves with a pause of some days between them."""
    world = World("direct")
    for name in ("db", "web"):
        world.has_servers(name, 2)
    world.has_plan(
        {"protectionGroupId": "db"},
        {"protectionGroupId": "web", "pauseBeforeWave": True},
    )
    execution = world.starts()
    world.pauses(execution)
    world.virtual.advance(days * DAY)
    world.operate("resume", executionId=execution)
    return Figures(
        name=f"a pause of {days} days",
        world=world,
        record=world.finishes(execution),
    )


@cache
def made(run: Callable[[], Figures]) -> Figures:
    """Return the figures of a run that is made once."""
    return run()
