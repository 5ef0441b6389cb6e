"""A run ends once: record, state machine, notice and reader agree."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from shared.domain.record import Record
from shared.domain.status import Status
from tests.support.scenario_driver.run import Run
from tests.support.world import Orchestrator, World

ERRORS = {
    Status.COMPLETED: None,
    Status.PARTIAL: "PlanExecutionFailed",
    Status.FAILED: "PlanExecutionFailed",
    Status.CANCELLED: "PlanExecutionCancelled",
    Status.TIMEOUT: "PlanExecutionTimeout",
}
EVENTS = {
    Status.COMPLETED: "complete",
    Status.PARTIAL: "partial",
    Status.FAILED: "fail",
    Status.CANCELLED: "cancel",
    Status.TIMEOUT: "timeout",
}
COUNTS = {
    "Servers": "servers",
    "Launched": "launched",
    "Failed": "failed",
    "Not started": "notStarted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What is told of one run's end in each of the places."""

    record: Record
    run: Run
    notice: str
    event: str
    body: dict[str, Any]


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def two_tiers(world: World, size: int, **second: Any) -> str:
    world.has_servers("db", size)
    world.has_servers("web", 2)
    world.has_plan(
        {"protectionGroupId": "db"}, {"protectionGroupId": "web", **second}
    )
    return world.starts()


def end_of(world: World, execution: str) -> End:
    record = world.finishes(execution)
    told = world.notifier.sent[-1]
    return End(
        record=record,
        run=world.run_of(execution),
        notice=world.notifier.texts[-1],
        event=str(told.event),
        body=world.operate("get_execution", executionId=execution),
    )


def failed_servers(waves: Any) -> set[str]:
    """Return the servers that readers are told of as failed."""
    return {
        server["sourceServerId"]
        for wave in waves
        for server in wave["serverStatuses"]
        if server.get("launchStatus") == "FAILED"
    }


def check(
    world: World,
    end: End,
    status: Status,
    *failed: str,
    late: bool = False,
) -> None:
    """Check that every place tells the same status, reason and servers.

    The counts of a notice are those of the end; results that come
    ``late`` complete the others.
    """
    record, run, outcome = end.record, end.run, end.record.outcome
    reason = outcome["reason"]
    assert record.status is status
    assert end.body["status"] == status
    assert run.status == ("FAILED" if ERRORS[status] else "SUCCEEDED")
    assert run.error == ERRORS[status]
    assert run.cause == (reason or None)
    assert bool(reason) is (status is not Status.COMPLETED)
    assert record.error_message in ("", reason)
    assert end.body["outcome"] == outcome
    assert end.event == EVENTS[status]
    assert world.notifier.events.count(end.event) == 1
    assert f"Status: {status}" in end.notice
    assert (f"Reason: {reason}" in end.notice) is bool(reason)
    for name, field in COUNTS.items():
        assert late or f"{name}: {outcome[field]}" in end.notice
    entries = [
        world.executions.entry(record, entry.wave_number)
        for entry in record.waves
    ]
    stored = {
        server.source_server_id
        for entry in entries
        if entry
        for server in entry.server_statuses
        if server.launch_status == "FAILED"
    }
    assert stored == failed_servers(end.body["waves"]) == set(failed)
    assert outcome["failed"] == len(failed)
    assert not outcome["failed"] or status is not Status.COMPLETED


def test_completed(world: World) -> None:
    end = end_of(world, two_tiers(world, 2))

    check(world, end, Status.COMPLETED)


@pytest.mark.parametrize("size", [3, 200])
def test_partial(world: World, size: int) -> None:
    execution = two_tiers(world, size)
    db = [f"s-{number:017}" for number in (1, 2)]
    for server in db:
        world.drs.will_fail(server, "no capacity")

    end = end_of(world, execution)

    check(world, end, Status.PARTIAL, *db)
    assert end.record.outcome["reason"] == (
        "Wave 1 (Wave 1): server db-0 (s-00000000000000001) was not "
        "launched: no capacity; nor was db-1"
    )
    assert end.record.outcome["notStarted"] == 2


def test_failed(world: World) -> None:
    execution = two_tiers(world, 2)
    db = [f"s-{number:017}" for number in (1, 2)]
    for server in db:
        world.drs.will_fail(server, "no capacity")

    end = end_of(world, execution)

    check(world, end, Status.FAILED, *db)
    assert "server db-0" in end.record.error_message
    assert end.record.error_code == "WAVE_LAUNCH_FAILED"


def while_a_wave_runs(world: World, execution: str) -> None:
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)
    world.virtual.advance(20)


def while_it_is_paused(world: World, execution: str) -> None:
    world.pauses(execution)


def before_the_token_is_stored(world: World, execution: str) -> None:
    world.runs_until(lambda: world.record(execution).status is Status.PAUSED)


@pytest.mark.parametrize(
    "moment",
    [while_a_wave_runs, while_it_is_paused, before_the_token_is_stored],
)
def test_cancelled(world: World, moment: Callable[[World, str], None]) -> None:
    execution = two_tiers(world, 2, pauseBeforeWave=True)
    world.drs.will_fail("s-1", "no capacity")
    if moment is not while_a_wave_runs:
        world.drs.is_well_again()

    moment(world, execution)
    world.operate("cancel_execution", executionId=execution, initiatedBy="ann")
    end = end_of(world, execution)

    failed = ["s-00000000000000001"] if moment is while_a_wave_runs else []
    check(world, end, Status.CANCELLED, *failed)
    assert end.record.outcome["reason"] == "Cancelled by ann."


def test_a_wave_timed_out(world: World) -> None:
    execution = two_tiers(world, 2, maxWaitSeconds=1200)
    world.drs.will_fail("s-3", "no capacity")
    world.drs.will_launch("s-4", after=3000)

    end = end_of(world, execution)

    check(world, end, Status.TIMEOUT, "s-00000000000000003", late=True)
    assert end.record.outcome["reason"] == (
        "Wave 2 (Wave 2): The wave did not end within 1200 s; 1 of 2 servers "
        "are not decided."
    )
    assert end.record.error_code == "WAVE_TIMEOUT"


def test_a_pause_timed_out(world: World) -> None:
    execution = two_tiers(world, 2, pauseBeforeWave=True)

    end = end_of(world, execution)

    check(world, end, Status.TIMEOUT)
    assert end.record.error_code == "PAUSE_TIMEOUT"


def test_a_skip_and_a_tolerated_failure_end_partial(world: World) -> None:
    execution = two_tiers(world, 2)
    world.groups.put({**world.groups.group("db"), "criticality": "optional"})
    world.drs.will_fail("s-2", "no capacity")
    world.operate(
        "skip_wave", executionId=execution, waveNumber=1, reason="by hand"
    )

    end = end_of(world, execution)

    check(world, end, Status.PARTIAL, "s-00000000000000002")
    assert "server db-1" in end.record.error_message
