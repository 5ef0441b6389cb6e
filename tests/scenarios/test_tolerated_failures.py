"""Whole runs that go on although servers failed, and end PARTIAL."""

from typing import Any

import pytest

from shared.domain.record import Record
from shared.domain.status import Status, WaveStatus
from tests.support.world import Orchestrator, World

TIERS = ("db", "app", "web")


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    kind: Orchestrator = request.param
    return World(kind)


def a_plan(
    world: World, size: int = 3, **waves: dict[str, Any]
) -> dict[str, list[str]]:
    ids = {tier: world.has_servers(tier, size) for tier in TIERS}
    world.has_plan(
        *(
            {
                "protectionGroupId": tier,
                "dependsOnWaves": [number - 1] if number else [],
                **waves.get(tier, {}),
            }
            for number, tier in enumerate(TIERS)
        )
    )
    return ids


def says(world: World, group: str, **more: Any) -> None:
    """Change what a stored group says."""
    world.groups.put({**world.groups.group(group), **more})


def statuses(record: Record) -> list[WaveStatus]:
    return [entry.status for entry in record.waves]


PASSED = [WaveStatus.PARTIAL, WaveStatus.COMPLETED, WaveStatus.COMPLETED]


def test_an_optional_server_that_failed_stops_nothing_and_shows(
    world: World,
) -> None:
    db = a_plan(world)["db"]
    override = {"sourceServerId": db[2], "criticality": "optional"}
    says(world, "db", servers=[override])
    world.drs.will_fail(db[2], "no capacity")

    record = world.finishes(world.starts())
    run = world.run_of(record.execution_id)
    first = record.waves[0]

    assert statuses(record) == PASSED
    assert record.status is Status.PARTIAL
    assert first.tolerated
    assert "db-2" in first.status_message
    assert "The run goes on: 1 of 3 servers failed" in first.status_message
    assert [s.criticality for s in first.server_statuses] == [
        "",
        "",
        "optional",
    ]
    assert run.status == "FAILED"
    assert run.cause == record.error_message
    assert "db-2" in run.cause and "no capacity" in run.cause
    assert record.outcome["failed"] == 1
    assert world.notifier.events == [
        "start",
        "wave_fail",
        "wave_complete",
        "wave_complete",
        "partial",
    ]


def test_a_critical_server_of_an_optional_group_stops_the_run(
    world: World,
) -> None:
    db = a_plan(world)["db"]
    override = {"sourceServerId": db[2], "criticality": "critical"}
    says(world, "db", criticality="optional", servers=[override])
    world.drs.will_fail(db[2])

    record = world.finishes(world.starts())

    assert statuses(record) == [WaveStatus.PARTIAL]
    assert not record.waves[0].tolerated


def test_an_optional_group_that_failed_as_a_whole_stops_nothing(
    world: World,
) -> None:
    db = a_plan(world, size=2)["db"]
    says(world, "db", criticality="optional")
    for server in db:
        world.drs.will_fail(server)

    record = world.finishes(world.starts())

    assert statuses(record)[0] is WaveStatus.FAILED
    assert len(record.waves) == 3
    assert record.status is Status.PARTIAL


@pytest.mark.parametrize(
    ("tolerance", "goes_on"),
    [
        ({}, False),
        ({"failureToleranceCount": 0}, False),
        ({"failureToleranceCount": 1}, False),
        ({"failureToleranceCount": 2}, True),
        ({"failureTolerancePercentage": 66}, False),
        ({"failureTolerancePercentage": 67}, True),
    ],
)
def test_a_tolerance_is_a_number_of_critical_servers(
    world: World, tolerance: dict[str, int], goes_on: bool
) -> None:
    db = a_plan(world, db=tolerance)["db"]
    for server in db[:2]:
        world.drs.will_fail(server)

    record = world.finishes(world.starts())

    assert statuses(record) == (PASSED if goes_on else PASSED[:1])
    assert record.status is Status.PARTIAL


def test_a_wave_that_timed_out_is_not_tolerated(world: World) -> None:
    tolerance = {"failureTolerancePercentage": 100, "maxWaitSeconds": 1200}
    db = a_plan(world, db=tolerance)["db"]
    world.drs.will_stay_unfinished(db[0])
    for server in db[1:]:
        world.drs.will_launch(server, after=3000)

    record = world.finishes(world.starts())

    assert record.status is Status.TIMEOUT
    assert not record.waves[0].tolerated
    assert len(record.waves) == 1


def test_a_wave_without_servers_is_not_tolerated(world: World) -> None:
    a_plan(
        world,
        app={"failureTolerancePercentage": 100, "pauseBeforeWave": True},
    )
    execution = world.starts()
    world.pauses(execution)
    says(world, "app", serverSelectionTags={"tier": "nothing"})

    world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert record.error_code == "NO_SERVERS_RESOLVED"
    assert not record.waves[1].tolerated
    assert len(record.waves) == 2


def test_criticality_is_fixed_with_the_wave(world: World) -> None:
    db = a_plan(world)["db"]
    says(world, "db", criticality="optional")
    world.drs.will_fail(db[0])
    execution = world.starts()
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)

    says(world, "db", criticality="critical")
    record = world.finishes(execution)

    assert statuses(record) == PASSED


def test_a_server_of_two_groups_is_critical_if_one_of_them_says_so(
    world: World,
) -> None:
    ids = world.has_servers("db", 2)
    world.groups.put(
        {
            **world.groups.group("db"),
            "groupId": "all",
            "groupName": "all",
            "criticality": "optional",
        }
    )
    world.has_servers("web", 1)
    world.has_plan(
        {"protectionGroupIds": ["all", "db"]}, {"protectionGroupId": "web"}
    )
    world.drs.will_fail(ids[0])

    record = world.finishes(world.starts())

    assert statuses(record) == [WaveStatus.PARTIAL]


def test_a_large_run_goes_on_as_a_small_one(world: World) -> None:
    db = a_plan(world, size=110, db={"failureTolerancePercentage": 1})["db"]
    world.drs.will_fail(db[7])

    record = world.finishes(world.starts())

    assert record.large
    assert statuses(record) == PASSED
    assert record.outcome["launched"] == 329
    assert record.waves[0].tolerated


def test_a_run_without_the_fields_equals_one_with_their_defaults() -> None:
    runs = []
    for said, tolerance in (
        ({}, {}),
        ({"criticality": "critical"}, {"failureToleranceCount": 0}),
    ):
        world = World(seed=7)
        db = a_plan(world, app={**tolerance, "onFailure": "continue"})["app"]
        says(world, "app", **said)
        world.drs.will_fail(db[1])
        record = world.finishes(world.starts(clientToken="one"))
        items = world.executions.items
        runs.append(
            {
                key: item
                for key, item in items.items()
                if not key[1].endswith("#plan")
            }
        )
        assert record.status is Status.PARTIAL

    assert runs[0] == runs[1]
