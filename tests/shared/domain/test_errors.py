"""One tree of errors, one class per kind of blame."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.domain import errors
from shared.domain.errors import DrError


def kinds(root: type[DrError] = DrError) -> Iterator[type[DrError]]:
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from kinds(kind)


STATUSES = {
    "BadRequest": 400,
    "UnknownEvent": 400,
    "UnknownAction": 400,
    "UnknownOperation": 400,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "MethodNotAllowed": 405,
    "Conflict": 409,
    "LimitExceeded": 429,
    "Unavailable": 503,
    "DrsUnavailable": 503,
    "CheckUnavailable": 503,
    "AccountUnreachable": 503,
    "HandlerUnavailable": 503,
    "HandlerFailed": 500,
    "StateTooLarge": 500,
    "DatabaseError": 500,
}


def test_each_class_has_the_status_of_the_contract() -> None:
    assert {kind.__name__: kind.status for kind in kinds()} == STATUSES


@pytest.mark.parametrize("kind", list(kinds()))
def test_a_body_tells_code_message_and_details(kind: type[DrError]) -> None:
    plain = kind("why").body()
    full = kind("why", code="ODD", planId="p").body()

    assert plain == {"error": kind.default_code, "message": "why"}
    assert full == {"error": "ODD", "message": "why", "planId": "p"}


def test_a_message_can_be_read_and_carried_whatever_it_quotes() -> None:
    odd = DrError("half \ud800 of a pair")
    long = DrError("x" * 100_000)
    silent = DrError("")

    assert odd.message == "half \\ud800 of a pair"
    assert len(long.message) == errors.MAX_MESSAGE_CHARACTERS
    assert silent.message == "DrError"


def test_details_of_any_name_leave_code_and_message_alone() -> None:
    details: dict[str, Any] = {
        "self": 1,
        "message": "other",
        "error": "OTHER",
    }

    error = DrError("why", **details)

    assert error.body() == {
        "self": 1,
        "message": "why",
        "error": "INTERNAL_ERROR",
    }
