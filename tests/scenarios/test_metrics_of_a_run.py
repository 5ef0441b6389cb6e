"""What a run is measured by: each metric where its fact is decided."""

from collections.abc import Iterator

import pytest

from execution_handler.actions import OPERATIONS
from execution_handler.enrich import enrich_execution_with_server_details
from shared.domain.account import account_context
from shared.domain.errors import Conflict
from shared.domain.metrics import Metric
from shared.domain.status import Status
from shared.routing import operate
from tests.support.fake_drs import HUB
from tests.support.measures import a_container, measured
from tests.support.world import REGION, Orchestrator, World


@pytest.fixture(autouse=True)
def container() -> Iterator[None]:
    with a_container("execution_handler"):
        yield


def a_world(kind: Orchestrator = "generic") -> World:
    world = World(kind)
    world.has_servers("db", 2)
    world.has_plan({"waveName": "Database", "protectionGroupId": "db"})
    return world


@pytest.mark.parametrize("kind", ["generic", "direct"])
def test_a_good_run_is_counted_as_one(
    kind: Orchestrator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = a_world(kind)

    record = world.finishes(world.starts())

    found = measured(capsys)
    assert record.status is Status.COMPLETED
    assert found[Metric.WAVE_SUCCESS] == [1]
    assert found["ExecutionsEnded COMPLETED"] == [1]
    assert found[Metric.CONFLICT_CHECKS]
    assert Metric.CONFLICTS_FOUND not in found
    assert Metric.DRS_RETRIES not in found
    assert Metric.DRAINS_GIVEN_UP not in found
    assert found["RequestDuration execution_handler"], "Of its polls."
    assert set(found[Metric.SWEEPS]) == {1}
    assert set(found[Metric.EXECUTIONS_UNPOLLED]) == {0}


@pytest.mark.parametrize("kind", ["generic", "direct"])
def test_servers_that_are_busy_are_conflicts_found(
    kind: Orchestrator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(kind)
    one, two = world.has_servers("db", 2)
    world.has_plan({"protectionGroupId": "db"})
    world.drs.foreign_job([one, two], REGION)

    with pytest.raises(Conflict):
        world.starts()

    found = measured(capsys)
    assert found[Metric.CONFLICTS_FOUND] == [2]
    assert found[Metric.CONFLICT_CHECKS] == [1]


@pytest.mark.parametrize("kind", ["generic", "direct"])
def test_a_start_that_is_tried_again_is_counted_each_time(
    kind: Orchestrator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = a_world(kind)
    world.drs.throttles_next("StartRecovery", 2)

    record = world.finishes(world.starts())

    assert record.status is Status.COMPLETED
    assert measured(capsys)[Metric.DRS_RETRIES] == [1, 1]


def test_a_start_that_stays_throttled_counts_its_further_calls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    world.drs.refuses("StartRecovery", "ThrottlingException")

    world.finishes(world.starts())

    tries = len(world.drs.calls_of("StartRecovery"))
    assert measured(capsys)[Metric.DRS_RETRIES] == [1] * (tries - 1)


def test_launch_settings_that_are_tried_again_are_counted_by_server(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    settings = {"launchConfig": {"copyTags": True}}
    world.groups.put({**world.groups.group("db"), **settings})
    world.drs.throttles_next("UpdateLaunchConfiguration", 3)

    record = world.finishes(world.starts())

    assert record.status is Status.COMPLETED
    assert measured(capsys)[Metric.DRS_RETRIES] == [2, 1]


def test_a_drain_that_is_given_up_is_counted_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    execution = world.starts()
    world.runs_until(lambda: bool(world.drs.jobs_started))
    world.drs.refuses("DescribeJobs", "ThrottlingException")
    world.operate("cancel_execution", executionId=execution)
    world.runs_until(lambda: not world.run_of(execution).running)
    before = measured(capsys)

    record = world.finishes(execution)

    assert record.error_code == "DRAIN_UNREADABLE"
    assert Metric.DRAINS_GIVEN_UP not in before
    assert measured(capsys)[Metric.DRAINS_GIVEN_UP] == [1]


def test_a_drain_that_ends_well_is_not_given_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    execution = world.starts()
    world.runs_until(lambda: bool(world.drs.jobs_started))
    world.operate("cancel_execution", executionId=execution)

    record = world.finishes(execution)

    assert record.status is Status.CANCELLED
    assert Metric.DRAINS_GIVEN_UP not in measured(capsys)


def test_a_bad_run_is_counted_by_its_outcome(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World()
    for server in world.has_servers("db", 2):
        world.drs.will_fail(server, "no capacity")
    world.has_plan({"waveName": "Database", "protectionGroupId": "db"})

    record = world.finishes(world.starts())

    found = measured(capsys)
    assert record.status is Status.FAILED
    assert found[Metric.WAVE_SUCCESS] == [0]
    assert found["ExecutionsEnded FAILED"] == [1]


def test_a_lost_reply_is_a_launch_reconciled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    world.drs.loses_next_start_reply()

    world.finishes(world.starts())

    found = measured(capsys)
    assert found[Metric.LAUNCHES_RECONCILED] == [1]
    assert Metric.DRS_RETRIES not in found, "It was looked for, not called."


def test_a_run_that_nobody_polls_is_told_by_the_sweep(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    execution = world.starts()
    world.runs_until(lambda: bool(world.drs.jobs_started))
    world.driver.stop_execution(world.driver.arn_of(execution))
    measured(capsys)
    world.clock.sleep(601)

    operate({"operation": "find"}, world.execution_ports(), OPERATIONS)

    assert measured(capsys)[Metric.EXECUTIONS_UNPOLLED] == [1]


def test_what_the_details_lack_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = a_world()
    record = world.finishes(world.starts())
    wave = {"serverIds": list(record.waves[0].server_ids), "region": REGION}
    measured(capsys)

    world.drs.is_not_initialised("eu-west-1")
    for region in (REGION, "eu-west-1"):
        enrich_execution_with_server_details(
            {"waves": [{**wave, "region": region}]},
            region,
            account_context(record.account_context, hub_account_id=HUB),
            regions=world.drs,
        )

    assert measured(capsys)[Metric.ENRICHMENT_SUCCESS] == [1, 0]
