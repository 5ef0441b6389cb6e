"""What a peer's answer means."""

import json

import pytest

from shared.domain.errors import (
    BadRequest,
    Conflict,
    DatabaseError,
    DrError,
    DrsUnavailable,
    HandlerFailed,
    HandlerUnavailable,
    NotFound,
    StateTooLarge,
    UnknownAction,
)
from shared.domain.replies import (
    checked_state,
    error_body,
    peer_error,
    public_error,
    retryable_error,
    state_of_reply,
)
from shared.domain.status import IllegalTransition, RunStatus
from shared.domain.subject import subject_of


@pytest.mark.parametrize("status", list(RunStatus))
def test_a_state_of_the_execution_is_accepted(status: RunStatus) -> None:
    reply = {"execution_id": "e-1", "status": str(status), "more": 1}

    assert checked_state(reply, "e-1") is reply


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (None, "no JSON object but NoneType"),
        ([{"execution_id": "e-1"}], "no JSON object but list"),
        ({}, "about execution None"),
        ({"execution_id": "e-2", "status": "running"}, "'e-2'"),
        ({"execution_id": "e-1"}, "unknown status None"),
        ({"execution_id": "e-1", "status": "RUNNING"}, "'RUNNING'"),
        ({"statusCode": 400, "body": "{}"}, "about execution None"),
    ],
)
def test_anything_else_is_no_state(reply: object, why: str) -> None:
    with pytest.raises(HandlerFailed, match=why):
        checked_state(reply, "e-1")


@pytest.mark.parametrize(
    "error",
    [
        BadRequest("a", code="INVALID_NAME", field="x"),
        UnknownAction("a"),
        NotFound("ü", code="WAVE_NOT_FOUND"),
        Conflict("a", details={"field": "x"}),
        HandlerFailed("a", errorType="KeyError"),
        StateTooLarge("a"),
        DatabaseError("a"),
    ],
)
def test_a_typed_error_survives_the_way(error: DrError) -> None:
    arrived = peer_error("peer", type(error).__name__, error_body(error))

    assert type(arrived) is type(error)
    assert arrived.body() == error.body()


def test_what_may_pass_is_one_error_however_far_it_travelled() -> None:
    error: DrError = DrsUnavailable("Later.")
    for peer in ("execution-handler", "query-handler"):
        error = peer_error(peer, type(error).__name__, error_body(error))

    assert type(error) is HandlerUnavailable
    assert retryable_error(error) is error


def test_an_error_body_without_json_is_the_message() -> None:
    error = peer_error("peer", "NotFound", "plain text")

    assert error.body() == {"error": "NOT_FOUND", "message": "plain text"}


def test_a_body_that_cannot_be_encoded_is_spelled_out() -> None:
    body = json.loads(error_body(BadRequest("a", odd={1, 2}.__class__)))

    assert body["odd"] == "<class 'set'>"


def test_every_function_knows_a_public_error() -> None:
    assert type(public_error(IllegalTransition("x"))) is Conflict
    assert type(public_error(NotFound("x"))) is NotFound


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (DrsUnavailable("x"), HandlerUnavailable),
        (DatabaseError("x"), HandlerUnavailable),
        (HandlerFailed("x"), HandlerFailed),
        (IllegalTransition("x"), Conflict),
    ],
)
def test_the_state_machine_retries_by_one_name(
    error: DrError, seen: type[DrError]
) -> None:
    assert type(retryable_error(error)) is seen


def test_an_event_says_what_it_is_about() -> None:
    assert subject_of({"executionId": "e", "planId": "p", "plan": {}}) == {
        "execution_id": "e",
        "plan_id": "p",
    }
    state = {"execution_id": "e", "plan_id": "p", "current_wave_number": 1}
    assert subject_of({"state": state, "wave_number": 2}) == {
        "execution_id": "e",
        "plan_id": "p",
        "wave": 2,
    }
    assert subject_of({"execution": "e", "application": "odd"}) == {
        "execution_id": "e"
    }
    assert subject_of({}) == {}


@pytest.mark.parametrize("status", [[], {}, None, 3, "RUNNING"])
def test_a_status_of_no_kind_we_know_is_refused(status: object) -> None:
    with pytest.raises(HandlerFailed, match="unknown status"):
        checked_state({"execution_id": "e-1", "status": status}, "e-1")


def test_a_reply_that_is_no_state_breaks_the_contract() -> None:
    reply = {"execution_id": "e-1", "status": "running", "plan_id": 3}

    with pytest.raises(HandlerFailed, match=r"cannot be read.*\$\.plan_id"):
        state_of_reply(reply, "e-1")


@pytest.mark.parametrize(
    "message",
    ["", "{}", '{"message": ""}', "\ud800", "[" * 100_000, '{"self": 1}'],
)
def test_a_peers_failure_is_one_of_ours_whatever_it_said(message: str) -> None:
    error = peer_error("peer", "BadRequest", message)

    assert isinstance(error, BadRequest)
    assert json.loads(error_body(error))["message"]
