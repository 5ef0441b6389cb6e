"""Both orchestrators, asked anything."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import DrError
from tests.fuzz.ground import Function, Ground
from tests.fuzz.mutations import ANYTHING, OBJECTS, TOKEN, Mutant, mutants

ACCEPTED = Ground("accepted")
POLLING = Ground("polling")
PAUSED = Ground("paused")

BEGIN = ACCEPTED.begin()
POLL = {
    "action": "poll_wave_status",
    "application": POLLING.state,
    **POLLING.task,
}
STORE = {
    "action": "store_task_token",
    "application": PAUSED.state,
    "taskToken": TOKEN,
    "accountContext": PAUSED.state["accountContext"],
}
RESUME = {
    "action": "resume_wave",
    "application": {
        **PAUSED.state,
        "resume": {"resumedBy": "ann", "resumedAt": "2026-01-01T00:00:00Z"},
    },
    **PAUSED.task,
}
RECORD = {
    "action": "record_outcome",
    "application": POLLING.state,
    "outcome": "FAILED",
    "failure": {
        "Error": "HandlerFailed",
        "Cause": '{"errorMessage": "{\\"message\\": \\"why\\"}"}',
    },
}
RECORD_INPUT = {
    "action": "record_outcome",
    "application": {
        "Execution": {"Id": ACCEPTED.execution_id},
        "Plan": {"planId": "plan-1", "planName": "P", "waves": []},
        "isDrill": True,
    },
    "outcome": "TIMEOUT",
    "failure": {"Error": "States.Timeout"},
}
RECORD_CONTINUED = {
    "action": "record_outcome",
    "application": {
        "Execution": {"Id": POLLING.execution_id},
        "continuation": POLLING.state,
    },
    "outcome": "CANCELLED",
    "failure": {"Error": "ExecutionCancelled", "Cause": "why"},
}
EVENTS: dict[str, tuple[Ground, dict[str, Any]]] = {
    "begin": (ACCEPTED, BEGIN),
    "poll": (POLLING, POLL),
    "store": (PAUSED, STORE),
    "resume": (PAUSED, RESUME),
    "record": (POLLING, RECORD),
    "record_input": (ACCEPTED, RECORD_INPUT),
    "record_continued": (POLLING, RECORD_CONTINUED),
}
DRAWN = {name: mutants(event) for name, (_, event) in EVENTS.items()}
FUNCTIONS: list[Function] = ["generic", "direct"]
every_action = pytest.mark.parametrize("name", sorted(EVENTS))
both = pytest.mark.parametrize("function", FUNCTIONS)


@both
@every_action
def test_the_inputs_themselves_are_answered(
    function: Function, name: str
) -> None:
    ground, event = EVENTS[name]

    assert not isinstance(ground.ask(function, event), DrError)


@both
@every_action
@given(data=st.data())
@settings(max_examples=70)
def test_a_mutant_is_answered_or_refused_as_ours(
    function: Function, name: str, data: st.DataObject
) -> None:
    ground, _ = EVENTS[name]
    mutant: Mutant = data.draw(DRAWN[name])

    ground.ask_mutant(function, mutant)


@both
@given(event=ANYTHING)
@settings(max_examples=50)
def test_anything_is_answered_or_refused_as_ours(
    function: Function, event: Any
) -> None:
    POLLING.ask(function, event)


@both
@given(
    action=st.sampled_from(
        ["begin", "poll_wave_status", "store_task_token", "resume_wave"]
    ),
    state=OBJECTS,
    more=OBJECTS,
)
@settings(max_examples=70)
def test_any_state_is_answered_or_refused_as_ours(
    function: Function, action: str, state: Any, more: Any
) -> None:
    POLLING.ask(function, {**more, "action": action, "application": state})
