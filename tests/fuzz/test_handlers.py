"""The execution handler and the query handler, asked anything."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from execution_handler.actions import OPERATIONS
from shared.domain.errors import DrError
from tests.fuzz.ground import Function, Ground
from tests.fuzz.mutations import ANYTHING, OBJECTS, Mutant, mutants

ACCEPTED = Ground("accepted")
POLLING = Ground("polling")
PAUSED = Ground("paused")
RUNNING = {"executionId": POLLING.execution_id}
PAUSING = {"executionId": PAUSED.execution_id}
SERVER = "s-00000000000000001"

EVENTS: dict[str, tuple[Function, Ground, dict[str, Any]]] = {
    "start_wave_recovery": (
        "execution",
        POLLING,
        {
            "action": "start_wave_recovery",
            "state": POLLING.state,
            "wave_number": 0,
        },
    ),
    "poll_wave_status": (
        "query",
        POLLING,
        {"action": "poll_wave_status", "state": POLLING.state},
    ),
    "query_servers_by_tags": (
        "query",
        POLLING,
        {
            "action": "query_servers_by_tags",
            "region": "us-east-1",
            "tags": {"tier": "db"},
            "account_context": {
                "accountId": "111122223333",
                "assumeRoleName": "",
                "externalId": "x",
                "roleArn": "",
                "isCurrentAccount": True,
            },
        },
    ),
    "start_execution": (
        "execution",
        PAUSED,
        {
            "operation": "start_execution",
            "planId": "plan-1",
            "executionType": "RECOVERY",
            "initiatedBy": "ann",
            "clientToken": "once",
            "accountContext": {"accountId": "111122223333"},
        },
    ),
    "find": ("execution", POLLING, {"operation": "find"}),
    "poll": (
        "execution",
        POLLING,
        {"operation": "poll", **RUNNING, "planId": "plan-1"},
    ),
    "finalize": (
        "execution",
        POLLING,
        {
            "operation": "finalize",
            **RUNNING,
            "planId": "plan-1",
            "outcome": "FAILED",
            "error": "why",
        },
    ),
    "pause": (
        "execution",
        POLLING,
        {
            "operation": "pause",
            **RUNNING,
            "reason": "lunch",
            "initiatedBy": "ann",
        },
    ),
    "resume": (
        "execution",
        PAUSED,
        {"operation": "resume", **PAUSING, "initiatedBy": "ann"},
    ),
    "cancel_execution": (
        "execution",
        POLLING,
        {"operation": "cancel_execution", **RUNNING, "initiatedBy": "ann"},
    ),
    "skip_wave": (
        "execution",
        PAUSED,
        {
            "operation": "skip_wave",
            **PAUSING,
            "waveNumber": 1,
            "reason": "not needed",
            "satisfied": True,
            "initiatedBy": "ann",
        },
    ),
    "retry_failed": (
        "execution",
        PAUSED,
        {
            "operation": "retry_failed",
            **PAUSING,
            "clientToken": "again",
            "includeSkipped": True,
            "initiatedBy": "ann",
        },
    ),
    "get_execution": (
        "execution",
        POLLING,
        {"operation": "get_execution", **RUNNING, "envelope": True},
    ),
    "get_execution_details": (
        "execution",
        POLLING,
        {"operation": "get_execution_details", **RUNNING},
    ),
    "get_recovery_instances": (
        "execution",
        POLLING,
        {"operation": "get_recovery_instances", **RUNNING},
    ),
    "get_job_logs": (
        "execution",
        POLLING,
        {"operation": "get_job_logs", **RUNNING, "jobId": ""},
    ),
    "terminate_instances": (
        "execution",
        POLLING,
        {"operation": "terminate_instances", **RUNNING, "initiatedBy": "ann"},
    ),
    "get_termination_status": (
        "execution",
        POLLING,
        {
            "operation": "get_termination_status",
            **RUNNING,
            "jobIds": "drsjob-00000000000000001",
            "region": "us-east-1",
        },
    ),
    "delete_executions_by_ids": (
        "execution",
        POLLING,
        {
            "operation": "delete_executions_by_ids",
            "executionIds": [POLLING.execution_id, "none"],
        },
    ),
    "delete_completed_executions": (
        "execution",
        POLLING,
        {"operation": "delete_completed_executions", "maxAgeDays": 90},
    ),
    "worker": (
        "execution",
        ACCEPTED,
        {
            "worker": True,
            "executionId": ACCEPTED.execution_id,
            "planId": "plan-1",
            "executionType": "DRILL",
            "isDrill": True,
            "plan": {"planId": "plan-1", "planName": "P", "waves": []},
            "planVersion": 1,
            "resumeFromWave": None,
        },
    ),
    "machine_ended": (
        "execution",
        POLLING,
        {
            "version": "0",
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "account": "111122223333",
            "region": "us-east-1",
            "detail": {
                "name": POLLING.execution_id,
                "executionArn": "arn:aws:states:us-east-1:1:execution:m:gone",
                "status": "TIMED_OUT",
            },
        },
    ),
    "server_launched": (
        "execution",
        POLLING,
        {
            "source": "aws.drs",
            "detail-type": "DRS Source Server Launch Result",
            "account": "111122223333",
            "region": "us-east-1",
            "resources": [
                f"arn:aws:drs:us-east-1:111122223333:source-server/{SERVER}"
            ],
            "detail": {"state": "RECOVERY_LAUNCH_SUCCEEDED"},
        },
    ),
}
# Refused as things stand, and still by what the event says.
REFUSED_NOW = {
    "start_execution": "PLAN_ALREADY_EXECUTING",
    "retry_failed": "EXECUTION_NOT_RETRYABLE",
    "terminate_instances": "WAVES_NOT_COMPLETE",
    "get_termination_status": "NOT_FOUND",
}
DRAWN = {name: mutants(event) for name, (_, _, event) in EVENTS.items()}
every_event = pytest.mark.parametrize("name", sorted(EVENTS))


@every_event
def test_the_inputs_themselves_are_answered(name: str) -> None:
    function, ground, event = EVENTS[name]

    answer = ground.ask(function, event)

    code = answer.code if isinstance(answer, DrError) else None
    assert code == REFUSED_NOW.get(name)


@every_event
@given(data=st.data())
@settings(max_examples=70)
def test_a_mutant_is_answered_or_refused_as_ours(
    name: str, data: st.DataObject
) -> None:
    function, ground, _ = EVENTS[name]
    mutant: Mutant = data.draw(DRAWN[name])

    ground.ask_mutant(function, mutant)


@pytest.mark.parametrize("function", ["execution", "query"])
@given(event=ANYTHING)
@settings(max_examples=50)
def test_anything_is_answered_or_refused_as_ours(
    function: Function, event: Any
) -> None:
    POLLING.ask(function, event)


@given(operation=st.sampled_from(sorted(OPERATIONS)), more=OBJECTS)
@settings(max_examples=200)
def test_any_request_is_answered_or_refused_as_ours(
    operation: str, more: Any
) -> None:
    POLLING.ask("execution", {**more, "operation": operation})


@given(state=OBJECTS, number=ANYTHING)
@settings(max_examples=50)
def test_any_state_is_refused_as_ours(state: Any, number: Any) -> None:
    asked = {"state": state, "wave_number": number}

    for event in (
        {"action": "start_wave_recovery", **asked},
        {"action": "poll_wave_status", **asked},
    ):
        assert isinstance(POLLING.ask("execution", event), DrError)
        assert isinstance(POLLING.ask("query", event), DrError)
