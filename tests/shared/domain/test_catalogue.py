"""How an object of the catalogue is named, and that its name is its own."""

import pytest

from shared.domain.catalogue import (
    ACCOUNTS,
    GROUPS,
    PLANS,
    Kind,
    guard_item,
    guard_key,
    named,
)

OBJECTS = [
    {"groupId": "g-1", "groupName": "Web"},
    {"groupId": "g-2", "groupName": " Data Base "},
]


@pytest.mark.parametrize(
    ("kind", "code", "said", "id_name"),
    [
        (GROUPS, "PROTECTION_GROUP_NOT_FOUND", "protection group", "groupId"),
        (PLANS, "RECOVERY_PLAN_NOT_FOUND", "recovery plan", "planId"),
        (ACCOUNTS, "NOT_FOUND", "target account", "accountId"),
    ],
)
def test_an_object_that_is_not_there_is_named_with_its_kind(
    kind: Kind, code: str, said: str, id_name: str
) -> None:
    assert kind.missing("x-1").body() == {
        "error": code,
        "message": f"There is no {said} x-1.",
        id_name: "x-1",
    }


def test_a_guard_lies_under_the_folded_name_and_says_whose_it_is() -> None:
    assert guard_key(PLANS, " DR Ohio ") == (
        "name-lock-plan-dr ohio",
        "name-lock",
    )
    assert guard_item(GROUPS, OBJECTS[0]) == {
        "executionId": "name-lock-pg-web",
        "planId": "name-lock",
        "ownerId": "g-1",
    }


@pytest.mark.parametrize("name", ["Data Base", "data base", " DATA BASE "])
def test_an_object_is_found_by_its_name_however_spelled(name: str) -> None:
    assert named(GROUPS, OBJECTS, name) == OBJECTS[1]


def test_a_name_that_nobody_bears_finds_nothing() -> None:
    assert named(GROUPS, OBJECTS, "database") is None
