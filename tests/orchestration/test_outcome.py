"""Recording how the state machine is about to end."""

import json
from typing import Any

import pytest

from orchestration.actions import ACTIONS
from shared.domain.errors import BadRequest
from shared.domain.execution import to_wire
from shared.domain.status import TERMINAL, Status
from tests.orchestration.peers import Stage
from tests.shared.builders import KEY, a_record, a_state, an_entry

STATE = to_wire(a_state())
INPUTS: dict[str, dict[str, Any]] = {
    "state": STATE,
    "start input": {
        "Execution": {"Id": KEY.execution_id},
        "Plan": {"planId": KEY.plan_id, "waves": []},
    },
    "start input without a plan": {"Execution": {"Id": KEY.execution_id}},
    "continuation": {
        "Execution": {"Id": KEY.execution_id},
        "continuation": STATE,
    },
    "broken state": {**STATE, "status": "dancing", "resume": "yes"},
}


def ended(
    stage: Stage,
    outcome: str,
    application: dict[str, Any] = STATE,
    **failure: str,
) -> Any:
    return ACTIONS["record_outcome"](
        {"application": application, "outcome": outcome, "failure": failure},
        stage.ports,
    )


@pytest.mark.parametrize("name", INPUTS)
def test_whatever_the_machine_had_names_its_record(name: str) -> None:
    stage = Stage(a_record(Status.RUNNING))

    reply = ended(stage, "FAILED", INPUTS[name], Error="States.Runtime")

    assert reply == INPUTS[name]
    assert stage.record.status is Status.FAILED
    assert stage.record.error_code == "HANDLER_ERROR"
    assert "States.Runtime" in stage.record.error_message
    assert stage.locked == []


def test_a_run_that_launched_something_ends_as_partial() -> None:
    stage = Stage(a_record(Status.POLLING, an_entry(0)))

    ended(stage, "FAILED", Error="HandlerFailed", Cause="odd")

    assert stage.record.status is Status.PARTIAL
    assert stage.record.error_message == "HandlerFailed: odd"


def test_the_words_inside_a_cause_are_what_people_read() -> None:
    stage = Stage(a_record(Status.POLLING))
    raised = json.dumps({"error": "X", "message": "the peer spoke Latin"})

    ended(
        stage,
        "FAILED",
        Error="HandlerFailed",
        Cause=json.dumps({"errorMessage": raised, "errorType": "X"}),
    )

    assert stage.record.error_message == "HandlerFailed: the peer spoke Latin"


def test_a_state_that_outgrew_the_machine_is_called_so() -> None:
    stage = Stage(a_record(Status.POLLING))

    ended(stage, "FAILED", Error="StateTooLarge", Cause="[1]")

    assert stage.record.error_code == "STATE_TOO_LARGE"


def test_a_pause_that_nobody_answered_ends_as_timeout() -> None:
    stage = Stage(a_record(Status.PAUSED, paused_before_wave=1))

    ended(stage, "TIMEOUT", Error="States.Timeout")

    assert stage.record.status is Status.TIMEOUT
    assert stage.record.error_code == "PAUSE_TIMEOUT"
    assert stage.record.paused_before_wave is None


@pytest.mark.parametrize(
    "status", [Status.PENDING, Status.RUNNING, Status.POLLING, Status.PAUSED]
)
def test_a_machine_that_ends_as_cancelled_ends_any_active_run(
    status: Status,
) -> None:
    stage = Stage(a_record(status))

    ended(stage, "CANCELLED", Error="ExecutionCancelled")

    assert stage.record.status is Status.CANCELLED
    assert stage.record.finalized_at


@pytest.mark.parametrize("outcome", ["FAILED", "TIMEOUT", "CANCELLED"])
@pytest.mark.parametrize("status", sorted(TERMINAL | {Status.CANCELLING}))
def test_a_run_that_has_ended_or_is_cancelled_stays_as_it_is(
    status: Status, outcome: str
) -> None:
    stage = Stage(a_record(status))
    before = stage.record

    ended(stage, outcome)

    assert stage.record == before


def test_an_outcome_of_another_name_is_refused() -> None:
    with pytest.raises(BadRequest, match="DONE"):
        ended(Stage(a_record()), "DONE")
