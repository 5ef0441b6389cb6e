"""Which route a method and a path mean, and how a request is read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import EXECUTION
from shared.domain.errors import BadRequest, MethodNotAllowed, NotFound
from shared.domain.routes import (
    Body,
    Route,
    json_body,
    match,
    number_in,
    word_in,
)


def a_route(method: str, path: str) -> Route[None]:
    return Route(
        method=method,
        path=path,
        permission="view_executions",
        answer=lambda request, ports: {},
        resource=EXECUTION,
    )


ROUTES = (
    a_route("GET", "/executions/{id}"),
    a_route("DELETE", "/executions/completed"),
    a_route("POST", "/executions/{id}/waves/{n}/skip"),
    a_route("GET", "/executions"),
)


@pytest.mark.parametrize(
    ("method", "path", "template", "values"),
    [
        ("GET", "/executions", "/executions", {}),
        ("GET", "/executions/", "/executions", {}),
        ("GET", "/executions/e-1", "/executions/{id}", {"id": "e-1"}),
        ("GET", "/executions/e%201", "/executions/{id}", {"id": "e 1"}),
        ("DELETE", "/executions/completed", "/executions/completed", {}),
        (
            "POST",
            "/executions/e-1/waves/2/skip",
            "/executions/{id}/waves/{n}/skip",
            {"id": "e-1", "n": "2"},
        ),
    ],
)
def test_a_path_means_the_template_it_fits(
    method: str, path: str, template: str, values: dict[str, str]
) -> None:
    found = match(method, path, ROUTES)

    assert found.route.path == template
    assert found.path == values


@pytest.mark.parametrize(
    "path",
    ["", "/", "/executionsx", "/x/executions", "/executions/a/b", "//e-1"],
)
def test_a_path_that_fits_no_template_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        match("GET", path, ROUTES)


def test_a_parameter_is_never_empty() -> None:
    with pytest.raises(NotFound):
        match("POST", "/executions/%20/waves/1/skip", ROUTES)


def test_another_method_of_a_known_path_is_not_allowed() -> None:
    with pytest.raises(MethodNotAllowed, match="GET is"):
        match("PUT", "/executions/e-1", ROUTES)


def test_a_literal_segment_wins_over_a_parameter() -> None:
    with pytest.raises(MethodNotAllowed, match="DELETE is"):
        match("GET", "/executions/completed", ROUTES)


def test_a_parameter_longer_than_any_id_is_refused() -> None:
    with pytest.raises(BadRequest) as caught:
        match("GET", f"/executions/{'x' * 257}", ROUTES)

    assert caught.value.code == "INVALID_FORMAT"


@given(st.text(), st.text())
def test_any_path_means_a_route_or_is_refused(method: str, path: str) -> None:
    try:
        found = match(method, path, ROUTES)
    except (NotFound, MethodNotAllowed, BadRequest):
        return

    assert found.route.method == method


def test_a_body_is_a_json_object() -> None:
    assert json_body(b'{"a": [1]}', Body.REQUIRED) == {"a": [1]}


@pytest.mark.parametrize(
    "text",
    [b"{", b"[]", b"1", b"null", b'"x"', b"\xff", b'{"a": NaN}', b"[" * 9999],
)
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        json_body(text, Body.OPTIONAL)

    assert caught.value.code == "INVALID_JSON"


@given(st.binary())
def test_any_body_is_read_or_refused(text: bytes) -> None:
    try:
        assert isinstance(json_body(text, Body.REQUIRED), dict)
    except BadRequest as error:
        assert error.code in ("INVALID_JSON", "MISSING_BODY")


def test_a_body_may_be_absent_where_none_is_needed() -> None:
    assert json_body(b"", Body.OPTIONAL) == {}
    assert json_body(b"{", Body.NONE) == {}
    with pytest.raises(BadRequest) as caught:
        json_body(b" ", Body.REQUIRED)

    assert caught.value.code == "MISSING_BODY"


def test_a_number_of_the_query_is_read_within_its_limits() -> None:
    limits: dict[str, Any] = {"default": 50, "low": 1, "high": 100}

    assert number_in({}, "limit", **limits) == 50
    assert number_in({"limit": " 7 "}, "limit", **limits) == 7
    for wrong in ("", " ", "0", "101", "-1", "1.5", "x", "٣", "1" * 20):
        with pytest.raises(BadRequest) as caught:
            number_in({"limit": wrong}, "limit", **limits)
        assert caught.value.code == "INVALID_FORMAT"


def test_a_word_of_the_query_is_trimmed_and_bounded() -> None:
    assert word_in({"id": " a "}, "id") == "a"
    assert word_in({}, "id") == ""
    with pytest.raises(BadRequest):
        word_in({"id": "x" * 257}, "id")
