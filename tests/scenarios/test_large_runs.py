"""Large executions: many servers, many waves, and room that is awaited."""

from typing import Any

import pytest

from shared.domain.execution import MAX_STATE_BYTES, size_of
from shared.domain.record import Record
from shared.domain.status import Status
from tests.support.world import REGION, Orchestrator, World

LISTS = (
    "waves",
    "wave_results",
    "server_ids",
    "recovery_instance_ids",
    "recovery_instance_ips",
)


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def check_states(world: World) -> None:
    """Check that every state was small and carried no lists."""
    for state in world.states:
        assert [state[name] for name in LISTS] == [[]] * len(LISTS)
        assert size_of(state) < MAX_STATE_BYTES


def launched(world: World, record: Record) -> list[str]:
    return [
        server
        for intent in world.executions.intents(record.key)
        for server in intent.server_ids
    ]


def test_a_run_of_many_servers_completes_with_a_small_state(
    world: World,
) -> None:
    first = world.has_servers("db", 150)
    second = world.has_servers("web", 151)
    world.has_plan({"protectionGroupId": "db"}, {"protectionGroupId": "web"})

    record = world.finishes(world.starts())

    assert record.large
    assert record.status is Status.COMPLETED
    assert record.outcome["launched"] == 301
    assert sorted(launched(world, record)) == sorted(first + second)
    assert all(not entry.server_ids for entry in record.waves)
    assert len(world.drs.jobs_started) == 4
    check_states(world)


def test_a_reader_of_a_large_run_sees_every_server() -> None:
    world = World()
    world.has_servers("db", 201)
    world.has_plan({"protectionGroupId": "db"})

    record = world.finishes(world.starts())
    body = world.operate("get_execution", executionId=record.execution_id)

    servers = body["waves"][0]["serverStatuses"]
    assert len(servers) == 201
    assert {server["launchStatus"] for server in servers} == {"LAUNCHED"}


def test_a_run_of_many_waves_completes_with_a_small_state() -> None:
    world = World()
    waves: list[dict[str, Any]] = []
    for number in range(51):
        (server,) = world.has_servers(f"tier-{number}", 1)
        world.drs.will_launch(server, after=5)
        waves.append(
            {
                "protectionGroupId": f"tier-{number}",
                "waveName": f"Wave {number}",
                "dependsOnWaves": [number - 1] if number else [],
            }
        )
    world.has_plan(*waves)

    record = world.finishes(world.starts())

    assert record.large
    assert record.status is Status.COMPLETED
    assert [entry.wave_number for entry in record.waves] == list(range(51))
    assert len(world.drs.jobs_started) == 51
    check_states(world)


def test_a_wave_above_the_servers_in_jobs_waits_for_room() -> None:
    world = World("direct")
    servers = world.has_servers("big", 620)
    world.has_plan({"protectionGroupId": "big"})
    execution = world.starts()

    world.runs_until(lambda: len(world.drs.jobs_started) == 5)
    world.virtual.advance(1)
    waiting = world.states[-1]
    record = world.finishes(execution)

    assert waiting["wave_start_pending"] is True
    assert "500 of 500" in waiting["status_reason"]
    assert record.status is Status.COMPLETED
    assert sorted(launched(world, record)) == sorted(servers)
    assert max(len(j.participants) for j in world.drs.jobs_started) == 100


def test_a_wave_waits_for_a_free_job_slot() -> None:
    world = World()
    world.has_servers("small", 3)
    world.has_servers("other", 20)
    world.has_plan({"protectionGroupId": "small"})
    execution = world.starts()
    for number in range(4, 24):
        world.drs.will_launch(f"s-{number}", after=900)
        world.drs.foreign_job([f"s-{number}"], REGION)

    world.virtual.advance(120)
    waiting = world.states[-1]
    none_yet = len(world.drs.jobs_started)
    record = world.finishes(execution)

    assert none_yet == 20
    assert "20 of 20" in waiting["status_reason"]
    assert record.status is Status.COMPLETED
    assert len(world.drs.jobs_started) == 21


def test_a_server_taken_while_a_wave_waits_for_room_gets_its_time() -> None:
    world = World("direct")
    servers = world.has_servers("small", 2)
    world.has_servers("other", 1)
    world.drs.has_quotas(concurrent_jobs=1)
    world.has_plan({"protectionGroupId": "small"})
    execution = world.starts()
    world.drs.will_launch("s-3", after=1_500)
    world.drs.foreign_job(["s-3"], REGION)
    world.virtual.advance(1_400)
    world.drs.has_quotas(concurrent_jobs=2)
    world.drs.will_launch(servers[0], after=200)
    world.drs.foreign_job([servers[0]], REGION)

    record = world.finishes(execution)

    assert record.status is Status.COMPLETED
    assert record.outcome["launched"] == 2


def test_a_cancelled_large_run_follows_its_jobs() -> None:
    world = World()
    world.has_servers("big", 620)
    world.has_plan({"protectionGroupId": "big"})
    execution = world.starts()
    world.runs_until(lambda: len(world.drs.jobs_started) == 5)

    world.operate("cancel_execution", executionId=execution)
    record = world.finishes(execution)

    assert record.status is Status.CANCELLED
    assert record.outcome["launched"] == 500
    assert record.outcome["notStarted"] == 120
    assert len(world.drs.jobs_started) == 5
    assert all(entry.is_final for entry in record.waves)


def test_a_job_is_no_larger_than_all_jobs_together_may_be() -> None:
    world = World()
    world.has_servers("small", 5)
    world.drs.has_quotas(servers_in_jobs=2)
    world.has_plan({"protectionGroupId": "small"})

    record = world.finishes(world.starts())

    assert record.status is Status.COMPLETED
    assert [len(job.participants) for job in world.drs.jobs_started] == [
        2,
        2,
        1,
    ]


def test_a_wave_fills_the_room_that_jobs_of_others_leave() -> None:
    world = World("direct")
    world.has_servers("big", 120)
    others = world.has_servers("other", 460)
    world.has_plan({"protectionGroupId": "big"})
    for first in range(0, 460, 46):
        world.drs.foreign_job(others[first : first + 46], REGION)
    execution = world.starts()

    world.runs_until(lambda: len(world.drs.jobs_started) == 11)
    world.virtual.advance(1)
    waiting = world.states[-1]
    record = world.finishes(execution)

    own = [len(job.participants) for job in world.drs.jobs_started[10:]]
    assert own[0] == 40
    assert sum(own) == 120
    assert waiting["status_reason"] == (
        "waiting for room for 80 servers: 500 of 500 are in active DRS jobs"
    )
    assert record.status is Status.COMPLETED


def test_quotas_are_read_and_jobs_fit_into_them() -> None:
    world = World("direct")
    world.has_servers("small", 30)
    world.drs.has_quotas(
        servers_per_job=7, servers_in_jobs=20, concurrent_jobs=3
    )
    world.has_plan({"protectionGroupId": "small"})

    record = world.finishes(world.starts())

    sizes = [len(job.participants) for job in world.drs.jobs_started]
    assert record.status is Status.COMPLETED
    assert sizes[:3] == [7, 7, 6]
    assert sum(sizes) == 30
    assert {
        call.request["ServiceCode"]
        for call in world.drs.calls_of("GetServiceQuota")
    } == {"drs"}


def test_quotas_that_cannot_be_read_make_a_wave_wait_not_fail() -> None:
    """The published quotas are assumed; DRS refuses what is too much."""
    world = World("direct")
    world.has_servers("small", 30)
    world.drs.refuses("GetServiceQuota", "AccessDeniedException")
    world.drs.has_quotas(concurrent_jobs=1)
    other = world.has_servers("other", 1)
    world.drs.foreign_job(other, REGION)
    world.has_plan({"protectionGroupId": "small"})
    execution = world.starts()
    world.virtual.advance(120)
    waiting = world.states[-1]

    record = world.finishes(execution)

    assert waiting["wave_start_pending"] is True
    assert waiting["status_reason"]
    assert record.status is Status.COMPLETED
    assert record.outcome["launched"] == 30
