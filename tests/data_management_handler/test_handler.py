"""The entry point: operations over real adapters on moto."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from data_management_handler import handler, wiring
from data_management_handler.configuration import (
    _get_active_execution_servers,
    _get_existing_protection_groups,
    _get_existing_recovery_plans,
    export_configuration,
    import_configuration,
)
from data_management_handler.operations import OPERATIONS
from data_management_handler.ports import Ports
from data_management_handler.server_checks import (
    validate_and_get_source_servers,
    validate_server_assignments,
    validate_server_replication_states,
    validate_servers_exist_in_drs,
)
from drs.aws.region import default_regions
from drs.aws.session import default_sessions
from drs_simulator.aws import moto_backend
from shared.domain.errors import (
    BadRequest,
    DrError,
    NotFound,
    UnknownEvent,
    UnknownOperation,
)
from tests.support.lambdas import Context, has_environment
from tests.support.requests import a_request, body_of

CONTEXT = Context("dr-data-management")
REGION = "us-east-1"
TARGET = "444455556666"
ESTATE = {
    "accounts": [
        {
            "accountId": "123456789012",
            "regions": [
                {
                    "region": REGION,
                    "servers": [{"hostname": "db-1", "tags": {"tier": "db"}}],
                }
            ],
        }
    ]
}


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = (handler.ports, default_regions, default_sessions, wiring._own)
    for one in kept:
        one.cache_clear()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    moto_backend.register()
    with mock_aws():
        has_environment(monkeypatch)
        moto_backend.simulator().load_estate(ESTATE)
        yield
    for one in kept:
        one.cache_clear()


def answer(operation: str, **fields: Any) -> Any:
    return handler.lambda_handler({"operation": operation, **fields}, CONTEXT)


def test_a_group_and_a_plan_live_and_go_in_the_tables() -> None:
    group = answer(
        "create_protection_group",
        body={
            "groupName": "Database",
            "region": REGION,
            "serverSelectionTags": {"tier": "db"},
        },
    )
    plan = answer(
        "create_recovery_plan",
        body={
            "name": "Nightly",
            "waves": [{"protectionGroupId": group["groupId"]}],
        },
    )
    here = {"pathParameters": {"id": group["groupId"]}}

    assert group["warnings"] == plan["warnings"] == []
    assert answer("list_protection_groups")["count"] == 1
    assert answer("list_recovery_plans")["recoveryPlans"][0]["waveCount"] == 1
    with pytest.raises(DrError) as caught:
        answer("delete_protection_group", **here)
    assert json.loads(str(caught.value))["error"] == "PG_IN_USE"
    answer("delete_recovery_plan", pathParameters={"id": plan["planId"]})
    answer("delete_protection_group", **here)
    assert answer("list_protection_groups")["groups"] == []


def test_accounts_are_answered_as_a_bare_array() -> None:
    answer("create_target_account", body={"accountId": "444455556666"})

    (account,) = answer("list_target_accounts")

    assert account["accountId"] == "444455556666"


def test_an_envelope_holds_status_and_body() -> None:
    reply = answer(
        "get_protection_group", pathParameters={"id": "x"}, envelope=True
    )

    assert reply["statusCode"] == 404
    assert json.loads(reply["body"])["error"] == "PROTECTION_GROUP_NOT_FOUND"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"operation": "fly"}, UnknownOperation),
        ({"operation": "create_protection_group"}, BadRequest),
        ({"operation": "create_protection_group", "body": []}, BadRequest),
        ({"operation": "get_recovery_plan"}, BadRequest),
        (
            {
                "operation": "delete_recovery_plan",
                "pathParameters": {"id": "x"},
            },
            NotFound,
        ),
        ({"action": "start_wave_recovery"}, UnknownEvent),
        ({"source": "aws.drs", "detail-type": "x"}, UnknownEvent),
        ({}, UnknownEvent),
    ],
)
def test_what_cannot_be_answered_is_raised_with_a_json_body(
    event: dict[str, Any], kind: type[DrError]
) -> None:
    with pytest.raises(kind) as caught:
        handler.lambda_handler(event, CONTEXT)

    body = json.loads(str(caught.value))
    assert body["error"] == caught.value.code
    assert body["message"]


def test_the_deadline_is_that_of_the_invocation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left: list[int] = []

    def noted(event: object, ports: Ports) -> dict[str, Any]:
        left.append(ports.seconds_left)
        return {}

    monkeypatch.setitem(OPERATIONS, "list_protection_groups", noted)

    answer("list_protection_groups")

    assert 298 <= left[0] <= 300


def test_a_request_of_the_api_is_answered() -> None:
    event = a_request("POST", "/accounts/targets", body={"accountId": TARGET})

    made = handler.lambda_handler(event, CONTEXT)
    listed = handler.lambda_handler(
        a_request("GET", "/accounts/targets"), CONTEXT
    )

    assert (made["statusCode"], listed["statusCode"]) == (201, 200)
    assert [one["accountId"] for one in body_of(listed)] == [TARGET]


def test_functions_answer_by_their_signature_alone() -> None:
    group = answer(
        "create_protection_group",
        body={
            "groupName": "Database",
            "region": REGION,
            "serverSelectionTags": {"tier": "db"},
        },
    )
    tags = {"region": REGION, "tags": {"tier": "db"}}
    resolved = answer("resolve_protection_group_tags", body=tags)
    ids = [one["sourceServerID"] for one in resolved["resolvedServers"]]

    document = export_configuration()
    result = import_configuration(document, dry_run=True)

    assert [one["groupName"] for one in document["protectionGroups"]] == [
        "Database"
    ]
    assert document["metadata"]["sourceRegion"] == REGION
    assert [row["reason"] for row in result["skipped"]] == ["ALREADY_EXISTS"]
    assert len(_get_existing_protection_groups()) == 1
    assert _get_existing_recovery_plans() == []
    assert _get_active_execution_servers() == set()
    assert validate_servers_exist_in_drs(ids, REGION)["valid"]
    assert validate_server_replication_states(ids, REGION)["valid"]
    assert len(validate_and_get_source_servers(ids, REGION)) == 1
    taken = validate_server_assignments(ids, "another")
    assert taken["invalidAssignments"][0]["protectionGroupId"] == (
        group["groupId"]
    )
