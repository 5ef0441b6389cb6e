"""The plan lock and the server reservations in DynamoDB.

Decides who may take which lock, as the contract's "Acquire" says: a free
one, one's own, or an expired one whose owner is gone or done with.
"""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Final

import msgspec

from shared.aws.deletions import delete_partition
from shared.aws.dynamo import ACTIONS_IN_A_TRANSACTION, Write
from shared.aws.executions import (
    ABSENT,
    held_by,
    history,
    holds_plan,
    not_overtaken,
)
from shared.domain import items
from shared.domain.errors import Conflict, DatabaseError
from shared.domain.items import Item, ItemKey
from shared.domain.ports import Clock, ServerKey
from shared.domain.record import Key
from shared.domain.status import ACTIVE, TERMINAL

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

LEASE_SECONDS: Final = 330
_ROUNDS: Final = 10
_OVER: Final = [str(status) for status in TERMINAL]
_WITH_TWO_CHECKS: Final = ACTIONS_IN_A_TRANSACTION - 2
_FREE_OR_MINE: Final = (
    "attribute_not_exists(#executionId) OR #ownerExecutionId = :me"
)


class DynamoLocks:
    """The locks, in the table of the executions they belong to."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._door = history(table, clock)

    def acquire_plan(
        self, owner: Key, now: int, attempt: str = ""
    ) -> str | None:
        """Take the plan's lock; return who holds it where that failed."""
        key = items.lock_key(owner.plan_id)
        noted: Item = {"status": "LOCK", "acquiredAt": now}
        if attempt:
            noted["attempt"] = attempt
        lock = _lock(key, owner, now, noted)
        return self._take(owner, [lock], now, []).get(key)

    def release_plan(self, owner: Key) -> None:
        """Give the plan's lock back; nothing happens where it is not ours."""
        self._give_back(owner, [items.lock_key(owner.plan_id)])

    def give_up(
        self, owner: Key, servers: Sequence[ServerKey], attempt: str
    ) -> None:
        """Give back what an attempt to start took, the plan's lock last."""
        absent = self._door.check(owner, ABSENT)
        latest = not_overtaken(self._door, owner, attempt)
        for chunk in batched(sorted(_keys(servers)), _WITH_TWO_CHECKS):
            if not self._give_back(owner, chunk, (absent, latest)):
                return
        key = items.lock_key(owner.plan_id)
        condition, values = held_by(owner, attempt)
        lock = self._door.delete(key, condition, **values)
        self._door.write([lock, absent])

    def reserve(
        self,
        owner: Key,
        servers: Sequence[ServerKey],
        wave: int,
        now: int,
        *,
        record_exists: bool,
        attempt: str = "",
    ) -> dict[ServerKey, str]:
        """Take reservations; return those held by others with the holder.

        Raises:
            Conflict: The owner's record is not active any more, or another
                attempt holds the plan's lock.
        """
        keys = _keys(servers)
        checks = self._checks(owner, attempt, record_exists=record_exists)
        held: dict[ItemKey, str] = {}
        for chunk in batched(sorted(keys), _WITH_TWO_CHECKS):
            locks = [_reservation(key, owner, wave, now) for key in chunk]
            held |= self._take(owner, locks, now, checks)
        return {keys[key]: holder for key, holder in held.items()}

    def reserve_all(
        self,
        owner: Key,
        servers: Mapping[ServerKey, int],
        now: int,
        *,
        record_exists: bool,
        attempt: str = "",
    ) -> dict[ServerKey, str]:
        """Take the reservations of a whole start, each with its wave.

        Raises:
            Conflict: The owner's record is not active any more, or another
                attempt holds the plan's lock.
        """
        keys = _keys(list(servers))
        checks = self._checks(owner, attempt, record_exists=record_exists)
        for chunk in batched(sorted(keys), _WITH_TWO_CHECKS):
            locks = [
                _reservation(key, owner, servers[keys[key]], now)
                for key in chunk
            ]
            held = self._take(owner, locks, now, checks, all_or_none=True)
            if held:
                return {keys[key]: holder for key, holder in held.items()}
        return {}

    def holders(self, servers: Sequence[ServerKey]) -> dict[ServerKey, str]:
        """Return the execution that holds each server, where one does."""
        keys = _keys(servers)
        locks = self._door.get_all(sorted(keys))
        return {keys[key]: _owner_of(locks[key])[0] for key in locks}

    def release(self, owner: Key, servers: Sequence[ServerKey]) -> None:
        """Give reservations back, those of others excepted."""
        keys = sorted(_keys(servers))
        for chunk in batched(keys, ACTIONS_IN_A_TRANSACTION):
            self._give_back(owner, chunk)

    def _checks(
        self, owner: Key, attempt: str, *, record_exists: bool
    ) -> list[Write]:
        """Return what each transaction of reservations has to check."""
        checks = [self._is_active(owner)] if record_exists else []
        if attempt:
            checks.append(holds_plan(self._door, owner, attempt))
        return checks

    def _take(
        self,
        owner: Key,
        locks: Sequence[Item],
        now: int,
        checks: Sequence[Write],
        *,
        all_or_none: bool = False,
    ) -> dict[ItemKey, str]:
        """Take what can be had; return the rest with its holders.

        With ``all_or_none`` nothing is taken where one is held.
        """
        wanted = {items.key_of(lock): lock for lock in locks}
        held: dict[ItemKey, str] = {}
        stale: dict[ItemKey, ItemKey] = {}
        for _ in range(_ROUNDS):
            keys = [key for key in wanted if key not in held]
            writes = [self._put(wanted[k], owner, stale.get(k)) for k in keys]
            refused = self._door.write([*writes, *checks]) if keys else ()
            if not refused:
                self._clean_up({stale[key] for key in keys if key in stale})
                return held
            if max(refused) >= len(keys):
                raise _not_active(owner)
            held_now, stale = self._judge(keys, owner, now)
            if held_now and all_or_none:
                return held_now
            held |= held_now
        raise DatabaseError(
            f"Locks for execution {owner.execution_id} changed hands "
            f"{_ROUNDS} times while they were being taken; try again."
        )

    def _judge(
        self, keys: Sequence[ItemKey], owner: Key, now: int
    ) -> tuple[dict[ItemKey, str], dict[ItemKey, ItemKey]]:
        """Return which locks are held, and which stale ones by whom."""
        found = self._door.get_all(keys)
        others = {
            key: lock
            for key, lock in found.items()
            if _owner_of(lock)[0] != owner.execution_id
        }
        expired = {
            key: _owner_of(lock)
            for key, lock in others.items()
            if _expiry(lock) < now
        }
        over = {o for o in set(expired.values()) if self._is_over(o)}
        stale = {key: o for key, o in expired.items() if o in over}
        held = {
            key: _owner_of(lock)[0]
            for key, lock in others.items()
            if key not in stale
        }
        return held, stale

    def _is_over(self, owner: ItemKey) -> bool:
        """Tell whether an owner is missing or finalized."""
        record = self._door.get(*owner) if owner[0] else None
        return record is None or _is_done(record)

    def _clean_up(self, owners: set[ItemKey]) -> None:
        """Delete what owners without a record left."""
        for owner in owners:
            if owner[0] and self._door.get(*owner) is None:
                delete_partition(self._door, owner[0])

    def _put(self, lock: Item, owner: Key, seen: ItemKey | None) -> Write:
        if seen is None:
            return self._door.put(lock, _FREE_OR_MINE, me=owner.execution_id)
        if not seen[0]:
            return self._door.put(
                lock, "attribute_not_exists(#ownerExecutionId)"
            )
        return self._door.put(
            lock,
            f"{_FREE_OR_MINE} OR #ownerExecutionId = :seen",
            me=owner.execution_id,
            seen=seen[0],
        )

    def _is_active(self, owner: Key) -> Write:
        values = {f"s{n}": str(s) for n, s in enumerate(sorted(ACTIVE))}
        spelled = ", ".join(f":{name}" for name in values)
        return self._door.check(owner, f"#status IN ({spelled})", **values)

    def _give_back(
        self,
        owner: Key,
        keys: Sequence[ItemKey],
        checks: Sequence[Write] = (),
    ) -> bool:
        """Delete the locks that are ours; tell whether the checks held."""
        left = list(keys)
        while left:
            deletes = [
                self._door.delete(key, _FREE_OR_MINE, me=owner.execution_id)
                for key in left
            ]
            refused = self._door.write([*deletes, *checks])
            if not refused:
                return True
            if max(refused) >= len(left):
                return False
            left = [key for at, key in enumerate(left) if at not in refused]
        return True


class _Lock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What of a lock is decided on."""

    lock_expiry: int


def _expiry(lock: Item) -> int:
    return items.read_as(lock, _Lock).lock_expiry


def _is_done(record: Item) -> bool:
    """Tell whether a run holds nothing; one that is unreadable may."""
    return record.get("status") in _OVER and bool(record.get("finalizedAt"))


def _keys(servers: Sequence[ServerKey]) -> Mapping[ItemKey, ServerKey]:
    return {items.server_lock_key(*server): server for server in servers}


def _lock(key: ItemKey, owner: Key, now: int, attributes: Item) -> Item:
    return {
        "executionId": key[0],
        "planId": key[1],
        "ownerExecutionId": owner.execution_id,
        "lockExpiry": now + LEASE_SECONDS,
        **attributes,
    }


def _reservation(key: ItemKey, owner: Key, wave: int, now: int) -> Item:
    noted = {"ownerPlanId": owner.plan_id, "waveNumber": wave}
    return _lock(key, owner, now, noted)


def _owner_of(lock: Item) -> ItemKey:
    """Return the key of the record that a lock belongs to."""
    plan_id = lock.get("ownerPlanId") or lock["planId"]
    return lock.get("ownerExecutionId") or "", plan_id


def _not_active(owner: Key) -> Conflict:
    return Conflict(
        f"Execution {owner.execution_id} is not active any more, or is "
        "started by another attempt; nothing more is reserved for it.",
        code="EXECUTION_NOT_ACTIVE",
        executionId=owner.execution_id,
    )
