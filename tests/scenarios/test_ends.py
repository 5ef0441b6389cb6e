"""How runs end, and what is left of them."""

import pytest

from shared.domain.status import Status
from tests.support.fake_drs import HUB
from tests.support.world import PLAN, REGION, Orchestrator, World


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def two_tiers(world: World, **second: object) -> str:
    world.has_servers("db", 2)
    world.has_servers("web", 2)
    world.has_plan(
        {"protectionGroupId": "db"}, {"protectionGroupId": "web", **second}
    )
    return world.starts()


def locks(world: World) -> list[str]:
    return [key[0] for key in world.executions.items if "lock" in key[0]]


def test_a_run_that_has_ended_holds_nothing_and_is_told_once(
    world: World,
) -> None:
    record = world.finishes(two_tiers(world))

    assert locks(world) == []
    assert world.executions.live() == []
    assert record.end_time and record.finalized_at
    assert record.duration_seconds == record.end_time - record.start_time
    assert world.notifier.events == [
        "start",
        "wave_complete",
        "wave_complete",
        "complete",
    ]


def test_a_run_that_launched_nothing_has_failed_with_a_reason(
    world: World,
) -> None:
    execution = two_tiers(world)
    for server in ("s-1", "s-2"):
        world.drs.will_fail(server, "no capacity")

    record = world.finishes(execution)
    run = world.run_of(execution)

    assert record.status is Status.FAILED
    assert "db-0" in record.error_message
    assert record.outcome["launched"] == 0
    assert record.outcome["failed"] == 2
    assert record.outcome["notStarted"] == 2
    assert run.status == "FAILED" and run.cause
    assert locks(world) == []


def test_a_run_whose_notice_was_lost_is_told_by_the_sweep(
    world: World,
) -> None:
    execution = two_tiers(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 2)
    world.notifier.break_down()
    world.runs_until(lambda: world.record(execution).status.is_terminal)
    unfinished = world.record(execution)
    world.notifier.recover()

    record = world.finishes(execution, within=600)

    assert not unfinished.finalized_at
    assert not unfinished.notified_at
    assert locks(world) == []
    assert record.notified_at and record.finalized_at
    assert world.notifier.events[-1] == "complete"


def test_a_timed_out_run_keeps_only_the_servers_still_in_flight(
    world: World,
) -> None:
    execution = two_tiers(world, maxWaitSeconds=1200)
    world.drs.will_never_finish("s-3")

    world.runs_until(lambda: world.record(execution).status.is_terminal)
    held = locks(world)

    assert world.record(execution).status is Status.TIMEOUT
    assert f"execution-lock-{PLAN}" not in held
    assert f"server-lock-{HUB}-{REGION}-s-{1:017}" not in held
    assert f"server-lock-{HUB}-{REGION}-s-{3:017}" in held


def test_a_run_whose_state_machine_is_stopped_is_ended_by_the_event(
    world: World,
) -> None:
    execution = two_tiers(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    world.driver.stop_execution(
        world.driver.arn_of(execution), cause="stopped by hand"
    )
    record = world.finishes(execution)

    assert record.status in (Status.FAILED, Status.PARTIAL)
    assert record.error_code == "HANDLER_ERROR"
    assert record.error_message
    assert locks(world) == []


def test_a_second_run_of_the_plan_starts_after_the_first(
    world: World,
) -> None:
    first = world.finishes(two_tiers(world))

    second = world.finishes(world.starts())

    assert first.execution_id != second.execution_id
    assert second.status is Status.COMPLETED


def test_a_machine_that_could_not_begin_tells_the_record(
    world: World,
) -> None:
    world.has_servers("db", 1)
    world.has_plan({"protectionGroupId": "db"})
    execution = world.starts()
    world.groups.forget("db")

    record = world.finishes(execution)

    assert record.status is Status.FAILED
    assert record.error_code == "PROTECTION_GROUP_NOT_FOUND"
    assert "db" in record.error_message
