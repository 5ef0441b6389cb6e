"""The way into an account as it is registered."""

from typing import Any

from shared.domain.account import AccountContext, registered_context
from tests.shared.builders import HUB

OTHER = "444455556666"
REGISTERED = {
    "accountId": "not this one",
    "assumeRoleName": "Ours",
    "roleArn": "arn:aws:iam::444455556666:role/path/Ours",
    "externalId": "secret",
}


def _context(registered: Any = None, role: str = "") -> AccountContext:
    return registered_context(
        OTHER,
        registered,
        assume_role_name=role,
        hub_account_id=HUB,
        default_external_id="default",
    )


def test_an_account_is_reached_as_it_is_registered() -> None:
    for role in ("", "Ours"):
        assert _context(REGISTERED, role) == AccountContext(
            account_id=OTHER,
            role_arn="arn:aws:iam::444455556666:role/path/Ours",
            external_id="secret",
            assume_role_name="Ours",
            is_current=False,
        )


def test_a_role_that_a_group_asks_for_replaces_the_registered_one() -> None:
    older = {**REGISTERED, "crossAccountRoleArn": "arn:older"}

    assert _context(older, "Theirs") == AccountContext(
        account_id=OTHER,
        role_arn=f"arn:aws:iam::{OTHER}:role/Theirs",
        external_id="secret",
        assume_role_name="Theirs",
        is_current=False,
    )


def test_an_account_that_is_not_registered_has_the_defaults() -> None:
    assert _context() == AccountContext(
        account_id=OTHER,
        role_arn=f"arn:aws:iam::{OTHER}:role/DRSOrchestrationRole",
        external_id="default",
        assume_role_name="DRSOrchestrationRole",
        is_current=False,
    )


def test_no_id_is_the_hub() -> None:
    context = registered_context("", REGISTERED, hub_account_id=HUB)

    assert context == AccountContext(account_id=HUB)
