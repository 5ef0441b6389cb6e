"""The entry points of both orchestrators, over real adapters on moto."""

import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from moto import mock_aws

import orchestration.handler
import orchestration_stepfunctions.handler
from shared.domain.errors import (
    BadRequest,
    DrError,
    NotFound,
    UnknownAction,
    UnknownEvent,
)
from tests.support.lambdas import Context, has_environment

CONTEXT = Context("dr-orchestrator")
BEGIN = {
    "action": "begin",
    "execution": "e-1",
    "plan": {"planId": "p-1", "planName": "P", "waves": [{}]},
    "isDrill": True,
}


@pytest.fixture(
    params=[orchestration.handler, orchestration_stepfunctions.handler],
    ids=["generic", "direct"],
)
def handler(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    module: ModuleType = request.param
    module.ports.cache_clear()
    with mock_aws():
        has_environment(monkeypatch)
        yield module
    module.ports.cache_clear()


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (BEGIN, NotFound),
        ({"action": "begin"}, BadRequest),
        ({"action": "store_task_token", "application": {}}, BadRequest),
        ({"action": "fly"}, UnknownAction),
        ({"operation": "find"}, UnknownEvent),
        ({}, UnknownEvent),
    ],
)
def test_both_refuse_alike_with_a_json_body(
    handler: ModuleType, event: dict[str, Any], kind: type[DrError]
) -> None:
    with pytest.raises(kind) as caught:
        handler.lambda_handler(event, CONTEXT)

    assert type(caught.value) is kind
    assert json.loads(str(caught.value))["error"] == caught.value.code


def test_ports_are_connected_once_a_container(handler: ModuleType) -> None:
    first = handler.ports(CONTEXT.invoked_function_arn)
    second = handler.ports(CONTEXT.invoked_function_arn)

    assert first is second
