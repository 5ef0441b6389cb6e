"""The entry point: one front a shape, over real adapters on moto."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from execution_handler import handler
from execution_handler.actions import OPERATIONS
from execution_handler.clean_up import (
    delete_completed_executions,
    delete_executions_by_ids,
)
from execution_handler.ports import Ports
from execution_handler.realtime import get_execution_details_realtime
from shared.domain.errors import (
    BadRequest,
    DrError,
    NotFound,
    UnknownAction,
    UnknownEvent,
    UnknownOperation,
)
from shared.settings import SettingError
from tests.support.lambdas import Context, has_environment
from tests.support.requests import a_request

CONTEXT = Context("dr-execution")


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    handler.ports.cache_clear()
    handler.http_settings.cache_clear()
    with mock_aws():
        has_environment(monkeypatch)
        yield
    handler.ports.cache_clear()


def answer(event: dict[str, Any]) -> Any:
    return handler.lambda_handler(event, CONTEXT)


def ended(name: str) -> dict[str, Any]:
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"name": name, "status": "FAILED"},
    }


def test_an_operation_answers_with_its_body() -> None:
    assert answer({"operation": "find"}) == {
        "checked": 0,
        "polled": 0,
        "drained": 0,
        "finalized": 0,
    }


def test_an_envelope_holds_status_and_body() -> None:
    reply = answer(
        {
            "operation": "get_execution",
            "executionId": "none",
            "envelope": True,
        }
    )

    assert reply["statusCode"] == 404
    assert json.loads(reply["body"])["error"] == "EXECUTION_NOT_FOUND"


def test_the_end_of_an_unknown_state_machine_is_left_alone() -> None:
    assert answer(ended("somebody-elses"))["status"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"action": "start_wave_recovery"}, BadRequest),
        ({"action": "fly"}, UnknownAction),
        ({"operation": "fly"}, UnknownOperation),
        ({"operation": "get_execution", "executionId": "x"}, NotFound),
        ({"worker": True, "executionId": "x", "planId": "p"}, NotFound),
        ({}, UnknownEvent),
        ({"Records": []}, UnknownEvent),
        ({"source": "aws.ec2", "detail-type": "Else"}, UnknownEvent),
    ],
)
def test_what_cannot_be_answered_is_raised_with_a_json_body(
    event: dict[str, Any], kind: type[DrError]
) -> None:
    with pytest.raises(kind) as caught:
        answer(event)

    body = json.loads(str(caught.value))
    assert body["error"] == caught.value.code
    assert body["message"]


def test_a_request_is_answered_as_http() -> None:
    nobody = answer({"requestContext": {}, "path": "/x"})
    unknown = answer(a_request("GET", "/executions/none"))
    listed = answer(a_request("GET", "/executions"))

    assert nobody["statusCode"] == 404
    assert unknown["statusCode"] == 404
    assert json.loads(unknown["body"])["error"] == "EXECUTION_NOT_FOUND"
    assert json.loads(listed["body"]) == {
        "items": [],
        "count": 0,
        "nextToken": None,
    }


def test_a_denial_lies_in_the_history_table() -> None:
    reply = answer(a_request("GET", "/executions", role="Nobody"))

    assert reply["statusCode"] == 403
    [entry] = boto3.resource("dynamodb").Table("history").scan()["Items"]
    assert entry["executionId"] == "audit#execution#-"
    assert entry["result"] == "denied"


def test_a_start_is_refused_without_its_plan() -> None:
    with pytest.raises(NotFound) as caught:
        answer(
            {
                "operation": "start_execution",
                "planId": "none",
                "executionType": "DRILL",
            }
        )

    assert caught.value.code == "RECOVERY_PLAN_NOT_FOUND"


def test_a_missing_variable_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("STATE_MACHINE_ARN")

    with pytest.raises(SettingError, match="STATE_MACHINE_ARN"):
        answer({"operation": "find"})


def test_the_deadline_is_that_of_the_invocation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left: list[int] = []

    def noted(event: object, ports: Ports) -> dict[str, Any]:
        left.append(ports.seconds_left)
        return {}

    monkeypatch.setitem(OPERATIONS, "find", noted)

    answer({"operation": "find"})

    assert 298 <= left[0] <= 300


def test_what_a_request_had_no_time_for_goes_on_as_an_operation() -> None:
    reply = answer(
        {
            "worker": True,
            "operation": "delete_executions_by_ids",
            "executionIds": ["none"],
        }
    )

    assert reply["notFound"] == 1


def test_functions_of_fixed_signature_find_their_tables_themselves() -> None:
    assert delete_completed_executions(1)["deletedCount"] == 0
    assert delete_executions_by_ids(["none"])["notFound"] == 1
    with pytest.raises(NotFound):
        get_execution_details_realtime("none", "us-east-1")
