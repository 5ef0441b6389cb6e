"""What a run is measured by: each metric where its fact is decided."""

import json
from collections import defaultdict
from collections.abc import Iterator

import pytest

from execution_handler.actions import OPERATIONS
from execution_handler.enrich import enrich_execution_with_server_details
from shared import metrics
from shared.domain.account import account_context
from shared.domain.metrics import Metric
from shared.domain.status import Status
from shared.routing import invoked, operate
from tests.support.fake_drs import HUB
from tests.support.world import REGION, Orchestrator, World

type Values = dict[str, list[float]]


@pytest.fixture(autouse=True)
def container() -> Iterator[None]:
    metrics.start(
        "execution_handler", {"PROJECT_NAME": "dro", "ENVIRONMENT": "test"}
    )
    with invoked({}):
        yield
    metrics._KNOWN.clear()


def a_world(kind: Orchestrator = "generic") -> World:
    world = World(kind)
    world.has_servers("db", 2)
    world.has_plan({"waveName": "Database", "protectionGroupId": "db"})
    return world


def measured(capsys: pytest.CaptureFixture[str]) -> Values:
    found: Values = defaultdict(list)
    for text in capsys.readouterr().out.splitlines():
        line = json.loads(text)
        for one in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for metric in one["Metrics"]:
                name = metric["Name"]
                of = line.get("Outcome") or line.get("Handler")
                key = f"{name} {of}" if len(one["Dimensions"][0]) > 1 else name
                found[key] += line[name]
    return found


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
    assert found["RequestDuration execution_handler"], "Of its polls."
    assert set(found[Metric.SWEEPS]) == {1}
    assert set(found[Metric.EXECUTIONS_UNPOLLED]) == {0}


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

    assert measured(capsys)[Metric.LAUNCHES_RECONCILED] == [1]


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
