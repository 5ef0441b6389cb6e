"""Groups, plans and accounts as they are changed, in memory and in DynamoDB.

Guards and audit entries are looked at where they lie, so that both stores
write the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws

from shared.aws.catalogue import DynamoCatalogue
from shared.aws.dynamo import plain
from shared.domain.audit import AuditResult, audit_to_item, entry_at
from shared.domain.catalogue import (
    ACCOUNTS,
    GROUPS,
    PLANS,
    Catalogue,
    Kind,
    Refusal,
    guard_key,
)
from shared.domain.errors import NotFound
from shared.domain.items import Item, key_of, lock_key
from tests.contracts.conftest import FakeTable, MotoTable
from tests.contracts.stores import Raw
from tests.contracts.tables import REGION, a_history_table, a_simple_table
from tests.support.fake_catalogue import catalogues
from tests.support.fake_executions import FakeExecutions
from tests.support.fakes import FakeClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Three catalogues over one history."""

    groups: Catalogue
    plans: Catalogue
    accounts: Catalogue
    history: Raw
    clock: FakeClock

    def guard(self, kind: Kind, name: str) -> str | None:
        """Return whose a name is."""
        item = self.history.get(guard_key(kind, name))
        return None if item is None else str(item["ownerId"])


def _fake() -> Shelf:
    clock = FakeClock()
    executions = FakeExecutions(clock)
    groups, plans, accounts = catalogues(executions, clock)
    return Shelf(
        groups=groups,
        plans=plans,
        accounts=accounts,
        history=FakeTable(executions),
        clock=clock,
    )


def _dynamo() -> Shelf:
    clock = FakeClock()
    history = a_history_table()

    def of(kind: Kind, **more: Any) -> DynamoCatalogue:
        table = a_simple_table(kind.resource_type, kind.id_name)
        return DynamoCatalogue(kind, table, history, clock, **more)

    groups = of(GROUPS)
    return Shelf(
        groups=groups,
        plans=of(PLANS, needed=groups),
        accounts=of(ACCOUNTS),
        history=MotoTable(history),
        clock=clock,
    )


@pytest.fixture(params=["fake", "dynamo"])
def shelf(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shelf]:
    """Return each in turn."""
    if request.param == "fake":
        yield _fake()
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield _dynamo()


def a_group(number: int = 1, **more: Any) -> Item:
    return {
        "groupId": f"g-{number}",
        "groupName": f"Group {number}",
        "launchConfig": {"share": 0.5, "copyTags": True},
        "version": 1,
        **more,
    }


def a_plan(number: int = 1, **more: Any) -> Item:
    return {
        "planId": f"p-{number}",
        "planName": f"Plan {number}",
        "waves": [],
        "version": 1,
        **more,
    }


def an_account(**more: Any) -> Item:
    return {
        "accountId": "444455556666",
        "accountName": "prod",
        "version": 1,
        **more,
    }


def an_entry(identity: str = "1") -> Item:
    entry = entry_at(
        1_700_000_000,
        user="ann",
        action="test",
        resource_type="protection_group",
        resource_id="g-1",
        result=AuditResult.ALLOWED,
        version=2,
    )
    return audit_to_item(entry, identity, 1_700_000_000)


def test_what_is_created_reads_back_and_its_name_is_guarded(
    shelf: Shelf,
) -> None:
    refused = shelf.groups.create(a_group(), an_entry())

    assert refused is None
    assert shelf.groups.find("g-1") == a_group()
    assert shelf.groups.all() == [a_group()]
    assert shelf.guard(GROUPS, " GROUP 1 ") == "g-1"
    assert shelf.history.get(key_of(an_entry())) == an_entry()


def test_all_are_listed_by_name(shelf: Shelf) -> None:
    for number in (2, 3, 1):
        shelf.groups.create(a_group(number), an_entry(str(number)))

    assert [g["groupId"] for g in shelf.groups.all()] == ["g-1", "g-2", "g-3"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("groups", "PROTECTION_GROUP_NOT_FOUND"),
        ("plans", "RECOVERY_PLAN_NOT_FOUND"),
        ("accounts", "NOT_FOUND"),
    ],
)
def test_what_is_missing_is_named(shelf: Shelf, kind: str, code: str) -> None:
    with pytest.raises(NotFound, match="x-1") as caught:
        getattr(shelf, kind).find("x-1")

    assert caught.value.code == code


def test_a_taken_name_refuses_and_nothing_is_written(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())

    refused = shelf.groups.create(
        a_group(2, groupName=" group 1"), an_entry("2")
    )

    assert refused is Refusal.NAME_TAKEN
    assert [g["groupId"] for g in shelf.groups.all()] == ["g-1"]
    assert shelf.history.get(key_of(an_entry("2"))) is None


def test_a_group_and_a_plan_may_share_a_name(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())

    plan = a_plan(planName="Group 1")

    assert shelf.plans.create(plan, an_entry("2")) is None


def test_an_id_is_created_once(shelf: Shelf) -> None:
    shelf.accounts.create(an_account(), an_entry())

    again = shelf.accounts.create(an_account(), an_entry("2"))

    assert again is Refusal.EXISTS


def test_a_version_is_replaced_once(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())
    after = a_group(version=2, owner="ann")

    first = shelf.groups.replace(a_group(), after, an_entry("2"))
    second = shelf.groups.replace(
        a_group(), a_group(version=2, owner="bob"), an_entry("3")
    )

    assert first is None
    assert second is Refusal.CHANGED
    assert shelf.groups.find("g-1") == after
    assert shelf.history.get(key_of(an_entry("3"))) is None


def test_an_object_without_version_can_be_replaced(shelf: Shelf) -> None:
    older = a_group()
    del older["version"]
    shelf.groups.create(older, an_entry())

    assert shelf.groups.replace(older, a_group(), an_entry("2")) is None
    assert shelf.groups.replace(older, a_group(), an_entry("3")) is (
        Refusal.CHANGED
    )


def test_a_new_name_takes_the_guard_along(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())
    renamed = a_group(groupName="Other", version=2)

    assert shelf.groups.replace(a_group(), renamed, an_entry("2")) is None

    assert shelf.guard(GROUPS, "Group 1") is None
    assert shelf.guard(GROUPS, "Other") == "g-1"


def test_anothers_name_cannot_be_taken_by_renaming(shelf: Shelf) -> None:
    shelf.groups.create(a_group(1), an_entry())
    shelf.groups.create(a_group(2), an_entry("2"))

    refused = shelf.groups.replace(
        a_group(1), a_group(1, groupName="GROUP 2", version=2), an_entry("3")
    )

    assert refused is Refusal.NAME_TAKEN
    assert shelf.groups.find("g-1") == a_group(1)
    assert shelf.guard(GROUPS, "Group 1") == "g-1"


def test_a_name_may_change_its_case(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())
    louder = a_group(groupName="GROUP 1", version=2)

    assert shelf.groups.replace(a_group(), louder, an_entry("2")) is None
    assert shelf.guard(GROUPS, "Group 1") == "g-1"


def test_what_is_deleted_gives_its_name_free(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())

    assert shelf.groups.delete(a_group(), an_entry("2")) is None

    assert shelf.groups.all() == []
    assert shelf.guard(GROUPS, "Group 1") is None
    assert shelf.groups.delete(a_group(), an_entry("3")) is Refusal.CHANGED


def test_a_changed_object_is_not_deleted(shelf: Shelf) -> None:
    shelf.groups.create(a_group(version=2), an_entry())

    refused = shelf.groups.delete(a_group(), an_entry("2"))

    assert refused is Refusal.CHANGED
    assert shelf.guard(GROUPS, "Group 1") == "g-1"


def test_a_plan_needs_its_groups_to_be_there(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())

    refused = shelf.plans.create(a_plan(), an_entry("2"), ["g-1", "g-2"])
    accepted = shelf.plans.create(a_plan(), an_entry("3"), ["g-1"])
    changed = shelf.plans.replace(
        a_plan(), a_plan(version=2), an_entry("4"), ["g-3"]
    )

    assert refused is Refusal.NEED_GONE
    assert accepted is None
    assert changed is Refusal.NEED_GONE


@pytest.mark.parametrize(("ahead", "is_locked"), [(0, True), (-1, False)])
def test_a_plan_that_a_start_holds_is_left_alone(
    shelf: Shelf, ahead: int, is_locked: bool
) -> None:
    shelf.plans.create(a_plan(), an_entry())
    key = lock_key("p-1")
    shelf.history.put(
        {
            "executionId": key[0],
            "planId": key[1],
            "status": "LOCK",
            "ownerExecutionId": "e-1",
            "lockExpiry": shelf.clock.now() + ahead,
        }
    )
    expected = Refusal.LOCKED if is_locked else None

    replaced = shelf.plans.replace(a_plan(), a_plan(version=2), an_entry("2"))
    stored = shelf.plans.find("p-1")

    assert replaced is expected
    assert shelf.plans.delete(stored, an_entry("3")) is expected


def test_numbers_come_back_as_they_were_stored(shelf: Shelf) -> None:
    shelf.groups.create(a_group(), an_entry())

    found = shelf.groups.find("g-1")

    assert found["launchConfig"]["share"] == 0.5
    assert plain(found) == found


def test_facts_are_noted_in_the_version_that_an_object_has(
    shelf: Shelf,
) -> None:
    group = a_group()
    shelf.groups.create(group, an_entry())

    noted = shelf.groups.note({**group, "seen": True})

    assert noted
    assert shelf.groups.find("g-1") == {**group, "seen": True}
    assert shelf.guard(GROUPS, "Group 1") == "g-1"


def test_facts_about_another_version_or_about_nothing_are_not_noted(
    shelf: Shelf,
) -> None:
    before, after = a_group(), a_group(version=2)
    shelf.groups.create(before, an_entry())
    shelf.groups.replace(before, after, an_entry("2"))

    assert not shelf.groups.note({**before, "seen": True})
    assert not shelf.groups.note(a_group(7))
    assert shelf.groups.all() == [after]
