"""Operations as requests of the API, held against its description."""

import re
from pathlib import Path

import pytest

from cli.domain.asking import ROUTES, Asking, asking
from data_management_handler.operations import OPERATIONS as DATA
from execution_handler.actions import OPERATIONS as EXECUTION
from query_handler.operations import OPERATIONS as QUERY
from tests.support.api_document import document

OPERATIONS = {*DATA, *EXECUTION, *QUERY}
SOURCES = Path("src/cli")


def shape(route: str) -> str:
    """Return a route without the names of its places."""
    return re.sub(r"{\w+}", "{}", route)


def test_every_operation_is_that_of_a_route_of_the_document() -> None:
    documented = {
        shape(f"{method.upper()} {path}")
        for path, item in document()["paths"].items()
        for method in item
    }

    assert OPERATIONS >= ROUTES.keys()
    assert {shape(route) for route in ROUTES.values()} <= documented


def test_whatever_a_command_asks_for_can_be_asked_of_the_api() -> None:
    named = {
        word
        for source in SOURCES.glob("*.py")
        for word in re.findall(r'"(\w+)"', source.read_text())
    }

    assert named & OPERATIONS <= ROUTES.keys()
    assert "start_execution" in named


def test_a_start_is_sent_as_a_body() -> None:
    fields = {"planId": "p", "executionType": "DRILL"}

    assert asking("start_execution", fields) == Asking(
        method="POST", path="/executions", body=fields
    )


def test_places_are_filled_and_the_rest_is_the_body() -> None:
    fields = {"executionId": "e/1", "waveNumber": 2, "reason": "no need"}

    assert asking("skip_wave", fields) == Asking(
        method="POST",
        path="/executions/e%2F1/waves/2/skip",
        body={"reason": "no need"},
    )


def test_what_is_read_is_narrowed_in_the_query() -> None:
    listed = asking("list_executions", {"limit": 5, "status": "PAUSED"})
    plans = asking("list_recovery_plans", {"queryParams": {"name": "a b"}})

    assert listed.path == "/executions?limit=5&status=PAUSED"
    assert plans == Asking(method="GET", path="/recovery-plans?name=a+b")


def test_an_update_sends_its_body_to_its_path() -> None:
    fields = {"pathParameters": {"id": "g"}, "body": {"version": 3}}

    assert asking("update_protection_group", fields) == Asking(
        method="PUT", path="/protection-groups/g", body={"version": 3}
    )


def test_the_servers_of_a_group_are_a_part_of_the_answer() -> None:
    asked = asking("get_protection_group_servers", {"protectionGroupId": "g"})

    assert asked.part == "resolvedServers"


def test_what_no_route_answers_is_no_request() -> None:
    with pytest.raises(KeyError):
        asking("find", {})
