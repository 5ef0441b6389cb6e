"""Whole runs, retried until everything is launched."""

import pytest

from shared.domain.status import Status
from tests.support.world import PLAN, Orchestrator, World


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def servers_launched(world: World) -> list[str]:
    return [
        server
        for job in world.drs.jobs_started
        for server in sorted(job.server_ids)
    ]


def locks(world: World) -> list[str]:
    return [key[0] for key in world.executions.items if "lock" in key[0]]


@pytest.mark.parametrize("count", [3, 250])
def test_a_retry_launches_what_the_first_run_did_not(
    world: World, count: int
) -> None:
    db = world.has_servers("db", count)
    web = world.has_servers("web", 1)
    world.has_plan(
        {"protectionGroupId": "db"},
        {"protectionGroupId": "web", "dependsOnWaves": [0]},
    )
    world.drs.will_fail(db[1])
    first = world.finishes(world.starts())
    before = len(world.drs.jobs_started)

    reply = world.operate("retry_failed", executionId=first.execution_id)
    second = world.finishes(str(reply["executionId"]))

    assert first.status is Status.PARTIAL
    assert second.status is Status.COMPLETED
    assert second.outcome["servers"] == 2
    retried = [
        sorted(job.server_ids) for job in world.drs.jobs_started[before:]
    ]
    assert retried == [[db[1]], web]
    assert world.record(first.execution_id).retried_by == second.execution_id
    assert locks(world) == []


def test_a_retry_of_a_retry_narrows_down_further(world: World) -> None:
    db = world.has_servers("db", 3)
    world.has_plan({"protectionGroupId": "db"})
    for server in db[1:]:
        world.drs.will_fail(server)
    first = world.finishes(world.starts())
    world.drs.will_fail(db[2])
    second = world.finishes(
        world.operate("retry_failed", executionId=first.execution_id)[
            "executionId"
        ]
    )

    third = world.finishes(
        world.operate("retry_failed", executionId=second.execution_id)[
            "executionId"
        ]
    )

    assert [r.status for r in (first, second, third)] == [
        Status.PARTIAL,
        Status.PARTIAL,
        Status.COMPLETED,
    ]
    assert servers_launched(world) == [*db, *db[1:], db[2]]
    assert third.retry_of == second.execution_id


def test_a_server_that_joins_the_tags_is_not_part_of_a_retry(
    world: World,
) -> None:
    db = world.has_servers("db", 2)
    world.has_plan({"protectionGroupId": "db"})
    world.drs.will_fail(db[0])
    first = world.finishes(world.starts())
    world.has_servers("db", 2)

    reply = world.operate("retry_failed", executionId=first.execution_id)
    second = world.finishes(str(reply["executionId"]))

    assert second.status is Status.COMPLETED
    assert servers_launched(world) == [*db, db[0]]


def test_a_retry_while_the_plan_runs_anew_is_refused(world: World) -> None:
    db = world.has_servers("db", 1)
    world.has_plan({"protectionGroupId": "db", "pauseBeforeWave": True})
    world.drs.will_fail(db[0])
    execution = world.starts()
    world.pauses(execution)
    world.operate("resume", executionId=execution)
    first = world.finishes(execution)
    again = world.starts()

    with pytest.raises(Exception, match="is being executed") as refused:
        world.operate("retry_failed", executionId=first.execution_id)

    assert getattr(refused.value, "code", "") == "PLAN_ALREADY_EXECUTING"
    assert f"execution-lock-{PLAN}" in locks(world)
    world.operate("cancel_execution", executionId=again)
