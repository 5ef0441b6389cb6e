"""Our state machine's definition: where it lies, and what the driver knows.

``check`` refuses whatever the driver cannot play faithfully, so that a new
field in the definition fails here first instead of being passed over.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.scenario_driver import choices
from tests.support.scenario_driver.errors import UnsupportedDefinition

type Definition = Mapping[str, Any]
type State = Mapping[str, Any]

_DEFINITION = Path("cfn/statemachine/orchestration.asl.json")
_IN_TREE = Path(__file__).parents[3] / _DEFINITION
# A program that was built lies elsewhere; it is run in the checkout.
ORCHESTRATION = _IN_TREE if _IN_TREE.exists() else _DEFINITION

INVOKE = "arn:aws:states:::lambda:invoke"
INVOKE_AND_WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"
START_EXECUTION = "arn:aws:states:::states:startExecution"

_ANY = {"Type", "Comment", "InputPath", "OutputPath"}
_GOES_ON = {"Next", "End"}
_FIELDS = {
    "Choice": _ANY | {"Choices", "Default"},
    "Fail": {"Type", "Comment", "Error", "Cause", "ErrorPath", "CausePath"},
    "Pass": _ANY | _GOES_ON | {"Parameters", "Result", "ResultPath"},
    "Succeed": _ANY,
    "Task": _ANY
    | _GOES_ON
    | {
        "Resource",
        "Parameters",
        "ResultPath",
        "TimeoutSeconds",
        "Retry",
        "Catch",
    },
    "Wait": _ANY | _GOES_ON | {"Seconds", "SecondsPath"},
}
_RETRY = {"ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxAttempts"}
_CATCH = {"ErrorEquals", "ResultPath", "Next"}


def load(path: Path = ORCHESTRATION) -> Definition:
    """Read a definition from the repository."""
    definition: Definition = json.loads(path.read_text(encoding="utf-8"))
    return definition


def targets(state: State) -> Iterator[str]:
    """Name every state that may follow a state."""
    for rule in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield rule["Next"]
    for field in ("Default", "Next"):
        if field in state:
            yield state[field]


def check(definition: Definition) -> None:
    """Refuse a definition that the driver cannot play.

    Raises:
        UnsupportedDefinition: It names the state and the field.
    """
    _only("the definition", definition, {"Comment", "StartAt", "States"})
    states = definition["States"]
    if definition["StartAt"] not in states:
        raise UnsupportedDefinition(
            f"StartAt names {definition['StartAt']}, which is no state"
        )
    for name, state in states.items():
        _check_state(name, state)
        for target in targets(state):
            if target not in states:
                raise UnsupportedDefinition(
                    f"{name} leads to {target}, which is no state"
                )


def _check_state(name: str, state: State) -> None:
    kind = state["Type"]
    if kind not in _FIELDS:
        raise UnsupportedDefinition(f"{name}: no driver for the type {kind}")
    _only(name, state, _FIELDS[kind])
    for rule in state.get("Choices", ()):
        choices.check(rule)
    for retrier in state.get("Retry", ()):
        _only(f"{name}: Retry", retrier, _RETRY)
    for catcher in state.get("Catch", ()):
        _only(f"{name}: Catch", catcher, _CATCH)
    if kind == "Task" and state["Resource"] not in (
        INVOKE,
        INVOKE_AND_WAIT,
        START_EXECUTION,
    ):
        raise UnsupportedDefinition(
            f"{name}: no driver for the resource {state['Resource']}"
        )


def _only(what: str, fields: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(fields) - known)
    if unknown:
        raise UnsupportedDefinition(f"{what}: no driver for {unknown}")
