"""Protection groups, recovery plans and accounts as objects of a table.

Decides the guard that keeps a name to one object, and how a write may be
refused. What a group or a plan may contain is decided by whoever changes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from shared.domain.errors import NotFound
from shared.domain.items import Item, ItemKey

GUARD_SORT_KEY: Final = "name-lock"
# Entries of the trail that fit into the transaction of one change.
FURTHER_ENTRIES: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object, by the names of its attributes.

    Without a ``guard_word`` names may repeat. What ``is_executed`` is not
    changed while the lock of a start holds it.
    """

    id_name: str
    name_name: str
    resource_type: str
    missing_code: str
    said: str
    guard_word: str = ""
    is_executed: bool = False

    def missing(self, object_id: str) -> NotFound:
        """Return the error of an object that is not there."""
        return NotFound(
            f"There is no {self.said} {object_id}.",
            code=self.missing_code,
            **{self.id_name: object_id},
        )


GROUPS: Final = Kind(
    id_name="groupId",
    name_name="groupName",
    guard_word="pg",
    resource_type="protection_group",
    missing_code="PROTECTION_GROUP_NOT_FOUND",
    said="protection group",
)
PLANS: Final = Kind(
    id_name="planId",
    name_name="planName",
    guard_word="plan",
    is_executed=True,
    resource_type="recovery_plan",
    missing_code="RECOVERY_PLAN_NOT_FOUND",
    said="recovery plan",
)
ACCOUNTS: Final = Kind(
    id_name="accountId",
    name_name="accountName",
    resource_type="account",
    missing_code="NOT_FOUND",
    said="target account",
)

# A server as its group configures it; it has no table of its own.
SERVERS: Final = Kind(
    id_name="serverId",
    name_name="instanceName",
    resource_type="server",
    missing_code="NOT_FOUND",
    said="server",
)


class Refusal(StrEnum):
    """Why a write of an object was refused."""

    NAME_TAKEN = "NAME_TAKEN"
    EXISTS = "EXISTS"
    CHANGED = "CHANGED"
    NEED_GONE = "NEED_GONE"
    LOCKED = "LOCKED"


def folded(name: str) -> str:
    """Return what two names have in common when they are the same."""
    return name.strip().lower()


def guard_key(kind: Kind, name: str) -> ItemKey:
    """Return the key of the item that keeps a name to one object."""
    return f"name-lock-{kind.guard_word}-{folded(name)}", GUARD_SORT_KEY


def guard_item(kind: Kind, item: Mapping[str, Any]) -> Item:
    """Return the guard of an object's name."""
    execution_id, sort_key = guard_key(kind, item[kind.name_name])
    return {
        "executionId": execution_id,
        "planId": sort_key,
        "ownerId": item[kind.id_name],
    }


def named(
    kind: Kind, objects: Iterable[Mapping[str, Any]], name: str
) -> Mapping[str, Any] | None:
    """Return the object that bears a name, however it is spelled."""
    wanted = folded(name)
    return next(
        (o for o in objects if folded(str(o[kind.name_name])) == wanted), None
    )


class Catalogue(Protocol):
    """The objects of one kind: groups, plans or accounts.

    A change is written together with the guard of the object's name and
    with its entry in the audit trail, or not at all.
    """

    def all(self) -> list[Item]:
        """Return every object, by name."""

    def find(self, object_id: str) -> Item:
        """Return an object, read consistently.

        Raises:
            NotFound: There is none.
        """

    def create(
        self,
        item: Item,
        audit: Item,
        needs: Sequence[str] = (),
        *,
        also: Sequence[Item] = (),
    ) -> Refusal | None:
        """Store an object that does not exist, unless its name is taken.

        ``needs`` are the ids of objects of another kind that it names and
        that must still be there; ``also`` are further entries of the trail,
        at most ``FURTHER_ENTRIES``.
        """

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

    def note(self, item: Item) -> bool:
        """Store facts about an object in the version that it has.

        For what is learnt about an object and changes nothing of it: there
        is no entry in the audit trail. False where the object has another
        version by now, or is gone.
        """

    def delete(self, before: Item, audit: Item) -> Refusal | None:
        """Delete an object in the version that was read, and its guard."""
