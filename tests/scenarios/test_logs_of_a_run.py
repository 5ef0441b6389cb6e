"""The lines of a whole run: their fields, their one id, nothing secret."""

import json

import pytest

from execution_handler.actions import OPERATIONS
from shared import log
from shared.domain.batches import BATCH_OF
from shared.domain.status import Status
from shared.routing import operate
from tests.support.keys import keys_within
from tests.support.world import PLAN, World

REQUEST = "request-of-somebody"
LEVELS = {"DEBUG", "INFO", "WARN", "ERROR"}
STATE_KEYS = {"accountContext", "wave_results", "all_waves_completed"}


@pytest.fixture(params=["generic", "direct"])
def world(request: pytest.FixtureRequest) -> World:
    world = World(request.param)
    for tier in ("db", "app"):
        world.has_servers(tier, 2)
    world.has_plan(
        {"waveName": "Database", "protectionGroupId": "db"},
        {
            "waveName": "Application",
            "protectionGroupId": "app",
            "dependsOnWaves": [0],
            "pauseBeforeWave": True,
        },
    )
    return world


def test_every_line_of_a_run_has_its_fields_and_the_requests_id(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    log.start("some_handler", {"shared": "0.1.0"})
    event = {
        "operation": "start_execution",
        "planId": PLAN,
        "executionType": "DRILL",
        "initiatedBy": "test",
        "correlation_id": REQUEST,
    }
    started = operate(event, world.execution_ports(), OPERATIONS)
    execution = str(started["executionId"])
    token = world.pauses(execution).task_token
    world.operate("resume", executionId=execution)

    record = world.finishes(execution)

    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]
    ours = [line for line in lines if line.get("execution_id") == execution]
    named = {line["message"] for line in ours}
    assert record.status is Status.COMPLETED
    assert {"asked", "answered", "wave_started", "wave_ended"} <= named
    assert {"execution_accepted", "execution_ended"} <= named
    for line in ours:
        assert line["timestamp"].endswith("Z")
        assert line["level"] in LEVELS
        assert line["handler"] == "some_handler"
        assert line["function"] and line["versions"]
        assert line.get("batch", 1) in range(1, 10)
    whose = {line.get("correlation_id") for line in ours}
    assert whose - {None} == {REQUEST}
    assert [
        line["message"] for line in ours if "correlation_id" not in line
    ] in ([], ["resume_requested"]), "Only what the test asked unsigned."
    assert token not in out
    for line in lines:
        assert STATE_KEYS.isdisjoint(keys_within(line))


def test_what_one_of_the_36_functions_logs_names_its_batch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def initiate_wave() -> None:
        def helper() -> None:
            log.event("a")

        helper()

    initiate_wave()
    log.event("b")

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["batch"], first["function"]) == (4, "helper")
    assert "batch" not in second
    assert len(BATCH_OF) == 36
