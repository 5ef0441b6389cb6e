"""What people hear of whole runs: every event once, on the right topics."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.notices import Notice
from shared.domain.status import Status
from tests.support.world import Orchestrator, World


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def two_tiers(world: World, **second: Any) -> str:
    world.has_servers("db", 2)
    world.has_servers("web", 2)
    world.has_plan(
        {"protectionGroupId": "db"}, {"protectionGroupId": "web", **second}
    )
    return world.starts()


def completes(world: World) -> str:
    return two_tiers(world)


def pauses_and_completes(world: World) -> str:
    execution = two_tiers(world, pauseBeforeWave=True)
    world.pauses(execution)
    world.operate("resume", executionId=execution)
    return execution


def is_cancelled(world: World) -> str:
    execution = two_tiers(world, pauseBeforeWave=True)
    world.pauses(execution)
    world.operate("cancel_execution", executionId=execution)
    return execution


def fails(world: World) -> str:
    execution = two_tiers(world)
    for server in ("s-1", "s-2"):
        world.drs.will_fail(server, "no capacity")
    return execution


def is_partial(world: World) -> str:
    execution = two_tiers(world)
    world.drs.will_fail("s-4", "no capacity")
    return execution


def times_out(world: World) -> str:
    execution = two_tiers(world, maxWaitSeconds=1200)
    world.drs.will_never_finish("s-3")
    return execution


RUNS: list[tuple[Callable[[World], str], Status, list[str]]] = [
    (
        completes,
        Status.COMPLETED,
        ["start", "wave_complete", "wave_complete", "complete"],
    ),
    (
        pauses_and_completes,
        Status.COMPLETED,
        [
            "start",
            "wave_complete",
            "pause",
            "resume",
            "wave_complete",
            "complete",
        ],
    ),
    (
        is_cancelled,
        Status.CANCELLED,
        ["start", "wave_complete", "pause", "cancel"],
    ),
    (fails, Status.FAILED, ["start", "wave_fail", "fail"]),
    (
        is_partial,
        Status.PARTIAL,
        ["start", "wave_complete", "wave_fail", "partial"],
    ),
    (
        times_out,
        Status.TIMEOUT,
        ["start", "wave_complete", "wave_fail", "timeout"],
    ),
]


def only(world: World, event: str) -> Notice:
    (told,) = [one for one in world.notifier.sent if one.event == event]
    return told


@pytest.mark.parametrize(
    ("run", "status", "events"), RUNS, ids=[run.__name__ for run, *_ in RUNS]
)
def test_every_event_of_a_run_is_told_once_and_in_order(
    world: World,
    run: Callable[[World], str],
    status: Status,
    events: list[str],
) -> None:
    execution = run(world)

    world.runs_until(lambda: world.record(execution).status.is_terminal)

    record = world.record(execution)
    assert record.status is status
    assert world.notifier.events == events
    assert {
        (told.execution_id, told.plan_id) for told in world.notifier.sent
    } == {record.key}


def test_a_wave_is_told_with_its_name_number_and_counts(world: World) -> None:
    world.finishes(is_partial(world))

    first, second = (
        only(world, "wave_complete"),
        only(world, "wave_fail"),
    )
    assert (first.wave_number, first.servers, first.launched) == (0, 2, 2)
    assert (second.wave_number, second.launched, second.failed) == (1, 1, 1)
    assert second.wave and second.reason


def test_a_pause_tells_which_wave_waits_and_how_it_goes_on(
    world: World,
) -> None:
    execution = pauses_and_completes(world)
    world.finishes(execution)

    told = only(world, "pause")

    assert (told.wave, told.wave_number) == ("before wave 2", 1)
    (said,) = [text for text in world.notifier.texts if "dro resume" in text]
    assert f"Resume with: dro resume {execution}" in said


def test_an_end_is_told_with_all_its_servers(world: World) -> None:
    world.finishes(is_partial(world))

    told = only(world, "partial")

    assert (told.servers, told.launched) == (4, 3)
    assert (told.failed, told.not_started) == (1, 0)
    assert told.reason
