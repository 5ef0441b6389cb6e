"""Which account a request works in."""

from typing import Any

import pytest

from shared.domain.errors import BadRequest, NotFound
from shared.target_account import determine_target_account_context
from tests.support.fakes import FakeAccounts

HUB = "111122223333"
ONE, TWO = "444455556666", "777788889999"
ACCOUNTS = FakeAccounts(
    *(
        {
            "accountId": account,
            "roleArn": f"arn:aws:iam::{account}:role/Ours",
            "assumeRoleName": "Ours",
            "externalId": f"secret-{account}",
        }
        for account in (ONE, TWO)
    ),
    {"accountId": "000000000000", "status": "inactive"},
)


def meant(event: dict[str, Any], *groups: dict[str, Any]) -> dict[str, Any]:
    return determine_target_account_context(
        event, accounts=ACCOUNTS, hub_account_id=HUB, groups=groups
    )


@pytest.mark.parametrize(
    ("event", "account"),
    [
        ({}, HUB),
        ({"accountContext": {"accountId": ONE}, "accountId": TWO}, ONE),
        ({"account_context": {"accountId": ONE}}, ONE),
        ({"accountId": TWO}, TWO),
        ({"body": {"accountId": TWO}}, TWO),
        ({"queryStringParameters": {"accountId": TWO}}, TWO),
        ({"accountId": HUB}, HUB),
        ({"accountContext": {}, "body": None}, HUB),
    ],
)
def test_what_the_request_names_comes_first(
    event: dict[str, Any], account: str
) -> None:
    context = meant(event)

    assert context["accountId"] == account
    assert context["isCurrentAccount"] is (account == HUB)
    if account != HUB:
        assert context["externalId"] == f"secret-{account}"
        assert context["roleArn"] == f"arn:aws:iam::{account}:role/Ours"


def test_then_the_groups_decide() -> None:
    group = {"accountId": ONE, "assumeRoleName": "Special"}

    assert meant({}, {"accountId": ""})["accountId"] == HUB
    assert meant({}, {"accountId": HUB}, {})["accountId"] == HUB
    assert meant({}, group, {"accountId": ONE})["roleArn"].endswith("/Special")
    assert meant({"accountId": TWO}, group)["accountId"] == TWO


def test_groups_of_several_accounts_are_refused() -> None:
    with pytest.raises(BadRequest) as caught:
        meant({}, {"accountId": ONE}, {"accountId": TWO})

    assert caught.value.code == "MULTI_ACCOUNT_PLAN"


@pytest.mark.parametrize("account", ["123123123123", "000000000000"])
def test_an_account_that_is_not_in_use_is_refused(account: str) -> None:
    with pytest.raises(NotFound) as caught:
        meant({"accountId": account})

    assert caught.value.code == "TARGET_ACCOUNT_NOT_FOUND"


def test_a_value_of_the_wrong_type_is_named() -> None:
    with pytest.raises(BadRequest) as caught:
        meant({"accountContext": {"accountId": 7}})

    assert caught.value.details["field"] == "accountId"
