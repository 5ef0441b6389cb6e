"""What an engine is asked, and what it says of a scenario."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tests.engines.scenarios import Scenario
from tests.support.scenario_driver import definition
from tests.support.scenario_driver.definition import INVOKE, INVOKE_AND_WAIT

FUNCTION_ARN = "${OrchestrationLambdaArn}"
# What an engine makes up, each in its own way.
_OWN = {"taskToken", "executionArn", "EnteredTime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one execution went."""

    name: str
    entered: Sequence[str]
    status: str
    error: str | None
    cause: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a scenario went: its executions, and what was asked."""

    executions: Sequence[Ended]
    calls: Sequence[object]


class Engine(Protocol):
    """Something that plays our definition."""

    def play(self, scenario: Scenario) -> Played:
        """Play a scenario to the end of its last execution."""


def machine(scenario: Scenario) -> dict[str, Any]:
    """Answer our definition, with the time limits of the scenario."""
    found = json.loads(json.dumps(definition.load()))
    limits = {
        INVOKE: scenario.limit,
        INVOKE_AND_WAIT: scenario.pause_limit,
    }
    for state in found["States"].values():
        if limit := limits.get(state.get("Resource")):
            state["TimeoutSeconds"] = limit
    return dict(found)


def names(scenario: Scenario) -> list[str]:
    """Answer the names that executions of a scenario may have, in order."""
    return [scenario.name, f"{scenario.name}-cont-440"]


def entered(history: Sequence[Mapping[str, Any]]) -> list[str]:
    """Read the states entered from a history as AWS writes it."""
    return [
        event["stateEnteredEventDetails"]["name"]
        for event in history
        if event["type"].endswith("StateEntered")
    ]


def cause(text: str | None) -> object:
    """Read a cause: of a function's exception, what it says of itself.

    What is said of a process that ended is the platform's own wording.
    """
    if not text or not text.startswith("{"):
        return text
    told = json.loads(text)
    kind = str(told["errorType"])
    if kind.startswith("Runtime."):
        return {"errorType": kind}
    return {"errorType": kind, "errorMessage": told["errorMessage"]}


def asked(call: Any) -> object:
    """Answer what a function was asked, without what engines make up."""
    if isinstance(call, list):
        return [asked(part) for part in call]
    if not isinstance(call, dict):
        return call
    return {
        key: cause(value) if key == "Cause" else asked(value)
        for key, value in call.items()
        if key not in _OWN
    }
