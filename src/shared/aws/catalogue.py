"""Protection groups, recovery plans and accounts, written in DynamoDB.

Every change is one transaction with the guard of the object's name and the
entry of the audit trail, so none of the three is ever without the others.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from shared.aws.dynamo import Door, Write
from shared.aws.executions import ABSENT, history
from shared.domain.catalogue import Kind, Refusal, guard_item, guard_key
from shared.domain.items import Item, lock_key
from shared.domain.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_FREE_OR_MINE: Final = "attribute_not_exists(#executionId) OR #ownerId = :me"

type _Guarded = tuple[Refusal, Write]


class DynamoCatalogue:
    """The objects of one kind in their table."""

    def __init__(
        self,
        kind: Kind,
        table: "Table",
        histories: "Table",
        clock: Clock,
        *,
        needed: "DynamoCatalogue | None" = None,
    ) -> None:
        """Keep the way to the tables.

        Args:
            kind: What the objects are.
            table: Where they lie.
            histories: Where guards and the audit trail lie.
            clock: The time.
            needed: The objects that these ones name by id.
        """
        self._kind = kind
        self._door = Door(table, clock, kind.id_name)
        self._history = history(histories, clock)
        self._clock = clock
        self._needed = needed

    def all(self) -> list[Item]:
        """Return every object, all pages, by name."""
        name = self._kind.name_name
        return sorted(self._door.scan(), key=lambda item: str(item.get(name)))

    def find(self, object_id: str) -> Item:
        """Return an object, read consistently.

        Raises:
            NotFound: There is none.
        """
        item = self._door.get(object_id)
        if item is None:
            raise self._kind.missing(object_id)
        return item

    def create(
        self,
        item: Item,
        audit: Item,
        needs: Sequence[str] = (),
        *,
        also: Sequence[Item] = (),
    ) -> Refusal | None:
        """Store an object that does not exist, unless its name is taken."""
        absent = f"attribute_not_exists(#{self._kind.id_name})"
        put = self._door.put(item, absent)
        return self._written(
            [
                *self._name_taken(item),
                (Refusal.EXISTS, put),
                *self._needs(needs),
            ],
            audit,
            *also,
        )

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
        condition, values = self._unchanged(before)
        put = self._door.put(after, condition, **values)
        return self._written(
            [
                *self._name_taken(after),
                (Refusal.CHANGED, put),
                *self._unlocked(before),
                *self._name_freed(before, after),
                *self._needs(needs),
            ],
            audit,
            *also,
        )

    def note(self, item: Item) -> bool:
        """Store facts about an object in the version that it has."""
        condition, values = self._unchanged(item)
        put = self._door.put(item, condition, **values)
        return not self._door.write([put])

    def delete(self, before: Item, audit: Item) -> Refusal | None:
        """Delete an object in the version that was read, and its guard."""
        condition, values = self._unchanged(before)
        key = (before[self._kind.id_name],)
        deleted = self._door.delete(key, condition, **values)
        return self._written(
            [
                (Refusal.CHANGED, deleted),
                *self._unlocked(before),
                *self._name_freed(before, None),
            ],
            audit,
        )

    def exists(self, object_id: str) -> Write:
        """Return the check that an object is there."""
        condition = f"attribute_exists(#{self._kind.id_name})"
        return self._door.check((object_id,), condition)

    def _written(
        self, guarded: Sequence[_Guarded], *audits: Item
    ) -> Refusal | None:
        entries = [self._history.put(audit, ABSENT) for audit in audits]
        writes = [write for _, write in guarded]
        refused = self._door.write([*writes, *entries])
        return guarded[min(refused)][0] if refused else None

    def _name_taken(self, item: Item) -> list[_Guarded]:
        """Return the write that takes an object's name."""
        if not self._kind.guard_word:
            return []
        guard = self._history.put(
            guard_item(self._kind, item),
            _FREE_OR_MINE,
            me=item[self._kind.id_name],
        )
        return [(Refusal.NAME_TAKEN, guard)]

    def _name_freed(self, before: Item, after: Item | None) -> list[_Guarded]:
        """Return the write that gives a name free, if the object leaves it.

        An object of an older writer may have no guard.
        """
        if not self._kind.guard_word:
            return []
        name = self._kind.name_name
        key = guard_key(self._kind, before[name])
        if after is not None and guard_key(self._kind, after[name]) == key:
            return []
        freed = self._history.delete(
            key, _FREE_OR_MINE, me=before[self._kind.id_name]
        )
        return [(Refusal.CHANGED, freed)]

    def _unlocked(self, before: Item) -> list[_Guarded]:
        """Return the check that no start holds the object.

        A lock that has expired is no start's any more: either its execution
        is listed by now, or there is none.
        """
        if not self._kind.is_executed:
            return []
        check = self._history.check(
            lock_key(before[self._kind.id_name]),
            f"{ABSENT} OR #lockExpiry < :now",
            now=self._clock.now(),
        )
        return [(Refusal.LOCKED, check)]

    def _needs(self, ids: Sequence[str]) -> list[_Guarded]:
        if self._needed is None:
            return []
        return [(Refusal.NEED_GONE, self._needed.exists(i)) for i in ids]

    def _unchanged(self, before: Item) -> tuple[str, dict[str, Any]]:
        if "version" in before:
            return "#version = :version", {"version": before["version"]}
        exists = f"attribute_exists(#{self._kind.id_name})"
        return f"{exists} AND attribute_not_exists(#version)", {}
