"""Pauses: before any wave, asked for, answered twice, or never."""

import pytest

from shared.domain.errors import BadRequest
from shared.domain.status import Status
from tests.support.scenario_driver.clock import VirtualClock
from tests.support.world import Orchestrator, World


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def a_run(world: World, *pauses: int) -> str:
    for tier in ("db", "app", "web"):
        world.has_servers(tier, 1)
    world.has_plan(
        *(
            {"protectionGroupId": tier, "pauseBeforeWave": number in pauses}
            for number, tier in enumerate(("db", "app", "web"))
        )
    )
    return world.starts()


def jobs_until(world: World, wanted: int) -> None:
    world.runs_until(lambda: len(world.drs.jobs_started) == wanted)


def test_a_run_may_pause_before_every_wave(world: World) -> None:
    execution = a_run(world, 0, 1, 2)
    paused_before = []

    for started in range(3):
        paused = world.pauses(execution)
        assert len(world.drs.jobs_started) == started
        paused_before.append(paused.paused_before_wave)
        world.operate("resume", executionId=execution)
        jobs_until(world, started + 1)
    record = world.finishes(execution)

    assert paused_before == [0, 1, 2]
    assert record.status is Status.COMPLETED
    assert record.task_token == ""
    assert record.paused_before_wave is None
    assert world.notifier.events.count("pause") == 3
    assert world.notifier.events.count("resume") == 3
    assert world.notifier.events.count("start") == 1


def test_no_notice_and_no_reply_ever_tells_the_token(world: World) -> None:
    execution = a_run(world, 1)
    token = world.pauses(execution).task_token
    world.operate("resume", executionId=execution)
    world.finishes(execution)

    told = world.notifier.texts

    assert token
    assert not any(token in text for text in told)
    assert not any(token in str(state) for state in world.states)


def test_a_pause_of_days_changes_nothing_of_the_plan(world: World) -> None:
    execution = a_run(world, 1)
    before = world.pauses(execution)
    world.virtual.advance(2 * 86_400)
    world.has_plan({"protectionGroupId": "db"})

    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert before.status is Status.PAUSED
    assert record.status is Status.COMPLETED
    assert [entry.wave_number for entry in record.waves] == [0, 1, 2]


@pytest.mark.parametrize("kind", ["generic", "direct"])
def test_a_pause_that_nobody_answers_times_out(
    kind: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A sweep each minute of a year would take long and find nothing.
    monkeypatch.setattr(VirtualClock, "call_every", lambda *_: None)
    world = World(kind)
    execution = a_run(world, 1)
    world.pauses(execution)

    record = world.finishes(execution)
    run = world.run_of(execution)

    assert record.status is Status.TIMEOUT
    assert record.error_code == "PAUSE_TIMEOUT"
    assert record.error_message
    assert run.error == "PlanExecutionTimeout"


def test_a_second_resume_starts_nothing_more(world: World) -> None:
    execution = a_run(world, 1)
    world.pauses(execution)

    world.operate("resume", executionId=execution)
    try:
        world.operate("resume", executionId=execution)
    except BadRequest as error:
        assert error.code in ("RESUME_TOKEN_EXPIRED", "EXECUTION_NOT_PAUSED")
    record = world.finishes(execution)

    assert record.status is Status.COMPLETED
    assert len(world.drs.jobs_started) == 3


def test_a_request_to_pause_before_a_pausing_wave_is_one_pause(
    world: World,
) -> None:
    execution = a_run(world, 1)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    world.operate("pause", executionId=execution)
    world.operate("pause", executionId=execution)
    world.pauses(execution)
    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert record.status is Status.COMPLETED
    assert world.notifier.events.count("pause") == 1


def test_a_pause_asked_for_in_the_last_wave_is_refused(
    world: World,
) -> None:
    execution = a_run(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 3)

    with pytest.raises(BadRequest) as refused:
        world.operate("pause", executionId=execution)

    assert refused.value.code == "NO_PENDING_WAVES"
    assert world.finishes(execution).status is Status.COMPLETED
