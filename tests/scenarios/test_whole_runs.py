"""Whole executions: the real definition over the whole product."""

import pytest

from shared.domain.status import Status, WaveStatus
from tests.support.world import Orchestrator, World


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def three_tiers(world: World, **third: object) -> dict[str, list[str]]:
    servers = {
        tier: world.has_servers(tier, count)
        for tier, count in (("db", 3), ("app", 4), ("web", 5))
    }
    world.has_plan(
        {"waveName": "Database", "protectionGroupId": "db"},
        {
            "waveName": "Application",
            "protectionGroupId": "app",
            "dependsOnWaves": [0],
        },
        {"waveName": "Web", "protectionGroupId": "web", **third},
    )
    return servers


def test_a_plan_without_trouble_completes_with_every_server(
    world: World,
) -> None:
    three_tiers(world)

    record = world.finishes(world.starts())

    assert record.status is Status.COMPLETED
    assert [entry.status for entry in record.waves] == ["COMPLETED"] * 3
    assert record.outcome["launched"] == 12
    assert len(world.drs.jobs_started) == 3
    assert world.run_of(record.execution_id).status == "SUCCEEDED"


def test_a_paused_wave_starts_only_after_resume(world: World) -> None:
    three_tiers(world, pauseBeforeWave=True)
    execution = world.starts()

    paused = world.pauses(execution)
    world.virtual.advance(86_400)
    before = len(world.drs.jobs_started)
    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert paused.status is Status.PAUSED
    assert paused.paused_before_wave == 2
    assert before == 2
    assert record.status is Status.COMPLETED
    assert len(world.drs.jobs_started) == 3


def test_a_failed_server_is_named_in_record_and_machine(
    world: World,
) -> None:
    servers = three_tiers(world)
    world.drs.will_fail(servers["app"][1], "no capacity")

    record = world.finishes(world.starts())
    run = world.run_of(record.execution_id)

    assert record.status is Status.PARTIAL
    assert "app-1" in record.error_message
    assert run.status == "FAILED"
    assert run.error == "PlanExecutionFailed"
    assert "app-1" in (run.cause or "")
    assert [entry.status for entry in record.waves] == [
        WaveStatus.COMPLETED,
        WaveStatus.PARTIAL,
    ]


def test_a_lost_reply_starts_no_second_job(world: World) -> None:
    three_tiers(world)
    world.drs.loses_next_start_reply()

    record = world.finishes(world.starts())

    assert record.status is Status.COMPLETED
    assert len(world.drs.jobs_started) == 3


def test_a_cancelled_run_watches_its_jobs_to_their_end(world: World) -> None:
    three_tiers(world)
    execution = world.starts()
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    reply = world.operate("cancel_execution", executionId=execution)
    record = world.finishes(execution)

    assert reply["status"] == "CANCELLING"
    assert record.status is Status.CANCELLED
    assert len(world.drs.jobs_started) == 1
    assert record.waves[0].launched_count == 3
    assert world.run_of(execution).error == "PlanExecutionCancelled"


def test_a_cancel_ends_a_pause_at_once(world: World) -> None:
    three_tiers(world, pauseBeforeWave=True)
    execution = world.starts()
    world.pauses(execution)

    reply = world.operate("cancel_execution", executionId=execution)
    record = world.finishes(execution, within=600)

    assert reply["status"] == "CANCELLED"
    assert record.status is Status.CANCELLED
    assert world.run_of(execution).status == "FAILED"


def test_a_pause_request_takes_effect_before_the_next_wave(
    world: World,
) -> None:
    three_tiers(world)
    execution = world.starts()
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    reply = world.operate("pause", executionId=execution, reason="wait")
    paused = world.pauses(execution)
    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert reply["status"] == "PAUSE_PENDING"
    assert paused.paused_before_wave == 1
    assert record.status is Status.COMPLETED


def test_an_empty_wave_fails_with_its_reason(world: World) -> None:
    three_tiers(world, pauseBeforeWave=True)
    execution = world.starts()
    world.pauses(execution)
    world.groups.put(
        {
            **world.groups.group("web"),
            "serverSelectionTags": {"tier": "nothing"},
        }
    )

    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert record.status is Status.PARTIAL
    assert record.error_code == "NO_SERVERS_RESOLVED"
    assert "tier=nothing" in record.error_message


def test_a_wave_above_the_quota_is_several_jobs(world: World) -> None:
    world.has_servers("big", 230)
    world.has_plan({"protectionGroupId": "big"})

    record = world.finishes(world.starts())

    assert record.status is Status.COMPLETED
    assert record.outcome["launched"] == 230
    assert sorted(len(j.participants) for j in world.drs.jobs_started) == [
        30,
        100,
        100,
    ]


def test_a_plan_runs_once_at_a_time(world: World) -> None:
    three_tiers(world)
    first = world.starts()

    with pytest.raises(Exception, match=first):
        world.starts()


def test_a_wave_past_its_limit_times_out(world: World) -> None:
    servers = three_tiers(world, maxWaitSeconds=1200)
    world.drs.will_never_finish(servers["web"][0])
    execution = world.starts()

    world.runs_until(lambda: world.record(execution).status.is_terminal)
    record = world.record(execution)

    assert record.status is Status.TIMEOUT
    assert record.error_code == "WAVE_TIMEOUT"
    assert not record.finalized_at
    assert world.run_of(execution).running or (
        world.run_of(execution).error == "PlanExecutionTimeout"
    )


def test_nothing_stays_locked_after_an_end(world: World) -> None:
    three_tiers(world)

    world.finishes(world.starts())
    second = world.finishes(world.starts())

    assert second.status is Status.COMPLETED
    assert len(world.drs.jobs_started) == 6
