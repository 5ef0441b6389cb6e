"""From an event to its answer, and how errors leave."""

import json
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.domain.errors import (
    BadRequest,
    Conflict,
    DrError,
    DrsUnavailable,
    HandlerUnavailable,
    NotFound,
    UnknownAction,
    UnknownEvent,
    UnknownOperation,
)
from shared.domain.execution import Wire
from shared.domain.replies import retryable_error
from shared.domain.status import IllegalTransition
from shared.routing import Shape, dispatch, operate, reported, shape

SHAPES: list[tuple[Shape, Wire]] = [
    (Shape.HTTP, {"requestContext": {}}),
    (Shape.EVENT, {"source": "aws.states", "detail-type": "x"}),
    (Shape.WORKER, {"worker": True}),
    (Shape.ACTION, {"action": "begin"}),
    (Shape.OPERATION, {"operation": "find"}),
]


@pytest.mark.parametrize(("expected", "event"), SHAPES)
def test_each_event_has_one_shape(expected: Shape, event: Wire) -> None:
    assert shape(event) is expected


def test_the_earlier_shape_wins() -> None:
    event: Wire = {}
    for expected, more in reversed(SHAPES):
        event |= more
        assert shape(event) is expected


@pytest.mark.parametrize(
    "event", [{}, {"worker": False}, {"source": "x"}, None, [], "action"]
)
def test_an_event_without_a_shape_is_unknown(event: object) -> None:
    with pytest.raises(UnknownEvent):
        shape(event)


def echo(event: Wire, ports: str) -> Wire:
    return {"ports": ports, **event}


def refuse(event: Wire, ports: str) -> Wire:
    raise Conflict("It is paused.", code="EXECUTION_NOT_PAUSABLE", field="x")


ANSWERS = {"echo": echo, "refuse": refuse}


def test_an_action_gets_event_and_ports() -> None:
    reply = dispatch({"action": "echo", "n": 1}, "ports", ANSWERS)

    assert reply == {"ports": "ports", "action": "echo", "n": 1}


@pytest.mark.parametrize("name", ["other", None])
def test_an_unknown_action_lists_the_known_ones(name: str | None) -> None:
    with pytest.raises(UnknownAction, match="echo, refuse") as caught:
        dispatch({"action": name}, "ports", ANSWERS)

    assert caught.value.code == "UNKNOWN_ACTION"


def test_an_unknown_operation_lists_the_known_ones() -> None:
    with pytest.raises(UnknownOperation, match="echo, refuse"):
        operate({"operation": "other"}, "ports", ANSWERS)


def test_an_operation_answers_with_the_body_itself() -> None:
    reply = operate({"operation": "echo"}, "ports", ANSWERS)

    assert reply == {"ports": "ports", "operation": "echo"}


def test_an_envelope_is_what_http_would_answer() -> None:
    event = {"operation": "echo", "envelope": True}

    reply = operate(event, "ports", ANSWERS)

    assert reply["statusCode"] == 200
    assert reply["headers"] == {"Content-Type": "application/json"}
    assert json.loads(reply["body"]) == {"ports": "ports", "operation": "echo"}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("refuse", 409, "EXECUTION_NOT_PAUSABLE"),
        ("other", 400, "UNKNOWN_OPERATION"),
    ],
)
def test_an_envelope_holds_errors_too(
    name: str, status: int, code: str
) -> None:
    event = {"operation": name, "envelope": True}

    reply = operate(event, "ports", ANSWERS)

    assert reply["statusCode"] == status
    assert json.loads(reply["body"])["error"] == code


def test_an_error_leaves_with_its_class_and_its_body_as_message() -> None:
    with pytest.raises(NotFound) as caught, reported():
        raise NotFound("No plan.", code="RECOVERY_PLAN_NOT_FOUND", planId="p")

    assert json.loads(str(caught.value)) == {
        "error": "RECOVERY_PLAN_NOT_FOUND",
        "message": "No plan.",
        "planId": "p",
    }


def test_an_error_leaves_as_a_class_that_every_function_knows() -> None:
    with pytest.raises(Conflict) as caught, reported():
        raise IllegalTransition("Read it again.")

    assert type(caught.value) is Conflict
    assert json.loads(str(caught.value))["error"] == "ILLEGAL_TRANSITION"


def test_the_state_machine_sees_one_name_for_what_may_pass() -> None:
    with pytest.raises(HandlerUnavailable) as caught:
        with reported(retryable_error):
            raise DrsUnavailable("Later.")

    assert json.loads(str(caught.value))["peerError"] == "DRS_UNAVAILABLE"


def test_an_error_that_needs_no_other_name_is_raised_as_it_is() -> None:
    error = HandlerUnavailable("Later.", peerError="THROTTLED")

    with pytest.raises(HandlerUnavailable) as caught:
        with reported(retryable_error):
            raise error

    assert caught.value is error
    assert json.loads(str(error))["peerError"] == "THROTTLED"


def test_an_answer_and_a_failure_are_logged_with_what_they_are_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    state = {"execution_id": "e-1", "current_wave_number": 2}
    dispatch({"action": "echo", "application": state}, "ports", ANSWERS)
    with pytest.raises(Conflict):
        operate({"operation": "refuse", "executionId": "e-2"}, "p", ANSWERS)

    out = capsys.readouterr().out.splitlines()
    asked, answered, _, failed = (json.loads(line) for line in out)
    assert (asked["message"], answered["message"]) == ("asked", "answered")
    assert (answered["action"], answered["wave"]) == ("echo", 2)
    assert answered["execution_id"] == "e-1"
    assert (failed["operation"], failed["level"]) == ("refuse", "ERROR")
    assert failed["error_code"] == "EXECUTION_NOT_PAUSABLE"
    assert failed["execution_id"] == "e-2"
    assert failed["duration_ms"] >= 0


def test_the_real_clock_goes_on() -> None:
    clock: Any = SystemClock()
    before = clock.now()

    clock.sleep(0.01)

    assert clock.now() >= before > 1_700_000_000


def test_bad_requests_keep_their_details() -> None:
    with pytest.raises(BadRequest) as caught, reported():
        raise BadRequest("No.", details={"field": "region"})

    assert json.loads(str(caught.value))["details"] == {"field": "region"}


def broken(event: Wire, ports: str) -> Wire:
    raise KeyError("a-task-token")


def test_a_bug_leaves_with_an_id_that_the_log_has_and_with_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(DrError) as caught, reported():
        broken({}, "ports")

    body = json.loads(str(caught.value))
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert body["error"] == "INTERNAL_ERROR"
    assert body["correlationId"] == line["correlation_id"]
    assert "KeyError" not in str(caught.value)
    assert "a-task-token" not in str(caught.value)


def test_an_envelope_holds_a_bug_as_500() -> None:
    event = {"operation": "broken", "envelope": True}

    reply = operate(event, "ports", {"broken": broken})

    assert reply["statusCode"] == 500
    assert json.loads(reply["body"])["error"] == "INTERNAL_ERROR"
    assert "a-task-token" not in reply["body"]


@pytest.mark.parametrize("worker", [False, 1, "true", None])
def test_background_work_says_true(worker: object) -> None:
    event = {"worker": worker, "operation": "find"}

    assert shape(event) is Shape.OPERATION


@pytest.mark.parametrize("name", [["echo"], {"echo": 1}, 3, True, "x" * 9_999])
def test_a_name_of_any_form_is_unknown_and_shown_short(name: object) -> None:
    for key, ask in (("action", dispatch), ("operation", operate)):
        with pytest.raises(BadRequest) as caught:
            ask({key: name}, "ports", ANSWERS)

        assert len(caught.value.message) < 200


def test_a_value_that_cannot_be_carried_is_refused_before_anything() -> None:
    with pytest.raises(BadRequest, match=r"`\$\.n`"):
        shape({"action": "echo", "n": float("inf")})
