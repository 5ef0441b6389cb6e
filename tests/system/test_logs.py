"""The lines of all functions after a drill: fields, one id, no secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system import plans
from tests.system.world import Drill, System

FUNCTIONS = ("dr-orch-sf", "execution-handler", "query-handler")
LEVELS = {"DEBUG", "INFO", "WARN", "ERROR"}
FIELDS = {"timestamp", "level", "handler", "function", "message", "versions"}
# What only a state or an event has.
STATE_KEYS = {"all_waves_completed", "wave_results", "requestContext"}


@pytest.fixture(scope="module")
def drill(system: System, tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """A drill with a pause, so that there was a token."""
    folder = tmp_path_factory.mktemp("plan")
    return system.drill(plan=plans.paused(Path(folder), "logged"))


def every_line(system: System) -> Iterator[dict[str, Any]]:
    pages = system.client("logs").get_paginator("filter_log_events")
    for function in FUNCTIONS:
        group = f"/aws/lambda/drs-orchestration-{function}-local"
        for page in pages.paginate(logGroupName=group):
            for event in page["events"]:
                if event["message"].lstrip().startswith("{"):
                    line: dict[str, Any] = json.loads(event["message"])
                    if "_aws" not in line:
                        yield line


def keys_within(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_within(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_within(inner)


def test_every_line_of_a_drill_has_the_fields_and_an_id_of_the_run(
    system: System, drill: Drill
) -> None:
    lines = [
        line
        for line in every_line(system)
        if line.get("execution_id") == drill.execution_id
    ]
    machine = [line for line in lines if line.get("action")]

    assert {line["handler"] for line in lines} == {
        "orchestration",
        "execution_handler",
        "query_handler",
    }
    assert all(FIELDS <= set(line) for line in lines)
    assert {line["level"] for line in lines} <= LEVELS
    assert all(line["correlation_id"] for line in lines)
    request = drill.record["correlationId"]
    found = {line["correlation_id"] for line in machine}
    assert request in found
    assert found <= {request, drill.execution_id}


def test_no_line_holds_an_event_or_a_state(
    system: System, drill: Drill
) -> None:
    assert drill.exit_status == 0
    for line in every_line(system):
        assert STATE_KEYS.isdisjoint(keys_within(line)), line["message"]
        assert line.get("taskToken", "[withheld]") == "[withheld]"
