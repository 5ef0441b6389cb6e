"""How peers are invoked, and what their failures become."""

import json
import logging
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from shared.aws.handlers import LambdaHandler, function_name
from shared.aws.handlers import lambda_client as a_real_client
from shared.aws.worker import LambdaWorker
from shared.domain.errors import (
    BadRequest,
    Conflict,
    DrError,
    HandlerFailed,
    HandlerUnavailable,
    LimitExceeded,
    NotFound,
    StateTooLarge,
)
from tests.shared.aws.stubs import an_answer, lambda_client, stubbed

PEER = (
    "arn:aws:lambda:us-east-1:111122223333:function:"
    "dr-execution-handler-test:live"
)


def call(answer: dict[str, Any], **payload: Any) -> dict[str, Any]:
    client = lambda_client()
    with stubbed(client) as stub:
        stub.add_response("invoke", answer)
        return LambdaHandler(client, PEER).call("start", payload)


def failure(error_type: str, message: str) -> DrError:
    body = {"errorType": error_type, "errorMessage": message}
    with pytest.raises(DrError) as caught:
        call(an_answer(body, error="Unhandled"))
    return caught.value


def test_a_peer_gets_action_and_payload_and_its_reply_is_returned() -> None:
    client = lambda_client()
    with stubbed(client) as stub:
        stub.add_response(
            "invoke",
            an_answer({"execution_id": "e-1"}),
            {
                "FunctionName": PEER,
                "InvocationType": "RequestResponse",
                "Payload": b'{"action":"start","wave_number":0}',
            },
        )

        reply = LambdaHandler(client, PEER).call("start", {"wave_number": 0})

    assert reply == {"execution_id": "e-1"}


@pytest.mark.parametrize("body", [[1], None, "text", b"no json"])
def test_a_reply_that_is_no_object_breaks_the_contract(body: object) -> None:
    with pytest.raises(HandlerFailed, match="dr-execution-handler-test"):
        call(an_answer(body))


@pytest.mark.parametrize(
    "kind", [BadRequest, NotFound, Conflict, LimitExceeded, StateTooLarge]
)
def test_a_typed_error_arrives_as_it_was_raised(kind: type[DrError]) -> None:
    body = kind("why", code="SOME_CODE", field="x").body()

    error = failure(kind.__name__, json.dumps(body))

    assert type(error) is kind
    assert error.body() == body


@pytest.mark.parametrize(
    "name",
    [
        "Unavailable",
        "DrsUnavailable",
        "AccountUnreachable",
        "CheckUnavailable",
    ],
)
def test_what_may_pass_is_worth_another_try(name: str) -> None:
    error = failure(name, '{"error": "DRS_UNAVAILABLE", "message": "later"}')

    assert isinstance(error, HandlerUnavailable)
    assert error.details == {"peerError": "DRS_UNAVAILABLE"}


@pytest.mark.parametrize(
    ("error_type", "message"),
    [
        ("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 3 s"),
        ("Runtime.ExitError", "RequestId: 1 Error: signal: killed"),
        ("", "2026-01-01 Task timed out after 300.00 seconds"),
    ],
)
def test_a_peer_that_was_ended_is_worth_another_try(
    error_type: str, message: str
) -> None:
    assert isinstance(failure(error_type, message), HandlerUnavailable)


@pytest.mark.parametrize("error_type", ["KeyError", ""])
def test_an_unknown_failure_is_carried_with_type_and_message(
    error_type: str,
) -> None:
    error = failure(error_type, "'plan'")

    assert isinstance(error, HandlerFailed)
    assert "'plan'" in error.message
    assert error.details == {"errorType": error_type}


@pytest.mark.parametrize("body", [b"broken", [1]])
def test_a_failure_that_cannot_be_read_is_still_one(body: object) -> None:
    with pytest.raises(HandlerFailed):
        call(an_answer(body, error="Unhandled"))


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("TooManyRequestsException", 429, HandlerUnavailable),
        ("ServiceException", 500, HandlerUnavailable),
        ("ResourceConflictException", 409, HandlerUnavailable),
        ("AccessDeniedException", 403, HandlerFailed),
        ("ResourceNotFoundException", 404, HandlerFailed),
        ("RequestTooLargeException", 413, HandlerFailed),
    ],
)
def test_only_passing_service_errors_are_worth_another_try(
    code: str, status: int, kind: type[DrError]
) -> None:
    client = lambda_client()
    with stubbed(client) as stub:
        stub.add_client_error("invoke", code, http_status_code=status)

        with pytest.raises(kind, match=code) as caught:
            LambdaHandler(client, PEER).call("start", {})

    assert caught.value.details == {"peerError": code}


class Broken:
    """A client whose network fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def invoke(self, **_request: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://lambda"),
        EndpointConnectionError(endpoint_url="https://lambda"),
    ],
)
def test_a_lost_answer_is_worth_another_try(error: Exception) -> None:
    broken: Any = Broken(error)

    with pytest.raises(HandlerUnavailable):
        LambdaHandler(broken, PEER).call("start", {})


def test_each_invocation_is_logged_with_what_it_is_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="dr")
    logging.getLogger("dr").propagate = True

    call(
        an_answer({}),
        state={"execution_id": "e-1", "plan_id": "p", "task_token": "t"},
        wave_number=2,
    )

    (line,) = [r for r in caplog.records if r.message == "peer_invoked"]
    said = line.__dict__
    assert said["peer"] == "dr-execution-handler-test"
    assert (said["action"], said["execution_id"]) == ("start", "e-1")
    assert said["wave"] == 2
    assert said["duration_ms"] >= 0
    assert "task_token" not in said


def test_a_peers_client_makes_one_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    config: Any = a_real_client(310).meta.config

    assert (config.read_timeout, config.connect_timeout) == (310, 10)
    assert config.retries["total_max_attempts"] == 1


def test_a_function_is_named_by_its_arn() -> None:
    assert function_name(PEER) == "dr-execution-handler-test"
    assert function_name("plain-name") == "plain-name"


def test_work_for_later_is_an_event_to_oneself() -> None:
    client = lambda_client()
    with stubbed(client) as stub:
        stub.add_response(
            "invoke",
            {"StatusCode": 202},
            {
                "FunctionName": PEER,
                "InvocationType": "Event",
                "Payload": b'{"worker":true,"executionId":"e-1"}',
            },
        )

        LambdaWorker(client, PEER).later({"executionId": "e-1"})


def test_work_that_is_not_taken_is_an_error() -> None:
    client = lambda_client()
    with stubbed(client) as stub:
        stub.add_client_error("invoke", "TooManyRequestsException")

        with pytest.raises(HandlerUnavailable):
            LambdaWorker(client, PEER).later({})
