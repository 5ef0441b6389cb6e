"""Who the claims of a token name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Unauthenticated
from shared.domain.identity import Identity, identity_of
from tests.support.requests import claims_of


def test_the_claims_of_an_id_token_name_a_person() -> None:
    found = identity_of(claims_of("DRSOperator"))

    assert found == Identity(
        user_id="user-1",
        email="ann@example.com",
        username="ann",
        groups=("DRSOperator",),
    )
    assert found.to_wire() == {
        "email": "ann@example.com",
        "userId": "user-1",
        "username": "ann",
        "groups": ["DRSOperator"],
    }


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"sub": "s", "username": "u", "email": "e"}, "e"),
        ({"sub": "s", "username": "u"}, "u"),
        ({"sub": "s", "cognito:username": "c", "username": "u"}, "c"),
        ({"sub": "s"}, "s"),
    ],
)
def test_a_person_is_recorded_by_email_else_username_else_sub(
    claims: dict[str, Any], name: str
) -> None:
    assert identity_of(claims).name == name


@pytest.mark.parametrize(
    "groups",
    [
        ["a", "b"],
        "a,b",
        "a b",
        "[a b]",
        "[a, b]",
        '["a","b"]',
        " a , b , a ",
    ],
)
def test_groups_are_read_in_every_form_that_gateways_give_them(
    groups: object,
) -> None:
    assert identity_of({"sub": "s", "cognito:groups": groups}).groups == (
        "a",
        "b",
    )


@pytest.mark.parametrize(
    "claims", [None, {}, [], "x", {"sub": ""}, {"sub": 1}, {"sub": "  "}]
)
def test_claims_that_name_nobody_are_refused(claims: object) -> None:
    with pytest.raises(Unauthenticated):
        identity_of(claims)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_any_claims_name_somebody_or_are_refused(
    groups: object, sub: object
) -> None:
    try:
        found = identity_of({"sub": sub, "cognito:groups": groups})
    except Unauthenticated:
        return

    assert found.name
    assert all(isinstance(group, str) and group for group in found.groups)
