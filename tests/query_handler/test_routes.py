"""The routes of look-ups, asked as API Gateway asks."""

from typing import Any

import pytest

from query_handler.ports import Lookups
from query_handler.routes import ROUTES
from shared.domain.rbac import Permission, Role
from shared.http import answer
from tests.support.api_document import check_answer
from tests.support.fake_drs import HUB
from tests.support.fakes import FakeAccountNames, FakeAudit, FakeClock
from tests.support.requests import a_front, a_request, body_of, claims_of

ANN = {"email": "ann@example.com", "userId": "user-1", "username": "ann"}


def ask(path: str, name: str = "", **more: Any) -> Any:
    ports = Lookups(
        names=FakeAccountNames(name),
        hub_account_id=HUB,
        audit=FakeAudit(),
        clock=FakeClock(),
    )
    event = a_request("GET", path, **more)
    reply = answer(event, ports, ROUTES, a_front())
    assert reply["statusCode"] == 200
    check_answer(f"GET {path}", 200, body_of(reply))
    return body_of(reply)


@pytest.mark.parametrize(("name", "shown"), [("hub", "hub"), ("", HUB)])
def test_the_current_account_is_the_hub(name: str, shown: str) -> None:
    assert ask("/accounts/current", name) == {
        "accountId": HUB,
        "accountName": shown,
        "isCurrentAccount": True,
    }


def test_a_profile_tells_who_one_is_and_may_do() -> None:
    assert ask("/user/profile", role=Role.READ_ONLY) == {
        **ANN,
        "groups": ["DRSReadOnly"],
        "roles": ["DRSReadOnly"],
        "permissions": [
            "view_accounts",
            "view_executions",
            "view_protection_groups",
            "view_recovery_plans",
        ],
    }


def test_permissions_are_those_of_all_roles_together() -> None:
    context = {
        "authorizer": {
            "claims": claims_of("DRSOperator", "DRSOrchestrationAdmin", "x")
        }
    }

    body = ask("/user/permissions", requestContext=context)

    assert body["roles"] == ["DRSOrchestrationAdmin", "DRSOperator"]
    assert body["permissions"] == [str(p) for p in Permission]
    assert body["user"]["groups"] == [
        "DRSOperator",
        "DRSOrchestrationAdmin",
        "x",
    ]


def test_roles_come_with_what_each_allows() -> None:
    body = ask("/user/roles", role=Role.OPERATOR)

    assert body["user"] == {**ANN, "groups": ["DRSOperator"]}
    assert body["roles"] == ["DRSOperator"]
    assert len(body["rolePermissions"]["DRSOperator"]) == 8


def test_somebody_without_a_role_learns_so() -> None:
    body = ask("/user/permissions", role="Guests")

    assert (body["roles"], body["permissions"]) == ([], [])
