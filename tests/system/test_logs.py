"""The lines of all functions after a drill: fields, its id, no secret."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.keys import keys_within
from tests.system import plans
from tests.system.world import Drill, System

HANDLERS = {
    "generic": {
        "dr-orch-sf": "orchestration",
        "execution-handler": "execution_handler",
        "query-handler": "query_handler",
    },
    "direct": {
        "orch-sf": "orchestration_stepfunctions",
        "execution-handler": "execution_handler",
    },
}
LEVELS = {"DEBUG", "INFO", "WARN", "ERROR"}
FIELDS = {"timestamp", "level", "handler", "function", "message", "versions"}
# What only a state or an event has.
STATE_KEYS = {"all_waves_completed", "wave_results", "requestContext"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A drill and the lines of all functions that take part in one."""

    drill: Drill
    handlers: set[str]
    lines: list[dict[str, Any]]

    @property
    def of_the_drill(self) -> list[dict[str, Any]]:
        """The lines that name its execution."""
        named = self.drill.execution_id
        return [one for one in self.lines if one.get("execution_id") == named]


@pytest.fixture(scope="module", params=["generic", "direct"])
def logged(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Logged:
    """A drill with a pause, so that there was a token."""
    kind: str = request.param
    fixture = "system" if kind == "generic" else kind
    system: System = request.getfixturevalue(fixture)
    plan = plans.paused(tmp_path_factory.mktemp("plan"), "logged")
    handlers = HANDLERS[kind]
    drill = system.drill(plan=plan)
    assert drill.exit_status == 0
    return Logged(
        drill=drill,
        handlers=set(handlers.values()),
        lines=list(every_line(system, handlers)),
    )


def every_line(
    system: System, functions: Iterable[str]
) -> Iterator[dict[str, Any]]:
    pages = system.client("logs").get_paginator("filter_log_events")
    for function in functions:
        group = f"/aws/lambda/drs-orchestration-{function}-local"
        for page in pages.paginate(logGroupName=group):
            for event in page["events"]:
                if event["message"].lstrip().startswith("{"):
                    line: dict[str, Any] = json.loads(event["message"])
                    if "_aws" not in line:
                        yield line


def is_of_the_resume(line: dict[str, Any]) -> bool:
    """Tell whether a person's word caused a line, and not the start."""
    return (
        line.get("operation") == "resume"
        or line["message"] == "resume_requested"
        or line.get("action") == "resume_execution"
    )


def test_every_line_of_a_drill_has_the_fields(logged: Logged) -> None:
    lines = logged.of_the_drill

    assert {line["handler"] for line in lines} == logged.handlers
    assert all(FIELDS <= set(line) for line in lines)
    assert {line["level"] for line in lines} <= LEVELS


def test_every_line_has_the_id_of_the_start_in_every_function(
    logged: Logged,
) -> None:
    request = logged.drill.record["correlationId"]
    found: dict[str, set[str]] = defaultdict(set)
    for line in logged.of_the_drill:
        if not is_of_the_resume(line):
            found[line["handler"]].add(line["correlation_id"])

    assert request != logged.drill.execution_id
    assert found == {name: {request} for name in logged.handlers}


def test_a_resume_without_an_id_goes_by_that_of_the_execution(
    logged: Logged,
) -> None:
    lines = list(filter(is_of_the_resume, logged.of_the_drill))

    assert {line["message"] for line in lines} == {
        "asked",
        "resume_requested",
        "audit",
        "answered",
    }
    assert {line["correlation_id"] for line in lines} == {
        logged.drill.execution_id
    }


def test_no_line_holds_an_event_or_a_state(logged: Logged) -> None:
    for line in logged.lines:
        assert STATE_KEYS.isdisjoint(keys_within(line)), line["message"]
        assert line.get("taskToken", "[withheld]") == "[withheld]"
