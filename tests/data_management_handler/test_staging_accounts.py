"""Staging accounts of a target account."""

from typing import Any

import pytest

from tests.data_management_handler.desk import TARGET, Desk
from tests.support.fake_drs import HUB

ADD = "add_staging_account"
REMOVE = "remove_staging_account"
STAGING = "777788889999"
BODY = {"accountId": STAGING, "externalId": "its-id"}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_account()
    return desk


def test_an_account_is_added_with_its_own_external_id(desk: Desk) -> None:
    reply = desk.asks(ADD, TARGET, stagingAccount=BODY)

    [stored] = desk.accounts.find(TARGET)["stagingAccounts"]
    assert reply["stagingAccounts"] == [stored]
    assert stored == {
        "accountId": STAGING,
        "accountName": STAGING,
        "roleArn": "",
        "externalId": "its-id",
        "addedAt": "2026-01-01T12:00:00Z",
        "addedBy": "ann@example.com",
    }
    assert reply["version"] == 2


def test_the_external_id_is_masked_in_the_trail(desk: Desk) -> None:
    desk.asks(ADD, TARGET, stagingAccount=BODY)

    [entry] = desk.audit
    [told] = entry["changes"]["stagingAccounts"]["new"]
    assert told["externalId"] == "***"
    assert told["accountId"] == STAGING


def test_an_account_is_removed_and_the_others_stay(desk: Desk) -> None:
    desk.asks(ADD, TARGET, stagingAccount=BODY)
    other = {**BODY, "accountId": "777788880000"}
    desk.asks(ADD, TARGET, stagingAccount=other)

    reply = desk.asks(REMOVE, TARGET, staging=STAGING)

    left = [one["accountId"] for one in reply["stagingAccounts"]]
    assert left == ["777788880000"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accountId": None}, "MISSING_FIELD"),
        ({"externalId": " "}, "MISSING_FIELD"),
        ({"accountId": 7}, "INVALID_TYPE"),
        ({"accountName": 7}, "INVALID_TYPE"),
        ({"accountId": "7"}, "VALIDATION_ERROR"),
        ({"externalId": "no blanks"}, "VALIDATION_ERROR"),
        ({"accountId": TARGET}, "VALIDATION_ERROR"),
        ({"accountId": HUB}, "VALIDATION_ERROR"),
        (
            {"roleArn": f"arn:aws:iam::{TARGET}:role/R"},
            "VALIDATION_ERROR",
        ),
    ],
)
def test_what_is_no_staging_account_is_refused(
    desk: Desk, change: dict[str, Any], code: str
) -> None:
    error = desk.refuses(ADD, TARGET, stagingAccount={**BODY, **change})

    assert (error.status, error.code) == (400, code)
    assert error.details["field"]


def test_one_that_is_there_is_not_added_again(desk: Desk) -> None:
    desk.asks(ADD, TARGET, stagingAccount=BODY)

    error = desk.refuses(ADD, TARGET, stagingAccount=BODY)

    assert (error.status, error.code) == (409, "STAGING_ACCOUNT_EXISTS")


def test_what_is_not_there_cannot_be_changed(desk: Desk) -> None:
    nowhere = desk.refuses(ADD, "999999999999", stagingAccount=BODY)
    unknown = desk.refuses(REMOVE, TARGET, staging=STAGING)
    unnamed = desk.refuses(ADD, TARGET, other=7)

    assert nowhere.code == "TARGET_ACCOUNT_NOT_FOUND"
    assert (unknown.status, unknown.code) == (404, "NOT_FOUND")
    assert unnamed.code == "MISSING_FIELD"


def test_an_account_that_changes_meanwhile_keeps_both_changes(
    desk: Desk,
) -> None:
    desk.accounts.meanwhile(
        lambda: desk.accounts.has(
            {
                **desk.accounts.find(TARGET),
                "accountName": "renamed",
                "version": 2,
            }
        )
    )

    reply = desk.asks(ADD, TARGET, stagingAccount=BODY)

    assert (reply["accountName"], reply["version"]) == ("renamed", 3)
    assert len(reply["stagingAccounts"]) == 1
