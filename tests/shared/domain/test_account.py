"""Whose account it is, and how it is reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import (
    account_context,
    account_of_state,
    contradicts,
)
from tests.shared.builders import HUB

OTHER = "444455556666"
NAMES = st.text("abcdef", max_size=5)
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "accountId": st.sampled_from(["", HUB, OTHER]),
        "assumeRoleName": NAMES,
        "externalId": NAMES,
        "isCurrentAccount": st.booleans(),
        "roleArn": st.sampled_from(["", f"arn:aws:iam::{OTHER}:role/x"]),
    },
)


@given(GIVEN)
def test_a_normalised_context_is_normal(given_: dict[str, object]) -> None:
    once = account_context(given_, hub_account_id=HUB)
    twice = account_context(once.to_wire(), hub_account_id=HUB)

    assert once == twice
    assert not contradicts(once.to_wire(), hub_account_id=HUB)


@given(GIVEN)
def test_only_the_id_decides_whether_it_is_the_hub(
    given_: dict[str, object],
) -> None:
    context = account_context(given_, hub_account_id=HUB)

    assert context.is_current is (given_.get("accountId", "") in ("", HUB))
    assert context.is_current or (context.external_id and context.role_arn)


def test_an_absent_context_is_the_hub() -> None:
    assert account_context(None, hub_account_id=HUB).account_id == HUB


@pytest.mark.parametrize(
    ("given_", "arn"),
    [
        ({}, f"arn:aws-cn:iam::{OTHER}:role/DRSOrchestrationRole"),
        ({"assumeRoleName": "r"}, f"arn:aws-cn:iam::{OTHER}:role/r"),
        ({"roleArn": "arn:x", "assumeRoleName": "r"}, "arn:x"),
        ({"crossAccountRoleArn": "arn:y"}, "arn:y"),
    ],
)
def test_the_role_is_the_stored_one_else_made_of_its_name(
    given_: dict[str, str], arn: str
) -> None:
    context = account_context(
        {"accountId": OTHER, **given_},
        hub_account_id=HUB,
        partition="aws-cn",
    )

    assert context.role_arn == arn


def test_a_flag_that_disagrees_with_the_id_is_noticed() -> None:
    assert contradicts(
        {"accountId": OTHER, "isCurrentAccount": True}, hub_account_id=HUB
    )
    assert not contradicts({"accountId": OTHER}, hub_account_id=HUB)


def test_the_newer_spelling_wins_and_none_is_empty() -> None:
    both = {"accountContext": {"a": 1}, "account_context": {"a": 2}}

    assert account_of_state(both) == {"a": 1}
    assert account_of_state({"account_context": {"a": 2}}) == {"a": 2}
    assert account_of_state({}) == {}


def test_a_context_has_the_keys_of_the_contract() -> None:
    context = account_context(
        {"accountId": OTHER, "externalId": "ours", "assumeRoleName": "r"},
        hub_account_id=HUB,
    )

    assert context.to_wire() == {
        "accountId": OTHER,
        "assumeRoleName": "r",
        "isCurrentAccount": False,
        "externalId": "ours",
        "roleArn": f"arn:aws:iam::{OTHER}:role/r",
    }
    assert account_context({}, hub_account_id=HUB).to_wire() == {
        "accountId": HUB,
        "assumeRoleName": "",
        "isCurrentAccount": True,
    }


def test_an_account_without_an_external_id_gets_the_default_one() -> None:
    context = account_context(
        {"accountId": OTHER}, hub_account_id=HUB, default_external_id="theirs"
    )

    assert context.external_id == "theirs"


@pytest.mark.parametrize("account_id", [None, "", HUB])
def test_an_account_without_an_id_is_the_hub_and_may_say_so(
    account_id: str | None,
) -> None:
    given_ = {"accountId": account_id, "isCurrentAccount": True}

    assert not contradicts(given_, hub_account_id=HUB)
    assert contradicts(
        {**given_, "isCurrentAccount": False}, hub_account_id=HUB
    )
