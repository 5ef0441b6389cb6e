"""The state machine and its waiting tasks."""

from typing import Any

import pytest

from shared.aws.callbacks import StepFunctionsCallbacks
from shared.aws.clients import states_client as a_real_client
from shared.aws.machine import StepFunctionsMachine, execution_arn
from shared.domain.errors import BadRequest, HandlerUnavailable
from shared.domain.machine import MachineRefused
from shared.domain.ports import MachineRun
from tests.shared.aws.stubs import states_client, stubbed

MACHINE = "arn:aws:states:us-east-1:111122223333:stateMachine:dr-test"
RUN = "arn:aws:states:us-east-1:111122223333:execution:dr-test:e-1"
NOW = 1_767_268_800


def test_an_answered_task_gets_its_output() -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_response(
            "send_task_success",
            {},
            {"taskToken": "t", "output": '{"by":"me"}'},
        )

        assert StepFunctionsCallbacks(client).succeed("t", {"by": "me"})


def test_a_failed_task_gets_error_and_cause_that_fit() -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_response(
            "send_task_failure",
            {},
            {
                "taskToken": "t",
                "error": "E" * 256,
                "cause": "c" * 31_999 + "…",
            },
        )

        assert StepFunctionsCallbacks(client).fail(
            "t", "E" * 300, "c" * 40_000
        )


@pytest.mark.parametrize("code", ["TaskDoesNotExist", "TaskTimedOut"])
def test_a_token_that_is_not_valid_any_more_is_an_answer(code: str) -> None:
    client = states_client()
    callbacks = StepFunctionsCallbacks(client)
    with stubbed(client) as stub:
        stub.add_client_error("send_task_success", code)
        stub.add_client_error("send_task_failure", code)

        assert not callbacks.succeed("t", {})
        assert not callbacks.fail("t", "E", "c")


def test_what_never_was_a_token_is_refused_and_cannot_be_failed() -> None:
    client = states_client()
    callbacks = StepFunctionsCallbacks(client)
    with stubbed(client) as stub:
        stub.add_client_error("send_task_success", "InvalidToken")
        stub.add_client_error("send_task_failure", "InvalidToken")

        with pytest.raises(BadRequest) as refused:
            callbacks.succeed("t", {})
        assert refused.value.code == "RESUME_TOKEN_INVALID"
        assert not callbacks.fail("t", "E", "c")


def test_a_task_that_cannot_be_answered_is_an_error() -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_client_error("send_task_success", "ServiceUnavailable")

        with pytest.raises(HandlerUnavailable):
            StepFunctionsCallbacks(client).succeed("t", {})


def test_a_start_returns_the_arn() -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_response(
            "start_execution",
            {"executionArn": RUN, "startDate": NOW},
            {"stateMachineArn": MACHINE, "name": "e-1", "input": '{"a":1}'},
        )

        arn = StepFunctionsMachine(client, MACHINE).start("e-1", {"a": 1})

    assert arn == RUN


def test_starting_again_is_success() -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_client_error("start_execution", "ExecutionAlreadyExists")

        assert StepFunctionsMachine(client, MACHINE).start("e-1", {}) == RUN


@pytest.mark.parametrize(
    "code", ["InvalidExecutionInput", "AccessDeniedException", "InvalidName"]
)
def test_a_start_refused_for_good_says_so(code: str) -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_client_error("start_execution", code)

        with pytest.raises(MachineRefused, match=code):
            StepFunctionsMachine(client, MACHINE).start("e-1", {})


@pytest.mark.parametrize(
    ("code", "status"),
    [("ExecutionLimitExceeded", 400), ("Odd", 400), ("InternalFailure", 500)],
)
def test_any_other_start_may_have_happened(code: str, status: int) -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_client_error("start_execution", code, http_status_code=status)

        with pytest.raises(HandlerUnavailable):
            StepFunctionsMachine(client, MACHINE).start("e-1", {})


def a_description(status: str, **more: Any) -> dict[str, Any]:
    return {
        "executionArn": RUN,
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": NOW,
        **more,
    }


def test_a_run_is_described_with_its_failure() -> None:
    client = states_client()
    machine = StepFunctionsMachine(client, MACHINE)
    with stubbed(client) as stub:
        stub.add_response("describe_execution", a_description("RUNNING"))
        stub.add_response(
            "describe_execution",
            a_description("FAILED", error="E", cause="why"),
        )

        assert machine.describe(RUN) == MachineRun("RUNNING", "", "")
        assert machine.describe(RUN) == MachineRun("FAILED", "E", "why")


def test_a_run_that_is_not_there_is_none() -> None:
    client = states_client()
    with stubbed(client) as stub:
        stub.add_client_error("describe_execution", "ExecutionDoesNotExist")

        assert StepFunctionsMachine(client, MACHINE).describe(RUN) is None


def test_a_stop_of_what_is_gone_is_no_error() -> None:
    client = states_client()
    machine = StepFunctionsMachine(client, MACHINE)
    with stubbed(client) as stub:
        stub.add_response(
            "stop_execution",
            {"stopDate": NOW},
            {"executionArn": RUN, "cause": "cancelled"},
        )
        stub.add_client_error("stop_execution", "ExecutionDoesNotExist")

        machine.stop(RUN, "cancelled")
        machine.stop(RUN, "cancelled")


def test_a_machine_that_cannot_be_asked_is_an_error() -> None:
    client = states_client()
    machine = StepFunctionsMachine(client, MACHINE)
    with stubbed(client) as stub:
        stub.add_client_error("describe_execution", "Throttling")
        stub.add_client_error("stop_execution", "Throttling")

        with pytest.raises(HandlerUnavailable):
            machine.describe(RUN)
        with pytest.raises(HandlerUnavailable):
            machine.stop(RUN, "cancelled")


def test_the_arn_of_an_execution_is_known_before_it_is_asked() -> None:
    assert execution_arn(MACHINE, "e-1") == RUN


def test_the_clients_calls_may_be_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    config: Any = a_real_client().meta.config

    assert config.retries["total_max_attempts"] > 1
