"""A function may die anywhere: each server is launched once all the same."""

from collections.abc import Callable
from random import Random

import pytest

from shared.domain.errors import DrError
from shared.domain.record import Record
from shared.domain.status import Status
from tests.scenarios.crashes import CrashingWorld, check
from tests.support.world import Orchestrator

KINDS: tuple[Orchestrator, ...] = ("generic", "direct")


def points(kind: Orchestrator, looks: bool, lost: int = 0) -> int:
    """Return how many points a run passes that nothing kills."""
    world = CrashingWorld(kind=kind, looks=looks)
    if lost:
        world.drs.loses_next_start_reply(times=lost)
    world.finishes(world.begins())
    return world.points.count


def completed(world: CrashingWorld) -> None:
    """Check that the run completed with one job a wave."""
    record = world.finishes(world.begins())
    check(world, record)
    assert record.status is Status.COMPLETED, record.error_message
    assert len(world.drs.jobs_started) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_death_at_any_point_changes_no_outcome(kind: Orchestrator) -> None:
    for point in range(1, points(kind, looks=True) + 1):
        completed(CrashingWorld(point, kind=kind, looks=True))


@pytest.mark.parametrize(("kind", "lost"), [("generic", 1), ("direct", 3)])
def test_a_death_and_lost_answers_change_no_outcome(
    kind: Orchestrator, lost: int
) -> None:
    for point in range(1, points(kind, False, lost) + 1):
        world = CrashingWorld(point, kind=kind)
        world.drs.loses_next_start_reply(times=lost)
        completed(world)


@pytest.mark.parametrize("kind", KINDS)
def test_a_death_while_jobs_are_listed_late_changes_no_outcome(
    kind: Orchestrator,
) -> None:
    for point in range(1, points(kind, looks=False) + 1, 3):
        world = CrashingWorld(point, kind=kind, seconds=200)
        world.drs.lists_jobs_after(90)
        world.drs.loses_next_start_reply()
        completed(world)


@pytest.mark.parametrize("seed", range(30))
def test_any_number_of_deaths_starts_nothing_twice(seed: int) -> None:
    random = Random(seed)
    chosen = random.sample(range(1, 260), random.randint(2, 12))
    kind = random.choice(KINDS)
    world = CrashingWorld(*chosen, kind=kind, looks=True)
    if random.random() < 0.5:
        world.drs.loses_next_start_reply(times=random.randint(1, 4))

    check(world, world.finishes(world.begins()))


def requested(world: CrashingWorld, point: int, operation: str) -> list[str]:
    """Let a person ask for something when the run is at a point."""
    answers: list[str] = []

    def ask() -> None:
        keys = [k[0] for k in world.executions.items if k[1] == "plan-1"]
        ids = [key for key in keys if "lock" not in key]
        try:
            reply = world.asks(operation, executionId=ids[0] if ids else "no")
        except DrError as error:
            answers.append(error.code)
        else:
            answers.append(reply["status"])

    world.points.at[point] = ask
    return answers


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancel_at_any_point_ends_the_run_with_every_job_known(
    kind: Orchestrator,
) -> None:
    for point in range(1, points(kind, looks=True) + 1, 2):
        world = CrashingWorld(kind=kind, looks=True)
        answers = requested(world, point, "cancel_execution")

        record = world.finishes(world.begins())

        check(world, record)
        accepted = answers[0] in ("CANCELLING", "CANCELLED")
        assert (record.status is Status.CANCELLED) == accepted, point
        assert all(entry.is_final for entry in record.waves)


@pytest.mark.parametrize("seed", range(40))
def test_a_cancel_and_deaths_leave_nothing_open(seed: int) -> None:
    random = Random(seed)
    chosen = random.sample(range(1, 200), random.randint(1, 4))
    kind = random.choice(KINDS)
    world = CrashingWorld(*chosen, kind=kind, looks=True)
    if random.random() < 0.5:
        world.drs.loses_next_start_reply(times=random.randint(1, 4))
    requested(world, random.randint(5, 160), "cancel_execution")

    record = world.finishes(world.begins())

    check(world, record)
    assert all(entry.is_final for entry in record.waves)


def paused_and_resumed(world: CrashingWorld) -> Record:
    execution = world.begins()
    for _ in range(3):
        world.runs_until(pauses_or_ends(world, execution))
        if world.record(execution).task_token:
            world.asks("resume", executionId=execution)
            world.virtual.advance(1)
    return world.finishes(execution)


def pauses_or_ends(world: CrashingWorld, execution: str) -> Callable[[], bool]:
    def met() -> bool:
        record = world.record(execution)
        return bool(record.task_token or record.finalized_at)

    return met


@pytest.mark.parametrize("kind", KINDS)
def test_a_pause_at_any_point_is_resumed_to_the_same_end(
    kind: Orchestrator,
) -> None:
    for point in range(1, points(kind, looks=True) + 1, 2):
        world = CrashingWorld(kind=kind, looks=True)
        answers = requested(world, point, "pause")

        record = paused_and_resumed(world)

        check(world, record)
        assert record.status is Status.COMPLETED
        assert len(world.drs.jobs_started) == 2
        accepted = answers[0] in ("PAUSE_PENDING", "PAUSED")
        assert bool(record.resumed_by) == accepted, point


@pytest.mark.parametrize("seed", range(30))
def test_a_pause_and_deaths_are_resumed_to_an_end(seed: int) -> None:
    random = Random(seed)
    chosen = random.sample(range(1, 200), random.randint(1, 3))
    kind = random.choice(KINDS)
    world = CrashingWorld(
        *chosen, kind=kind, looks=True, pauseBeforeWave=seed % 2 == 0
    )
    requested(world, random.randint(5, 100), "pause")

    check(world, paused_and_resumed(world))
