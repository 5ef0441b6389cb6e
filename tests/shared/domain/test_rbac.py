"""The table of roles and permissions, as the contract prints it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Forbidden
from shared.domain.identity import Identity
from shared.domain.rbac import (
    AUTHENTICATED,
    GRANTED_TO,
    Permission,
    Role,
    allowed,
    check_allowed,
    permissions_of,
    roles_of,
)

# Admin, recovery manager, plan manager, operator, read only.
CONTRACT = """
register_accounts        y y - - -
modify_accounts          y y - - -
delete_accounts          y - - - -
view_accounts            y y y y y
start_recovery           y y y y -
stop_recovery            y y y y -
terminate_instances      y y - - -
view_executions          y y y y y
create_protection_groups y y y - -
delete_protection_groups y y y - -
modify_protection_groups y y y y -
view_protection_groups   y y y y y
create_recovery_plans    y y y - -
delete_recovery_plans    y y y - -
modify_recovery_plans    y y y y -
view_recovery_plans      y y y y y
export_configuration     y y - - -
import_configuration     y y - - -
"""
PAIRS = [
    (permission, role, mark == "y")
    for permission, *marks in (
        line.split() for line in CONTRACT.strip().splitlines()
    )
    for role, mark in zip(Role, marks, strict=True)
]


@pytest.mark.parametrize(("permission", "role", "may"), PAIRS)
def test_each_pair_is_as_the_contract_says(
    permission: str, role: Role, may: bool
) -> None:
    assert allowed(permission, [role]) is may


def test_the_counts_are_the_contracts() -> None:
    counts = {role: len(permissions_of([role])) for role in Role}

    assert list(counts.values()) == [18, 17, 12, 8, 4]
    assert set(GRANTED_TO) == set(Permission)
    assert sum(may for *_, may in PAIRS) == 59
    assert len(PAIRS) == 90


@given(st.lists(st.sampled_from(Role)))
def test_several_roles_may_do_what_each_of_them_may(roles: list[Role]) -> None:
    together = set(permissions_of(roles))

    assert together == {p for role in roles for p in permissions_of([role])}


@given(st.text(), st.lists(st.sampled_from(Role)))
def test_what_is_not_granted_is_denied(
    required: str, roles: list[Role]
) -> None:
    known = required in set(Permission) or required == AUTHENTICATED

    assert known or not allowed(required, roles)


@given(st.lists(st.text()))
def test_groups_that_are_no_role_grant_nothing(groups: list[str]) -> None:
    strangers = [group for group in groups if group not in set(Role)]

    assert permissions_of(roles_of(strangers)) == ()


def test_an_older_name_of_a_group_stands_for_its_role() -> None:
    aliases = {"dr-admins": Role.ADMIN}

    assert roles_of(["dr-admins", "x"], aliases) == (Role.ADMIN,)
    assert roles_of(["dr-admins"]) == ()


def test_a_person_without_a_role_may_only_look_at_themselves() -> None:
    assert allowed(AUTHENTICATED, [])
    assert not any(allowed(permission, []) for permission in Permission)


def test_a_refusal_names_the_permission_that_is_missing() -> None:
    ann = Identity(user_id="ann")

    with pytest.raises(Forbidden) as caught:
        check_allowed(Permission.START_RECOVERY, ann, [Role.READ_ONLY])

    assert caught.value.details == {"requiredPermissions": ["start_recovery"]}


def test_a_route_without_a_permission_lets_nobody_in() -> None:
    with pytest.raises(Forbidden):
        check_allowed("", Identity(user_id="ann"), list(Role))
