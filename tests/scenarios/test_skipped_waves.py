"""Whole runs in which somebody skips a wave."""

from typing import Any

import pytest

from shared.domain.errors import BadRequest
from shared.domain.record import Record
from shared.domain.status import Status, WaveStatus
from tests.support.world import Orchestrator, World

TIERS = ("db", "app", "web")


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def a_run(world: World, **waves: dict[str, Any]) -> str:
    for tier in TIERS:
        world.has_servers(tier, 1)
    world.has_plan(
        *({"protectionGroupId": t, **waves.get(t, {})} for t in TIERS)
    )
    return world.starts()


def skip(
    world: World, execution: str, number: int, **more: Any
) -> dict[str, Any]:
    return world.operate(
        "skip_wave",
        executionId=execution,
        waveNumber=number,
        reason="done by hand",
        **more,
    )


def statuses(record: Record) -> dict[int, WaveStatus]:
    return {entry.wave_number: entry.status for entry in record.waves}


def locks(world: World) -> list[str]:
    return [key[0] for key in world.executions.items if "lock" in key[0]]


def test_a_wave_to_come_is_passed_and_the_run_is_partial(
    world: World,
) -> None:
    execution = a_run(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    skip(world, execution, 1)
    record = world.finishes(execution)
    run = world.run_of(execution)

    assert statuses(record) == {
        0: WaveStatus.COMPLETED,
        1: WaveStatus.SKIPPED,
        2: WaveStatus.COMPLETED,
    }
    assert record.status is Status.PARTIAL
    assert record.error_message == "Wave 2 (Wave 2): skipped, done by hand"
    assert run.status == "FAILED" and run.cause == record.error_message
    assert (record.outcome["launched"], record.outcome["notStarted"]) == (2, 1)
    assert record.outcome["waves"]["skipped"] == 1
    results = {
        result["waveNumber"]: result["status"]
        for result in world.states[-1]["wave_results"]
    }
    assert results[1] == "SKIPPED"
    assert locks(world) == []


def test_a_pause_before_the_skipped_wave_goes_on_until_the_resume(
    world: World,
) -> None:
    execution = a_run(world, app={"pauseBeforeWave": True})
    world.pauses(execution)

    reply = skip(world, execution, 1)
    world.virtual.advance(3600)
    waiting = world.record(execution)
    answer = world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert reply["status"] == "PAUSED"
    assert waiting.status is Status.PAUSED and waiting.task_token
    assert answer["nextWave"] == 2
    assert len(world.drs.jobs_started) == 2
    assert record.status is Status.PARTIAL


def test_a_run_pauses_again_behind_a_wave_skipped_in_a_pause(
    world: World,
) -> None:
    pause = {"pauseBeforeWave": True}
    execution = a_run(world, app=pause, web=pause)
    world.pauses(execution)
    skip(world, execution, 1)

    world.operate("resume", executionId=execution)
    world.runs_until(
        lambda: world.record(execution).paused_before_wave == 2
        and bool(world.record(execution).task_token)
    )
    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert len(world.drs.jobs_started) == 2
    assert world.notifier.events.count("pause") == 2
    assert record.status is Status.PARTIAL


@pytest.mark.parametrize("satisfied", [True, False])
def test_dependants_run_only_where_the_skipped_wave_is_satisfied(
    world: World, satisfied: bool
) -> None:
    execution = a_run(
        world, app={"dependsOnWaves": [0]}, web={"dependsOnWaves": [1]}
    )
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    skip(world, execution, 1, satisfied=satisfied)
    record = world.finishes(execution)

    last = WaveStatus.COMPLETED if satisfied else WaveStatus.CANCELLED
    assert statuses(record)[2] is last
    assert record.status is Status.PARTIAL
    assert len(world.drs.jobs_started) == (2 if satisfied else 1)
    if not satisfied:
        (passed,) = [e for e in record.waves if e.wave_number == 2]
        assert passed.status_message == (
            "Not started: it depends on wave 2, which was skipped."
        )
        assert record.outcome["notStarted"] == 2
    assert locks(world) == []


def test_the_first_wave_may_be_skipped_before_the_run_begins(
    world: World,
) -> None:
    execution = a_run(world)
    assert world.record(execution).status is Status.PENDING

    skip(world, execution, 0)
    record = world.finishes(execution)

    assert statuses(record)[0] is WaveStatus.SKIPPED
    assert record.status is Status.PARTIAL
    assert len(world.drs.jobs_started) == 2


def test_a_run_all_of_whose_waves_are_skipped_has_launched_nothing(
    world: World,
) -> None:
    execution = a_run(world, db={"pauseBeforeWave": True})
    world.pauses(execution)

    for number in range(3):
        skip(world, execution, number, satisfied=True)
    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert record.status is Status.FAILED
    assert record.outcome["notStarted"] == 3
    assert world.drs.jobs_started == []


def test_a_pause_is_still_possible_while_a_wave_is_left(
    world: World,
) -> None:
    execution = a_run(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)
    skip(world, execution, 1)
    skip(world, execution, 2)

    with pytest.raises(BadRequest) as refused:
        world.operate("pause", executionId=execution)

    assert refused.value.code == "NO_PENDING_WAVES"


def test_a_cancel_ends_a_run_with_a_skipped_wave_as_cancelled(
    world: World,
) -> None:
    execution = a_run(world, app={"pauseBeforeWave": True})
    world.pauses(execution)
    skip(world, execution, 1)

    world.operate("cancel_execution", executionId=execution)
    record = world.finishes(execution)

    assert record.status is Status.CANCELLED
    assert statuses(record)[1] is WaveStatus.SKIPPED
    assert locks(world) == []


def test_servers_of_a_skipped_wave_are_free_for_another_plan() -> None:
    world = World()
    execution = a_run(world, db={"pauseBeforeWave": True})
    world.pauses(execution)
    held = len(locks(world))

    skip(world, execution, 2)

    assert len(locks(world)) == held - 1


def test_a_wave_of_a_large_run_is_skipped_as_well() -> None:
    world = World()
    world.has_servers("db", 1)
    world.has_servers("web", 300)
    world.has_plan(
        {"protectionGroupId": "db"},
        {"protectionGroupId": "web", "dependsOnWaves": [0]},
    )
    execution = world.starts()

    skip(world, execution, 1)
    record = world.finishes(execution)
    body = world.operate("get_execution", executionId=execution)

    assert record.large
    assert record.status is Status.PARTIAL
    assert record.outcome["notStarted"] == 300
    skipped = [w for w in body["waves"] if w["waveNumber"] == 1]
    assert skipped[0]["status"] == "SKIPPED"
    assert not skipped[0]["serverStatuses"]
    assert locks(world) == []
