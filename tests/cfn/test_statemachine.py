"""The shape of the state machine, read from its definition."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from shared.domain.errors import HandlerUnavailable
from shared.domain.replies import peer_error
from tests.support import templates
from tests.support.scenario_driver import definition
from tests.support.scenario_driver.definition import (
    INVOKE,
    INVOKE_AND_WAIT,
    START_EXECUTION,
    targets,
)

MACHINE = templates.state_machine()
STATES: Mapping[str, Any] = MACHINE["States"]
TASKS = sorted(n for n, s in STATES.items() if s["Type"] == "Task")
RECORDERS = {
    "RecordFailure": ("FAILED", "DetermineCause"),
    "RecordTimeout": ("TIMEOUT", "PlanPauseTimeout"),
    "RecordCancelled": ("CANCELLED", "PlanCancelledInPause"),
}
WORKERS = sorted(set(TASKS) - set(RECORDERS))
STATUSES = ("running", "paused", "completed", "failed", "timeout", "cancelled")
EXISTS = [
    "StepFunctions.ExecutionAlreadyExistsException",
    "ExecutionAlreadyExists",
]

LAMBDA_FAULTS = {
    "ErrorEquals": [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.ClientExecutionTimeoutException",
    ],
    "IntervalSeconds": 2,
    "BackoffRate": 2,
    "MaxAttempts": 6,
}
ENDED = ["Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory"]
UNAVAILABLE = {
    "ErrorEquals": ["HandlerUnavailable", "Lambda.Unknown", *ENDED],
    "IntervalSeconds": 5,
    "BackoffRate": 2,
    "MaxAttempts": 4,
}
TO_RECORD_FAILURE = {
    "ErrorEquals": ["States.ALL"],
    "ResultPath": "$.failure",
    "Next": "RecordFailure",
}
ARN = {"executionArn.$": "$$.Execution.Id", "taskState.$": "$$.State"}
CONTEXT = {"accountContext.$": "$.accountContext"}
STATE = {"application.$": "$"}
PAYLOADS = {
    "InitiateWavePlan": {
        "action": "begin",
        "execution.$": "$.Execution.Id",
        "started.$": "$.Execution",
        "plan.$": "$.Plan",
        "isDrill.$": "$.isDrill",
        **CONTEXT,
        **ARN,
    },
    "UpdateWaveStatus": {"action": "poll_wave_status", **STATE, **ARN},
    "WaitForResume": {
        "action": "store_task_token",
        "taskToken.$": "$$.Task.Token",
        **STATE,
        **CONTEXT,
    },
    "ResumeWavePlan": {"action": "resume_wave", **STATE, **CONTEXT, **ARN},
} | {
    name: {
        "action": "record_outcome",
        "outcome": outcome,
        "failure.$": "$.failure",
        **STATE,
    }
    for name, (outcome, _) in RECORDERS.items()
}


def test_the_driver_can_play_all_of_it() -> None:
    definition.check(MACHINE)


def test_every_state_is_reached_from_the_start() -> None:
    reached, open_ends = set[str](), [MACHINE["StartAt"]]
    while open_ends:
        name = open_ends.pop()
        if name not in reached:
            reached.add(name)
            open_ends.extend(targets(STATES[name]))

    assert reached == set(STATES)


def test_every_state_leads_to_an_end() -> None:
    ends = {n for n, s in STATES.items() if s["Type"] in ("Succeed", "Fail")}
    leads = set(ends)
    while more := {
        name
        for name, state in STATES.items()
        if name not in leads and leads & set(targets(state))
    }:
        leads |= more

    assert leads == set(STATES)


def test_every_cycle_waits() -> None:
    """Without its waits the graph has no cycle left."""
    hasty = {
        name: set(targets(state))
        for name, state in STATES.items()
        if state["Type"] != "Wait" and state.get("Resource") != INVOKE_AND_WAIT
    }
    while done := {
        name for name, following in hasty.items() if not following & set(hasty)
    }:
        hasty = {n: f for n, f in hasty.items() if n not in done}

    assert hasty == {}


@pytest.mark.parametrize(
    "choice", ["DetermineWavePlanState", "DetermineWaveState"]
)
def test_every_status_has_a_way_on(choice: str) -> None:
    """completed comes with all_waves_completed; running waits on purpose."""
    state = STATES[choice]
    ways = {
        rule["StringEquals"]: rule["Next"]
        for rule in state["Choices"]
        if rule["Variable"] == "$.status"
    }

    assert ways == {
        "failed": "PlanFailed",
        "timeout": "PlanTimeout",
        "cancelled": "PlanCancelled",
        "paused": "WaitForResume",
    }
    assert set(STATUSES) - set(ways) == {"running", "completed"}
    assert {
        "Variable": "$.all_waves_completed",
        "BooleanEquals": True,
        "Next": "PlanCompleted",
    } in state["Choices"]
    assert state["Default"] == "WaitForWaveUpdate"


def test_a_status_is_looked_at_before_any_flag() -> None:
    for name in ("DetermineWavePlanState", "DetermineWaveState"):
        variables = [rule["Variable"] for rule in STATES[name]["Choices"]]

        assert variables[:5] == ["$.status"] * 4 + ["$.all_waves_completed"]


def test_a_continuation_goes_on_where_its_predecessor_stood() -> None:
    assert MACHINE["StartAt"] == "StartMode"
    assert STATES["StartMode"] == {
        "Type": "Choice",
        "Choices": [
            {
                "Variable": "$.continuation",
                "IsPresent": True,
                "Next": "RestoreState",
            }
        ],
        "Default": "InitiateWavePlan",
    }
    assert STATES["RestoreState"] == {
        "Type": "Pass",
        "InputPath": "$.continuation",
        "Next": "WaitForWaveUpdate",
    }


@pytest.mark.parametrize("task", sorted(PAYLOADS))
def test_a_task_sends_what_the_contract_says(task: str) -> None:
    assert STATES[task]["Parameters"] == {
        "FunctionName": "${OrchestrationLambdaArn}",
        "Payload": PAYLOADS[task],
    }


def test_a_successor_gets_the_whole_state_and_a_name_of_its_own() -> None:
    task = STATES["ContinueAsNew"]

    assert task["Resource"] == START_EXECUTION
    assert task["Parameters"] == {
        "StateMachineArn.$": "$$.StateMachine.Id",
        "Name.$": "States.Format('{}-cont-{}', $.execution_id, $.poll_count)",
        "Input": {
            "Execution": {"Id.$": "$.execution_id"},
            "continuation.$": "$",
        },
    }


@pytest.mark.parametrize("task", sorted(set(TASKS) - {"ContinueAsNew"}))
def test_a_lambda_task_is_retried_as_the_contract_says(task: str) -> None:
    assert STATES[task]["Retry"] == [LAMBDA_FAULTS, UNAVAILABLE]


def test_a_continuation_is_retried_but_for_a_name_that_is_taken() -> None:
    task = STATES["ContinueAsNew"]

    assert task["Retry"] == [
        {"ErrorEquals": EXISTS, "MaxAttempts": 0},
        dict(LAMBDA_FAULTS, ErrorEquals=["States.ALL"]),
    ]
    assert task["Catch"] == [
        {"ErrorEquals": EXISTS, "ResultPath": None, "Next": "PlanContinued"},
        TO_RECORD_FAILURE,
    ]


@pytest.mark.parametrize("task", WORKERS)
def test_a_broken_task_is_recorded(task: str) -> None:
    assert STATES[task]["Catch"][-1] == TO_RECORD_FAILURE


@pytest.mark.parametrize("task", WORKERS)
def test_everything_is_caught_last(task: str) -> None:
    for catcher in STATES[task]["Catch"][:-1]:
        assert "States.ALL" not in catcher["ErrorEquals"]


def test_a_pause_is_cancelled_or_times_out_before_it_breaks() -> None:
    caught = {
        error: (catcher["Next"], catcher["ResultPath"])
        for catcher in STATES["WaitForResume"]["Catch"]
        for error in catcher["ErrorEquals"]
    }

    assert list(caught.items()) == [
        ("ExecutionCancelled", ("RecordCancelled", "$.failure")),
        ("States.Timeout", ("RecordTimeout", "$.failure")),
        ("States.ALL", ("RecordFailure", "$.failure")),
    ]


@pytest.mark.parametrize("task", sorted(RECORDERS))
def test_a_recorder_ends_alike_whether_it_could_record_or_not(
    task: str,
) -> None:
    state, (_, end) = STATES[task], RECORDERS[task]

    assert state["ResultPath"] is None
    assert state["Next"] == end
    assert state["Catch"] == [
        {"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": end}
    ]


@pytest.mark.parametrize("task", TASKS)
def test_a_task_has_its_time_limit(task: str) -> None:
    state = STATES[task]
    limits = {INVOKE: 390, INVOKE_AND_WAIT: 31_449_600, START_EXECUTION: None}

    assert state.get("TimeoutSeconds") == limits[state["Resource"]]
    assert "HeartbeatSeconds" not in state


@pytest.mark.parametrize(
    "task", ["InitiateWavePlan", "UpdateWaveStatus", "ResumeWavePlan"]
)
def test_a_reply_becomes_the_state(task: str) -> None:
    assert STATES[task]["OutputPath"] == "$.Payload"
    assert "ResultPath" not in STATES[task]


def test_a_pause_keeps_the_state_and_adds_the_answer() -> None:
    assert STATES["WaitForResume"]["ResultPath"] == "$.resume"
    assert "OutputPath" not in STATES["WaitForResume"]


def test_the_wait_is_the_states_own() -> None:
    assert STATES["WaitForWaveUpdate"] == {
        "Type": "Wait",
        "SecondsPath": "$.current_wave_update_time",
        "Next": "UpdateWaveStatus",
    }


def test_a_bad_end_names_its_error_and_cause() -> None:
    ends = {n: s for n, s in STATES.items() if s["Type"] == "Fail"}

    assert {
        name: (s["Error"], s.get("CausePath", s.get("Cause")))
        for name, s in ends.items()
    } == {
        "PlanFailed": ("PlanExecutionFailed", "$.error"),
        "PlanTimeout": ("PlanExecutionTimeout", "$.status_reason"),
        "PlanCancelled": ("PlanExecutionCancelled", "$.status_reason"),
        "PlanBroken": ("PlanExecutionFailed", "$.failure.Cause"),
        "PlanCancelledInPause": (
            "PlanExecutionCancelled",
            "$.failure.Cause",
        ),
        "PlanBrokenSilently": (
            "PlanExecutionFailed",
            "A task ended without telling why, as one does that takes too"
            " long",
        ),
        "PlanPauseTimeout": (
            "PlanExecutionTimeout",
            "The pause was not resumed in time",
        ),
    }


def test_a_failure_without_a_cause_is_given_one() -> None:
    """A path that leads nowhere would end the run with another error."""
    assert STATES["DetermineCause"] == {
        "Type": "Choice",
        "Choices": [
            {
                "Variable": "$.failure.Cause",
                "IsPresent": False,
                "Next": "PlanBrokenSilently",
            },
            {
                "Variable": "$.failure.Cause",
                "StringEquals": "",
                "Next": "PlanBrokenSilently",
            },
        ],
        "Default": "PlanBroken",
    }


@pytest.mark.parametrize("ended", ENDED)
def test_a_function_that_was_ended_is_tried_again_like_a_peer(
    ended: str,
) -> None:
    assert isinstance(peer_error("peer", ended, ""), HandlerUnavailable)


def test_the_context_object_is_always_written_with_two_dollars() -> None:
    context = re.compile(r"\$\.(Execution\.Name|State|StateMachine|Task)\b")

    for value in templates.walk(MACHINE):
        if isinstance(value, str):
            found = context.search(value.replace("$$.", ""))
            assert found is None, value


def test_the_orchestrator_is_the_only_substitution() -> None:
    text = str(MACHINE)

    assert set(re.findall(r"\$\{(\w+)\}", text)) == {"OrchestrationLambdaArn"}


def test_the_template_deploys_this_definition() -> None:
    template = templates.template("statemachine")
    machine = template.properties("DROrchestrationStateMachine")

    assert templates.text(machine["StateMachineName"]) == (
        "${ProjectName}-orchestration-${Environment}"
    )
    assert machine["StateMachineType"] == "STANDARD"
    assert templates.text(machine["DefinitionS3Location"]["Key"]) == (
        "statemachine/orchestration/${StateMachineVersion}.asl.json"
    )
    assert machine["DefinitionSubstitutions"] == {
        "OrchestrationLambdaArn": {"Ref": "OrchestrationLambdaArn"}
    }
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
