"""The routes about people and their account, asked as API Gateway asks."""

from typing import Any

import pytest

from shared.domain.rbac import Permission, Role
from tests.query_handler.desk import Desk
from tests.support.fake_drs import HUB
from tests.support.fakes import FakeAccountNames

ANN = {"email": "ann@example.com", "userId": "user-1", "username": "ann"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(("name", "shown"), [("hub", "hub"), ("", HUB)])
def test_the_current_account_is_the_hub(
    desk: Desk, name: str, shown: str
) -> None:
    desk.names = FakeAccountNames(name)
    current = {
        "accountId": HUB,
        "accountName": shown,
        "isCurrentAccount": True,
    }

    assert desk.gets("GET /accounts/current") == current
    assert desk.asks("get_current_account_id") == current


def test_a_profile_tells_who_one_is_and_may_do(desk: Desk) -> None:
    assert desk.gets("GET /user/profile", role=Role.READ_ONLY) == {
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


def test_permissions_are_those_of_all_roles_together(desk: Desk) -> None:
    body = desk.gets(
        "GET /user/permissions", role="DRSOperator,DRSOrchestrationAdmin,x"
    )

    assert body["roles"] == ["DRSOrchestrationAdmin", "DRSOperator"]
    assert body["permissions"] == [str(p) for p in Permission]
    assert body["user"]["groups"] == [
        "DRSOperator",
        "DRSOrchestrationAdmin",
        "x",
    ]


@pytest.mark.parametrize(
    "groups", [["DRSReadOnly", "x"], "DRSReadOnly,x", "[DRSReadOnly x]"]
)
def test_somebody_direct_asks_what_named_groups_may_do(
    desk: Desk, groups: Any
) -> None:
    body = desk.asks("get_user_permissions", groups=groups)

    assert body["user"]["groups"] == ["DRSReadOnly", "x"]
    assert body["roles"] == ["DRSReadOnly"]
    assert len(body["permissions"]) == 4


def test_roles_come_with_what_each_allows(desk: Desk) -> None:
    body = desk.gets("GET /user/roles", role=Role.OPERATOR)

    assert body["user"] == {**ANN, "groups": ["DRSOperator"]}
    assert body["roles"] == ["DRSOperator"]
    assert len(body["rolePermissions"]["DRSOperator"]) == 8


def test_somebody_without_a_role_learns_so(desk: Desk) -> None:
    body = desk.gets("GET /user/permissions", role="Guests")

    assert (body["roles"], body["permissions"]) == ([], [])


def test_the_accounts_of_drs_are_the_registered_ones(desk: Desk) -> None:
    account = desk.has_account()

    assert desk.gets("GET /drs/accounts") == [account]
    assert desk.asks("get_target_accounts") == [account]
