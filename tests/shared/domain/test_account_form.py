"""What ids, roles and secrets of an account look like."""

from collections.abc import Callable

import pytest

from shared.domain.account import is_active, usable
from shared.domain.account_form import (
    check_account_id,
    check_external_id,
    check_role_name,
    role_name_of,
)
from shared.domain.errors import BadRequest, NotFound

ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_account_id, ACCOUNT),
        (check_external_id, "ab"),
        (check_external_id, "a:/" + "x" * 1221),
        (check_role_name, "r"),
        (check_role_name, "Role+=,.@-" + "x" * 54),
    ],
)
def test_what_aws_takes_is_taken(
    check: Callable[[str], None], value: str
) -> None:
    check(value)


@pytest.mark.parametrize(
    ("check", "value", "field"),
    [
        (check_account_id, "", "accountId"),
        (check_account_id, "11112222333", "accountId"),
        (check_account_id, "1111222233334", "accountId"),
        (check_account_id, "11112222333x", "accountId"),
        (check_external_id, "a", "externalId"),
        (check_external_id, "x" * 1225, "externalId"),
        (check_external_id, "with blank", "externalId"),
        (check_role_name, "", "assumeRoleName"),
        (check_role_name, "x" * 65, "assumeRoleName"),
        (check_role_name, "path/Role", "assumeRoleName"),
    ],
)
def test_what_aws_refuses_is_refused(
    check: Callable[[str], None], value: str, field: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        check(value)

    assert caught.value.code == "INVALID_FORMAT"
    assert caught.value.details == {"field": field}


def test_a_refusal_says_what_is_expected() -> None:
    with pytest.raises(BadRequest) as of_id:
        check_account_id("7")
    with pytest.raises(BadRequest) as of_name:
        check_role_name("")

    assert of_id.value.message == ("'7' is no account id; one has 12 digits.")
    assert of_name.value.message == (
        r"'assumeRoleName' is not of the form [\w+=,.@-]{1,64}."
    )


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/Recovery", "Recovery"),
        (f"arn:aws-us-gov:iam::{ACCOUNT}:role/a/b/Recovery", "Recovery"),
    ],
)
def test_a_role_is_named_without_its_path(arn: str, name: str) -> None:
    assert role_name_of(arn, ACCOUNT) == name


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "Recovery",
        f"arn:aws:iam::{ACCOUNT}:user/Recovery",
        f"arn:aws:iam::{ACCOUNT}:role/",
        "arn:aws:iam::999999999999:role/Recovery",
    ],
)
def test_a_role_has_to_be_the_accounts(arn: str) -> None:
    with pytest.raises(BadRequest) as caught:
        role_name_of(arn, ACCOUNT)

    assert caught.value.code == "INVALID_ROLE_ARN"
    assert caught.value.details == {"field": "roleArn"}
    assert caught.value.message == (
        f"'roleArn' {arn!r} is no role of account {ACCOUNT}; it must be like "
        f"arn:aws:iam::{ACCOUNT}:role/NAME."
    )


def test_an_account_is_used_while_it_is_registered_and_active() -> None:
    item = {"accountId": ACCOUNT, "status": "active"}

    assert usable(ACCOUNT, item) is item
    assert is_active({})
    for unusable in (None, {**item, "status": "inactive"}):
        with pytest.raises(NotFound) as caught:
            usable(ACCOUNT, unusable)
        assert caught.value.code == "TARGET_ACCOUNT_NOT_FOUND"
        assert caught.value.details == {"accountId": ACCOUNT}
        assert caught.value.message == (
            f"Account {ACCOUNT} is not registered; register it under "
            "/accounts/targets and set it active."
        )
