"""What may cross the wire, and where a refusal says the fault is."""

from typing import Any

import pytest

from shared.domain.errors import BadRequest
from shared.domain.wire import (
    MAX_DEPTH,
    checked_event,
    id_in,
    json_object,
    object_in,
    shown,
    text_in,
)


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("event", "path"),
    [
        ({"a": {"b": [0, "\ud800"]}}, "`$.a.b[1]`"),
        ({"a": {"\udfff": 1}}, "`$.a.\\udfff`"),
        ({"a": 2**63}, "`$.a`"),
        ({"a": [-(2**63)]}, "`$.a[0]`"),
        ({"a": float("inf")}, "`$.a`"),
        ({"a": float("nan")}, "`$.a`"),
        ({"a": b"bytes"}, "`$.a`"),
    ],
)
def test_what_cannot_be_carried_on_is_refused_with_its_path(
    event: dict[str, Any], path: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        checked_event(event)

    assert refused.value.message.endswith(f"at {path}.")


@pytest.mark.parametrize("event", [None, 3, "text", [1], True])
def test_an_event_that_is_no_object_is_refused(event: object) -> None:
    with pytest.raises(BadRequest, match="must be a JSON object"):
        checked_event(event)


@pytest.mark.parametrize(
    "event",
    [
        {},
        nested(MAX_DEPTH - 1),
        {"a": [2**63 - 1, -1.5, True, None, "ü", "\0"]},
    ],
)
def test_everything_else_is_carried_on_as_it_is(event: dict[str, Any]) -> None:
    assert checked_event(event) is event


@pytest.mark.parametrize("levels", [MAX_DEPTH, 50_000])
def test_an_event_is_no_deeper_than_all_that_read_it_can_bear(
    levels: int,
) -> None:
    with pytest.raises(BadRequest, match=f"deeper than {MAX_DEPTH} levels"):
        checked_event(nested(levels))


def test_a_field_that_is_absent_or_null_is_empty() -> None:
    assert text_in({}, "reason") == text_in({"reason": None}, "reason") == ""
    assert object_in({}, "detail") == object_in({"detail": None}, "detail")


@pytest.mark.parametrize("value", [0, False, [], {}, 1.5])
def test_a_text_is_nothing_else(value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        text_in({"reason": value}, "reason")

    assert refused.value.code == "INVALID_TYPE"
    assert refused.value.details == {"field": "reason"}


@pytest.mark.parametrize("event", [{}, {"planId": None}, {"planId": "  "}])
def test_an_id_is_needed(event: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="'planId' is needed") as refused:
        id_in(event, "planId")

    assert refused.value.code == "MISSING_FIELD"
    assert id_in({"planId": " p-1 "}, "planId") == "p-1"


@pytest.mark.parametrize("value", [0, False, [], "", 1.5])
def test_an_object_is_nothing_else(value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        object_in({"detail": value}, "detail")

    assert refused.value.code == "INVALID_TYPE"


def test_a_text_has_a_limit_of_its_own() -> None:
    assert text_in({"a": "x" * 5}, "a", 5) == "xxxxx"
    with pytest.raises(BadRequest, match="6 characters; 5 are allowed"):
        text_in({"a": "x" * 6}, "a", 5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "{",
        "null",
        '{"a": "\ud800"}',
        '{"a": "\\ud800"}',
        '{"a": 1e999}',
        "[" * 100_000,
        b"\xff",
    ],
)
def test_a_text_without_an_object_holds_none(text: str | bytes) -> None:
    assert json_object(text) == {}


def test_a_text_with_an_object_holds_it() -> None:
    assert json_object('{"a": [1]}') == {"a": [1]}


def test_what_a_caller_sent_is_shown_short_and_without_odd_characters() -> (
    None
):
    assert shown("\ud800") == "'\\ud800'"
    assert len(shown("x" * 10_000)) < 100
