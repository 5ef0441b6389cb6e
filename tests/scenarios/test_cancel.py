"""Cancels: at any moment, and what they leave."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import BadRequest
from shared.domain.record import Key
from shared.domain.status import Status, WaveStatus
from tests.support.world import Orchestrator, World


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def a_run(world: World, **second: object) -> str:
    for tier in ("db", "web"):
        world.has_servers(tier, 1)
    world.has_plan(
        {"protectionGroupId": "db"}, {"protectionGroupId": "web", **second}
    )
    return world.starts()


def test_a_cancel_before_the_begin_starts_nothing(world: World) -> None:
    execution = a_run(world)

    reply = world.operate("cancel_execution", executionId=execution)
    world.virtual.advance(3_600)
    record = world.record(execution)

    assert reply["status"] == "CANCELLED"
    assert record.status is Status.CANCELLED
    assert record.finalized_at
    assert world.drs.jobs_started == []


def test_a_repeated_cancel_answers_the_same(world: World) -> None:
    execution = a_run(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    first = world.operate("cancel_execution", executionId=execution)
    second = world.operate("cancel_execution", executionId=execution)
    record = world.finishes(execution)

    assert first["status"] == second["status"] == "CANCELLING"
    assert record.status is Status.CANCELLED
    assert world.notifier.events.count("cancel") == 1


def test_a_cancelled_run_records_what_its_jobs_became(world: World) -> None:
    execution = a_run(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    world.operate("cancel_execution", executionId=execution)
    record = world.finishes(execution)

    assert record.outcome["launched"] == 1
    assert record.outcome["notStarted"] == 1
    assert record.waves[0].is_final
    assert record.entry(1) is None or (
        record.waves[1].status is WaveStatus.CANCELLED
    )
    assert not [k for k in world.executions.items if "-lock-" in k[0]]


def test_an_ended_run_cannot_be_cancelled(world: World) -> None:
    record = world.finishes(a_run(world))

    with pytest.raises(BadRequest) as refused:
        world.operate("cancel_execution", executionId=record.execution_id)

    assert refused.value.code == "EXECUTION_NOT_CANCELLABLE"
    assert world.record(record.execution_id) == record


@settings(max_examples=12, deadline=None)
@given(st.floats(0, 3_000), st.booleans(), st.sampled_from(["", "s-1", "s-2"]))
def test_whenever_it_comes_a_cancel_ends_the_run_as_cancelled(
    moment: float, pauses: bool, failing: str
) -> None:
    world = World()
    execution = a_run(world, pauseBeforeWave=pauses)
    if failing:
        world.drs.will_fail(failing)
    world.virtual.advance(moment)
    if world.record(execution).status.is_terminal:
        return

    world.operate("cancel_execution", executionId=execution)
    started = len(world.drs.jobs_started)
    record = world.finishes(execution)

    assert record.status is Status.CANCELLED
    assert len(world.drs.jobs_started) == started
    run = world.run_of(execution)
    assert run.status == "FAILED"
    assert run.error == "PlanExecutionCancelled"
    assert run.cause


def test_a_plan_is_free_as_soon_as_its_run_is_cancelled(world: World) -> None:
    execution = a_run(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    world.operate("cancel_execution", executionId=execution)
    record = world.record(execution)
    holder = world.locks.acquire_plan(
        Key("another", record.plan_id), world.clock.now()
    )

    assert record.status is Status.CANCELLING
    assert holder is None
