"""Groups, plans and accounts in memory, guards and audit trail with them.

Guards and entries lie among the items of the execution history, as they do
in the table; the tests in ``tests/contracts`` run on both.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from shared.domain.catalogue import (
    ACCOUNTS,
    FURTHER_ENTRIES,
    GROUPS,
    PLANS,
    Kind,
    Refusal,
    guard_item,
    guard_key,
)
from shared.domain.items import Item, key_of, lock_key
from shared.domain.ports import Clock
from tests.support.fake_executions import FakeExecutions


class FakeCatalogue:
    """The objects of one kind."""

    def __init__(
        self,
        kind: Kind,
        history: FakeExecutions,
        clock: Clock,
        *,
        needed: "FakeCatalogue | None" = None,
    ) -> None:
        self.items: dict[str, Item] = {}
        self._kind = kind
        self._history = history.items
        self._clock = clock
        self._needed = needed
        self._meanwhile: list[Callable[[], object]] = []

    def has(self, item: Mapping[str, Any]) -> Item:
        """Store an object with its guard, as though it had been created."""
        stored = deepcopy(dict(item))
        self.items[stored[self._kind.id_name]] = stored
        self._take_name(stored)
        return deepcopy(stored)

    def meanwhile(self, happens: Callable[[], object]) -> None:
        """Let something happen just before the next write."""
        self._meanwhile.append(happens)

    def all(self) -> list[Item]:
        """Return every object, by name."""
        name = self._kind.name_name
        found = deepcopy(list(self.items.values()))
        return sorted(found, key=lambda item: str(item.get(name)))

    def find(self, object_id: str) -> Item:
        """Return an object."""
        if object_id not in self.items:
            raise self._kind.missing(object_id)
        return deepcopy(self.items[object_id])

    def create(
        self,
        item: Item,
        audit: Item,
        needs: Sequence[str] = (),
        *,
        also: Sequence[Item] = (),
    ) -> Refusal | None:
        """Store an object that does not exist, unless its name is taken."""
        self._let_happen()
        if self._is_taken(item):
            return Refusal.NAME_TAKEN
        if item[self._kind.id_name] in self.items:
            return Refusal.EXISTS
        if not self._has_all(needs):
            return Refusal.NEED_GONE
        self.has(item)
        self._tell(audit, *also)
        return None

    def replace(
        self,
        before: Item,
        after: Item,
        audit: Item,
        needs: Sequence[str] = (),
        *,
        also: Sequence[Item] = (),
    ) -> Refusal | None:
        """Store an object over the version that was read."""
        self._let_happen()
        if self._is_taken(after):
            return Refusal.NAME_TAKEN
        if not self._is_unchanged(before):
            return Refusal.CHANGED
        if self._is_locked(before):
            return Refusal.LOCKED
        if not self._has_all(needs):
            return Refusal.NEED_GONE
        self._free_name(before)
        self.has(after)
        self._tell(audit, *also)
        return None

    def note(self, item: Item) -> bool:
        """Store facts about an object in the version that it has."""
        self._let_happen()
        if not self._is_unchanged(item):
            return False
        self.items[item[self._kind.id_name]] = deepcopy(item)
        return True

    def delete(self, before: Item, audit: Item) -> Refusal | None:
        """Delete an object in the version that was read, and its guard."""
        self._let_happen()
        if not self._is_unchanged(before):
            return Refusal.CHANGED
        if self._is_locked(before):
            return Refusal.LOCKED
        self._free_name(before)
        del self.items[before[self._kind.id_name]]
        self._tell(audit)
        return None

    def _tell(self, *audits: Item) -> None:
        assert len(audits) <= 1 + FURTHER_ENTRIES
        for audit in audits:
            self._history[key_of(audit)] = deepcopy(audit)

    def _let_happen(self) -> None:
        happening, self._meanwhile = self._meanwhile, []
        for happens in happening:
            happens()

    def _guard(self, item: Item) -> Item | None:
        name = item[self._kind.name_name]
        return self._history.get(guard_key(self._kind, name))

    def _is_taken(self, item: Item) -> bool:
        if not self._kind.guard_word:
            return False
        guard = self._guard(item)
        own = item[self._kind.id_name]
        return guard is not None and guard["ownerId"] != own

    def _take_name(self, item: Item) -> None:
        if self._kind.guard_word:
            guard = guard_item(self._kind, item)
            self._history[key_of(guard)] = guard

    def _free_name(self, item: Item) -> None:
        if self._kind.guard_word:
            key = guard_key(self._kind, item[self._kind.name_name])
            self._history.pop(key, None)

    def _is_unchanged(self, before: Item) -> bool:
        stored = self.items.get(before[self._kind.id_name])
        return stored is not None and (
            stored.get("version") == before.get("version")
        )

    def _is_locked(self, item: Item) -> bool:
        if not self._kind.is_executed:
            return False
        lock = self._history.get(lock_key(item[self._kind.id_name]))
        return lock is not None and lock["lockExpiry"] >= self._clock.now()

    def _has_all(self, needs: Sequence[str]) -> bool:
        return self._needed is None or set(needs) <= set(self._needed.items)


def catalogues(
    history: FakeExecutions, clock: Clock
) -> tuple[FakeCatalogue, FakeCatalogue, FakeCatalogue]:
    """Return groups, plans and accounts over one history."""
    groups = FakeCatalogue(GROUPS, history, clock)
    return (
        groups,
        FakeCatalogue(PLANS, history, clock, needed=groups),
        FakeCatalogue(ACCOUNTS, history, clock),
    )
