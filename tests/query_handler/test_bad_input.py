"""Whatever is asked of a look-up is answered, or refused by name."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from query_handler.operations import OPERATIONS
from query_handler.routes import ROUTES
from shared.domain.errors import DrError
from shared.domain.rbac import Role
from shared.http import answer
from tests.query_handler.desk import REGION, STAGING, TARGET, Desk
from tests.query_handler.test_capacity import staged
from tests.support.fake_drs import HUB, server_id
from tests.support.requests import a_front, a_request

WORDS = st.sampled_from(
    [
        "",
        " ",
        REGION,
        HUB,
        TARGET,
        STAGING,
        "id-db",
        server_id(1),
        "us-mars-1",
        "x" * 10_000,
        "\x00",
        "s-1,s-2",
        "../..",
    ]
)
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
NAMES = (
    "accountId",
    "currentProtectionGroupId",
    "externalId",
    "groups",
    "protectionGroupId",
    "region",
    "roleArn",
    "serverIds",
    "targetAccountId",
    "vpcId",
)
PARAMS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, VALUES))
QUERIES = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, WORDS))
asked = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def a_desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    desk.has_account(stagingAccounts=[staged()])
    desk.has_group("db")
    return desk


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@given(params=PARAMS)
@asked
def test_an_operation_answers_or_refuses_as_ours(
    operation: str, params: dict[str, Any]
) -> None:
    try:
        reply = a_desk().asks(operation, **params)
    except DrError as error:
        assert error.status in (400, 404), error
        assert error.code != "INTERNAL_ERROR"
    else:
        assert json.dumps(reply)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@given(query=QUERIES, part=WORDS, body=VALUES)
@asked
def test_a_request_never_ends_in_a_fault_of_ours(
    route: Any, query: dict[str, str], part: str, body: Any
) -> None:
    path = route.path.format(id=part or "none")
    event = a_request(
        route.method, path, role=Role.ADMIN, query=query, body=body
    )
    desk = a_desk()

    reply = answer(event, desk.ports(), ROUTES, a_front(desk.trail))

    assert reply["statusCode"] in (200, 400, 404, 405), reply["body"]
