"""In which order waves run, and what a failed one keeps from running."""

from typing import Any

import pytest

from shared.domain.status import Status, WaveStatus
from tests.support.world import Orchestrator, World

TIERS = ("db", "app", "web")


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def a_run(world: World, *waves: dict[str, Any]) -> str:
    for tier in TIERS[: len(waves)]:
        world.has_servers(tier, 1)
    world.has_plan(
        *(
            {"protectionGroupId": tier, **wave}
            for tier, wave in zip(TIERS, waves, strict=False)
        )
    )
    return world.starts()


def started(world: World) -> list[str]:
    servers = [job.participants[0] for job in world.drs.jobs_started]
    return [one.source_server_id.removeprefix("s-")[-1] for one in servers]


def test_a_wave_waits_for_one_that_is_written_behind_it(
    world: World,
) -> None:
    execution = a_run(world, {"dependsOnWaves": [2]}, {}, {})

    record = world.finishes(execution)

    assert record.status is Status.COMPLETED
    assert started(world) == ["2", "3", "1"]
    assert [entry.wave_number for entry in record.waves] == [1, 2, 0]


def test_one_wave_runs_at_a_time(world: World) -> None:
    execution = a_run(world, {}, {}, {})

    record = world.finishes(execution)

    ends = [entry.end_time or 0 for entry in record.waves]
    starts = [entry.start_time for entry in record.waves]
    assert all(
        end <= start for end, start in zip(ends, starts[1:], strict=False)
    )


def test_a_failed_wave_ends_the_run_unless_told_to_continue(
    world: World,
) -> None:
    execution = a_run(world, {}, {}, {})
    world.drs.will_fail("s-2")

    record = world.finishes(execution)

    assert record.status is Status.PARTIAL
    assert started(world) == ["1", "2"]
    assert record.outcome["waves"]["notStarted"] == 1


def test_dependants_of_a_failed_wave_are_passed_over_with_the_reason(
    world: World,
) -> None:
    execution = a_run(
        world, {"onFailure": "continue"}, {"dependsOnWaves": [0]}, {}
    )
    world.drs.will_fail("s-1")

    record = world.finishes(execution)
    results = world.states[-1]["wave_results"]

    assert record.status is Status.PARTIAL
    assert started(world) == ["1", "3"]
    assert {e.wave_number: e.status for e in record.waves} == {
        0: WaveStatus.FAILED,
        1: WaveStatus.CANCELLED,
        2: WaveStatus.COMPLETED,
    }
    passed = record.entry(1)
    assert passed is not None and "wave 1" in passed.status_message
    assert "db-0" in record.error_message
    assert {r["waveNumber"]: r["status"] for r in results} == {
        0: "FAILED",
        1: "CANCELLED",
        2: "COMPLETED",
    }


def test_dependants_of_dependants_are_passed_over_too(world: World) -> None:
    execution = a_run(
        world,
        {"onFailure": "continue"},
        {"dependsOnWaves": [0]},
        {"dependsOnWaves": [1]},
    )
    world.drs.will_fail("s-1")

    record = world.finishes(execution)

    assert record.status is Status.FAILED
    assert record.outcome["waves"]["cancelled"] == 2
    assert started(world) == ["1"]


def test_a_wave_that_times_out_lets_later_waves_run_when_told_so(
    world: World,
) -> None:
    execution = a_run(
        world, {"onFailure": "continue", "maxWaitSeconds": 1200}, {}
    )
    world.drs.will_never_finish("s-1")

    world.runs_until(lambda: world.record(execution).status.is_terminal)
    record = world.record(execution)

    assert record.status is Status.TIMEOUT
    assert record.error_code == "WAVE_TIMEOUT"
    assert started(world) == ["1", "2"]
    assert [entry.status for entry in record.waves] == [
        WaveStatus.TIMEOUT,
        WaveStatus.COMPLETED,
    ]
