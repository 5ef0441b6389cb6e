"""The plan lock and the reservations in memory, in the table's form."""

from collections.abc import Mapping, Sequence
from itertools import batched

from shared.domain import items
from shared.domain.errors import Conflict
from shared.domain.items import Item, ItemKey
from shared.domain.ports import ServerKey
from shared.domain.record import Key
from shared.domain.status import ACTIVE, Status
from tests.support.fake_executions import FakeExecutions

LEASE_SECONDS = 330
AT_ONCE = 98


class FakeLocks:
    """The locks, in the table of the executions they belong to."""

    def __init__(self, executions: FakeExecutions) -> None:
        self._executions = executions
        self._items = executions.items

    def acquire_plan(
        self, owner: Key, now: int, attempt: str = ""
    ) -> str | None:
        """Take the plan's lock; return who holds it where that failed."""
        holder = self._take(
            items.lock_key(owner.plan_id),
            owner,
            now,
            {"status": "LOCK", "acquiredAt": now}
            | ({"attempt": attempt} if attempt else {}),
        )
        return holder

    def release_plan(self, owner: Key) -> None:
        """Give the plan's lock back; nothing happens where it is not ours."""
        self._give_back(items.lock_key(owner.plan_id), owner)

    def give_up(
        self, owner: Key, servers: Sequence[ServerKey], attempt: str
    ) -> None:
        """Give back what an attempt to start took, the plan's lock last."""
        if self._executions.may_give_up(owner, attempt):
            self.release(owner, servers)
            self.release_plan(owner)

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
        """Take reservations; return those held by others with the holder."""
        if servers:
            self._check(owner, attempt, record_exists=record_exists)
        held = {}
        for server in servers:
            attributes = {"ownerPlanId": owner.plan_id, "waveNumber": wave}
            holder = self._take(
                items.server_lock_key(*server), owner, now, attributes
            )
            if holder is not None:
                held[server] = holder
        return held

    def reserve_all(
        self,
        owner: Key,
        servers: Mapping[ServerKey, int],
        now: int,
        *,
        record_exists: bool,
        attempt: str = "",
    ) -> dict[ServerKey, str]:
        """Take the reservations of a whole start, each with its wave."""
        for chunk in batched(
            sorted(servers, key=lambda s: items.server_lock_key(*s)), AT_ONCE
        ):
            self._check(owner, attempt, record_exists=record_exists)
            held = {
                server: holder
                for server in chunk
                for holder in [
                    self._holder(items.server_lock_key(*server), owner, now)
                ]
                if holder is not None
            }
            if held:
                return held
            for server in chunk:
                wave = {
                    "ownerPlanId": owner.plan_id,
                    "waveNumber": servers[server],
                }
                self._take(items.server_lock_key(*server), owner, now, wave)
        return {}

    def holders(self, servers: Sequence[ServerKey]) -> dict[ServerKey, str]:
        """Return the execution that holds each server, where one does."""
        keys = {server: items.server_lock_key(*server) for server in servers}
        return {
            server: self._items[key]["ownerExecutionId"]
            for server, key in keys.items()
            if key in self._items
        }

    def release(self, owner: Key, servers: Sequence[ServerKey]) -> None:
        """Give reservations back, those of others excepted."""
        for server in servers:
            self._give_back(items.server_lock_key(*server), owner)

    def _check(self, owner: Key, attempt: str, *, record_exists: bool) -> None:
        allowed = not attempt or self._executions.may_start(owner, attempt)
        if record_exists and not self._is_active(owner):
            allowed = False
        if not allowed:
            raise Conflict(
                f"Execution {owner.execution_id} is not active any more, or "
                "is started by another attempt; nothing more is reserved for "
                "it.",
                code="EXECUTION_NOT_ACTIVE",
                executionId=owner.execution_id,
            )

    def _holder(self, key: ItemKey, owner: Key, now: int) -> str | None:
        """Return who else holds a lock, where it cannot be taken."""
        stored = self._items.get(key)
        if stored is None:
            return None
        holder: str = stored.get("ownerExecutionId", "")
        if holder == owner.execution_id:
            return None
        free = stored["lockExpiry"] < now and self._is_over(stored)
        return None if free else holder

    def _take(
        self, key: ItemKey, owner: Key, now: int, attributes: Item
    ) -> str | None:
        held = self._holder(key, owner, now)
        if held is not None:
            return held
        stored = self._items.get(key)
        if stored is not None:
            holder: str = stored.get("ownerExecutionId", "")
            if holder != owner.execution_id and not self._is_known(stored):
                self._executions.delete_partition(holder)
        self._items[key] = {
            "executionId": key[0],
            "planId": key[1],
            "ownerExecutionId": owner.execution_id,
            "lockExpiry": now + LEASE_SECONDS,
            **attributes,
        }
        return None

    def _give_back(self, key: ItemKey, owner: Key) -> None:
        stored = self._items.get(key, {})
        if stored.get("ownerExecutionId") == owner.execution_id:
            del self._items[key]

    def _is_active(self, owner: Key) -> bool:
        return self._items.get(owner, {}).get("status") in ACTIVE

    def _is_known(self, lock: Item) -> bool:
        return _owner_of(lock) in self._items

    def _is_over(self, lock: Item) -> bool:
        record = self._items.get(_owner_of(lock))
        return record is None or (
            Status(record["status"]).is_terminal
            and bool(record.get("finalizedAt"))
        )


def _owner_of(lock: Item) -> ItemKey:
    plan_id = lock.get("ownerPlanId") or lock["planId"]
    return lock.get("ownerExecutionId", ""), plan_id
