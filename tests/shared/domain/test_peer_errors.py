"""How an error reads behind the function that it happened in."""

import pytest

from shared.domain.errors import (
    DatabaseError,
    DrsUnavailable,
    HandlerFailed,
    HandlerUnavailable,
    NotFound,
)
from shared.domain.replies import (
    error_body,
    peer_error,
    public_error,
    retryable_error,
)
from shared.domain.status import IllegalTransition


@pytest.mark.parametrize(
    "error_type",
    ["Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory"],
)
def test_a_peer_that_the_platform_ended_is_worth_another_try(
    error_type: str,
) -> None:
    error = peer_error("query-handler", error_type, "RequestId: 1")

    assert type(error) is HandlerUnavailable
    assert error.message == "query-handler was ended: RequestId: 1"


def test_a_peer_out_of_time_is_known_by_its_message_alone() -> None:
    said = "2026-01-01 Task timed out after 60.00 seconds"

    assert type(peer_error("peer", "", said)) is HandlerUnavailable
    assert type(peer_error("peer", "KeyError", said)) is HandlerFailed
    assert type(peer_error("peer", "", "Exited.")) is HandlerFailed


def test_a_failure_that_we_do_not_know_names_peer_kind_and_message() -> None:
    error = peer_error("query-handler", "KeyError", "'waves'")

    assert error.body() == {
        "error": "HANDLER_ERROR",
        "message": "query-handler failed with KeyError: 'waves'",
        "errorType": "KeyError",
    }


def test_a_failure_without_a_kind_says_so() -> None:
    error = peer_error("peer", "", "Odd.")

    assert error.message == "peer failed with no error type: Odd."


def test_a_failure_without_a_message_says_so() -> None:
    assert peer_error("peer", "NotFound", "").message == "it gave no reason"


def test_an_unavailable_other_side_is_told_with_its_peer_and_code() -> None:
    cause = DrsUnavailable("DRS is busy.")

    error = peer_error("query-handler", "DrsUnavailable", error_body(cause))

    assert error.body() == {
        "error": "HANDLER_UNAVAILABLE",
        "message": "query-handler: DRS is busy.",
        "peerError": "DRS_UNAVAILABLE",
    }


@pytest.mark.parametrize("message", ["[1]", '"text"', "3"])
def test_json_that_is_no_error_body_is_the_message(message: str) -> None:
    assert peer_error("peer", "NotFound", message).message == message


def test_a_public_error_keeps_message_code_and_details() -> None:
    error = public_error(
        IllegalTransition("Not now.", code="PAUSED", planId="p-1")
    )

    assert error.body() == {
        "error": "PAUSED",
        "message": "Not now.",
        "planId": "p-1",
    }


def test_a_retryable_error_keeps_its_message_and_details() -> None:
    error = retryable_error(DatabaseError("Throttled.", table="history"))

    assert error.body() == {
        "error": "HANDLER_UNAVAILABLE",
        "message": "Throttled.",
        "table": "history",
        "peerError": "DATABASE_ERROR",
    }


def test_what_no_try_mends_keeps_its_code() -> None:
    error = retryable_error(NotFound("Gone.", code="WAVE_NOT_FOUND"))

    assert (type(error), error.code) == (NotFound, "WAVE_NOT_FOUND")
