"""The entry point of the query handler, over real adapters on moto."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from drs_simulator.aws import moto_backend
from query_handler import handler
from shared.domain.errors import (
    BadRequest,
    DrError,
    NotFound,
    UnknownAction,
    UnknownEvent,
    UnknownOperation,
)
from shared.domain.execution import to_wire
from shared.settings import SettingError
from tests.execution_handler.bench import Bench
from tests.support.lambdas import ACCOUNT, Context, has_environment
from tests.support.requests import a_request

CONTEXT = Context("dr-query")


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    handler.ports.cache_clear()
    handler.http_settings.cache_clear()
    handler.lookups.cache_clear()
    with mock_aws():
        has_environment(monkeypatch)
        yield
    handler.ports.cache_clear()
    handler.http_settings.cache_clear()
    handler.lookups.cache_clear()


def a_state() -> dict[str, Any]:
    bench = Bench()
    return to_wire(bench.runs({"protectionGroupId": "db"}))


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"action": "poll_wave_status"}, BadRequest),
        ({"action": "poll_wave_status", "state": a_state()}, NotFound),
        ({"action": "query_servers_by_tags", "region": "x"}, BadRequest),
        ({"action": "fly"}, UnknownAction),
        ({"operation": "fly"}, UnknownOperation),
        ({"operation": "get_ec2_subnets"}, BadRequest),
    ],
)
def test_what_cannot_be_answered_is_raised_with_a_json_body(
    event: dict[str, Any], kind: type[DrError]
) -> None:
    with pytest.raises(kind) as caught:
        handler.lambda_handler(event, CONTEXT)

    assert json.loads(str(caught.value))["error"] == caught.value.code


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        {"source": "aws.drs", "detail-type": "any"},
    ],
)
def test_an_event_of_another_shape_is_unknown(event: dict[str, Any]) -> None:
    with pytest.raises(UnknownEvent):
        handler.lambda_handler(event, CONTEXT)


def test_a_request_is_answered_as_http() -> None:
    def asked(path: str, **more: Any) -> Any:
        return handler.lambda_handler(a_request("GET", path, **more), CONTEXT)

    profile = asked("/user/profile")
    account = asked("/accounts/current")

    assert json.loads(profile["body"])["email"] == "ann@example.com"
    assert json.loads(account["body"])["accountId"] == ACCOUNT
    assert asked("/accounts/current", role="Nobody")["statusCode"] == 403
    assert asked("/user/profile", role="Nobody")["statusCode"] == 200
    assert asked("/user/profile", role=None)["statusCode"] == 401


def test_an_operation_is_answered_with_its_body_or_as_http_would() -> None:
    event = {"operation": "get_current_account_id"}

    plain = handler.lambda_handler(event, CONTEXT)
    wrapped = handler.lambda_handler({**event, "envelope": True}, CONTEXT)

    assert plain["accountId"] == ACCOUNT
    assert (wrapped["statusCode"], json.loads(wrapped["body"])) == (200, plain)


def test_servers_and_subnets_are_looked_up_in_aws() -> None:
    moto_backend.register()
    moto_backend.simulator().load_estate(
        {
            "accounts": [
                {
                    "accountId": "123456789012",
                    "regions": [
                        {"region": "eu-west-1", "servers": [{"hostname": "a"}]}
                    ],
                }
            ]
        }
    )
    params = {"queryParams": {"region": "eu-west-1"}}

    servers = handler.lambda_handler(
        {"operation": "get_drs_source_servers", **params}, CONTEXT
    )
    subnets = handler.lambda_handler(
        {"operation": "get_ec2_subnets", **params}, CONTEXT
    )

    assert servers["serverCount"] == 1
    assert subnets["subnets"]


def test_every_region_of_drs_is_swept_in_aws() -> None:
    moto_backend.register()
    place = {"region": "eu-west-1", "servers": [{"hostname": "a"}]}
    moto_backend.simulator().load_estate(
        {"accounts": [{"accountId": "123456789012", "regions": [place]}]}
    )

    body = handler.lambda_handler(
        {"operation": "get_combined_capacity"}, CONTEXT
    )

    [row] = body["accounts"]
    assert (row["accessible"], row["activeRegions"]) == (True, 1)
    assert [one["region"] for one in row["regionalBreakdown"]] == ["eu-west-1"]
    assert body["concurrentJobs"]["max"] == 20


def test_a_missing_variable_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("EXECUTION_HANDLER_ARN")

    with pytest.raises(SettingError, match="EXECUTION_HANDLER_ARN"):
        handler.lambda_handler({"action": "poll_wave_status"}, CONTEXT)
