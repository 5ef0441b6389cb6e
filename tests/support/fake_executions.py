"""The execution history in memory, in the very form of the table.

Items are those that the DynamoDB store writes, so the conversions are
exercised; the tests in ``tests/contracts`` run on both.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Any

import msgspec

from shared.domain import items, snapshots
from shared.domain.errors import NotFound
from shared.domain.items import Item, ItemKey
from shared.domain.plan import Plan
from shared.domain.ports import Clock
from shared.domain.record import (
    EXPIRY,
    Change,
    Intent,
    IntentChange,
    Key,
    Record,
    Reserved,
    WaveEntry,
)
from shared.domain.status import ACTIVE, Status
from shared.domain.updates import (
    DetailUpdate,
    Update,
    check_deletable,
    created,
    finalized,
    reserved_details,
    update_of,
)
from tests.support.fakes import FakeClock


class FakeExecutions:
    """The execution history; ``items`` is what the table would hold.

    Values in ``items`` are replaced by writes, never changed in place, and
    readers get values of their own, made by the conversions.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.items: dict[ItemKey, Item] = {}
        self.commits = 0
        self._clock = clock or FakeClock()
        self._meanwhile: list[Callable[[], object]] = []

    def has(self, record: Record) -> Record:
        """Store a record as it is, with its live marker; return it read."""
        noted = {r.wave_number: r for r in record.reserved}
        if record.large:
            self._set(reserved_details(record.key, noted, self._now(), {}))
            record = msgspec.structs.replace(record, reserved=())
        self.items[record.key] = items.record_to_item(record)
        if not record.finalized_at:
            self._put_live(record.key)
        return self.record(record.key)

    def has_intent(self, key: Key, intent: Intent) -> None:
        """Store an intent as it is."""
        item = items.intent_to_item(key, intent)
        self.items[items.key_of(item)] = item

    def forget(self, key: Key) -> None:
        """Delete a record, as though it had never been created."""
        self.items.pop(key, None)
        self.items.pop(items.live_key(key.execution_id), None)

    def meanwhile(self, happens: Callable[[], object]) -> None:
        """Let something happen just before the next write of a record."""
        self._meanwhile.append(happens)

    def record(self, key: Key) -> Record:
        """Return the record, read consistently."""
        item = self.items.get((key.execution_id, key.plan_id))
        if item is None:
            raise _not_found(key.execution_id)
        return items.record_from_item(item)

    def find(self, execution_id: str) -> Record:
        """Return the record of an execution whose plan is not known."""
        for item in self._partition(execution_id):
            if items.is_record(item):
                return items.record_from_item(item)
        raise _not_found(execution_id)

    def entry(self, record: Record, number: int) -> WaveEntry | None:
        """Return a wave's entry with its servers, wherever they live."""
        entry = record.entry(number)
        if entry is None or not items.is_lean(entry):
            return entry
        keys = [
            items.detail_key(record.key, number, part)
            for part in range(items.parts_for(entry.server_count))
        ]
        return items.joined(
            entry, [self.items[k] for k in keys if k in self.items]
        )

    def reserved(self, record: Record) -> tuple[Reserved, ...]:
        """Return the servers noted for each wave, wherever they live."""
        details = self._waves(record.key) if record.large else []
        return items.reserved_of(record, details)

    def plan(self, key: Key) -> Plan:
        """Return the plan as approved at the start."""
        prefix = snapshots.plan_prefix(key)
        rows = self._partition(key.execution_id)
        return snapshots.plan_from_items(
            key, [row for row in rows if row["planId"].startswith(prefix)]
        )

    def intents(self, key: Key, wave: int | None = None) -> list[Intent]:
        """Return the intents of a wave or of all, in order."""
        found = items.intents_from_items(self._waves(key))
        return [i for i in found if wave in (None, i.wave_number)]

    def live(self) -> list[Key]:
        """Return every execution that is active or not yet finalized."""
        return sorted(
            items.live_owner(item)
            for item in self.items.values()
            if item["planId"] == items.LIVE_SORT_KEY
        )

    def active(self) -> list[Record]:
        """Return the records with an active status."""
        return self.with_status(ACTIVE)

    def with_status(self, statuses: Iterable[Status]) -> list[Record]:
        """Return the records with one of the statuses."""
        wanted = frozenset(statuses)
        found = [
            items.record_from_item(item)
            for item in self.items.values()
            if item.get("status") in wanted
        ]
        return sorted(found, key=lambda r: (r.start_time, r.execution_id))

    def runs(self) -> list[Record]:
        """Return every execution there is, its ids, status and times only."""
        times = ("executionId", "planId", "status", "startTime", "endTime")
        return [
            items.record_from_item(
                {name: item[name] for name in times if name in item}
            )
            for item in self.items.values()
            if items.is_record(item)
        ]

    def save_plan(self, key: Key, plan: Plan, attempt: str = "") -> None:
        """Store the snapshot, in as many items as it needs."""
        parts = snapshots.plan_to_items(key, plan)
        if self.may_start(key, attempt):
            self.items |= {items.key_of(p): deepcopy(p) for p in parts}

    def delete_plan(self, key: Key, attempt: str = "") -> None:
        """Delete the snapshot of a start that was given up."""
        if self.may_give_up(key, attempt):
            self.delete_partition(key.execution_id)

    def may_start(self, key: Key, attempt: str) -> bool:
        """Tell whether an attempt to start still counts."""
        return key not in self.items and (
            not attempt or self._holds_plan(key, attempt)
        )

    def may_give_up(self, key: Key, attempt: str) -> bool:
        """Tell whether no later attempt has taken over."""
        lock = self.items.get(items.lock_key(key.plan_id), {})
        return key not in self.items and (
            lock.get("ownerExecutionId") != key.execution_id
            or lock.get("attempt", "") == attempt
        )

    def create(
        self,
        record: Record,
        attempt: str = "",
        retried: Record | None = None,
    ) -> bool:
        """Write a record and its live marker."""
        self._happen()
        now = self._now()
        record, noted = created(record, now)
        item = items.checked_size(items.record_to_item(record))
        details = reserved_details(record.key, noted, now, {})
        if (
            record.key in self.items
            or not self._holds_plan(record.key, attempt)
            or (retried is not None and not self._is_as_read(retried))
        ):
            return False
        self._set(details)
        self.items[record.key] = item
        self._put_live(record.key)
        if retried is not None:
            change = Change(set={"retried_by": record.execution_id})
            self._apply(retried.key, update_of(retried, change, now, {}))
        return True

    def _holds_plan(self, key: Key, attempt: str) -> bool:
        lock = self.items.get(items.lock_key(key.plan_id), {})
        return lock.get("ownerExecutionId") == key.execution_id and (
            not attempt or lock.get("attempt") == attempt
        )

    def commit(
        self,
        before: Record,
        change: Change,
        intents: Sequence[IntentChange] = (),
    ) -> Record | None:
        """Apply a change to the record as it was read."""
        self._happen()
        update = update_of(
            before, change, self._now(), self._noted(before, change)
        )
        if not self._is_as_read(before) or not all(
            self._allows(before.key, intent) for intent in intents
        ):
            return None
        self._apply(before.key, update)
        for intent in intents:
            self.has_intent(before.key, intent.after)
        self.commits += 1
        return self.record(before.key)

    def commit_intent(self, key: Key, change: IntentChange) -> bool:
        """Write an intent alone, whatever the record says by now."""
        if not self._allows(key, change):
            return False
        self.has_intent(key, change.after)
        return True

    def finalize(
        self, before: Record, now: int, *, expires_at: int = 0
    ) -> Record | None:
        """Set ``finalizedAt`` and delete the live marker, together."""
        change = finalized(before, now, expires_at)
        for item in self._partition(before.execution_id) if expires_at else ():
            if not items.is_record(item):
                self.items[items.key_of(item)] = {**item, EXPIRY: expires_at}
        after = self.commit(before, change)
        if after is not None:
            self.items.pop(items.live_key(before.execution_id), None)
        return after

    def delete(self, before: Record) -> bool:
        """Delete an execution that is over, with all its items."""
        check_deletable(before)
        self._happen()
        if not self._is_as_read(before):
            return False
        for item in self._partition(before.execution_id):
            del self.items[items.key_of(item)]
        self.items.pop(items.live_key(before.execution_id), None)
        return True

    def delete_partition(self, execution_id: str) -> None:
        """Delete what an execution without a record left."""
        for item in self._partition(execution_id):
            if not items.is_record(item):
                del self.items[items.key_of(item)]

    def _now(self) -> int:
        return self._clock.now()

    def _happen(self) -> None:
        if self._meanwhile:
            self._meanwhile.pop(0)()

    def _partition(self, execution_id: str) -> list[Item]:
        keys = [key for key in self.items if key[0] == execution_id]
        return [self.items[key] for key in sorted(keys)]

    def _waves(self, key: Key) -> list[Item]:
        prefix = items.waves_prefix(key)
        rows = self._partition(key.execution_id)
        return [row for row in rows if row["planId"].startswith(prefix)]

    def _noted(self, before: Record, change: Change) -> dict[int, Reserved]:
        if "reserved" not in change.set:
            return {}
        return items.noted_in(self._waves(before.key))

    def _is_as_read(self, before: Record) -> bool:
        item = self.items.get(before.key)
        return item is not None and item.get("revision", 0) == before.revision

    def _allows(self, key: Key, change: IntentChange) -> bool:
        after = change.after
        at = items.intent_key(key, after.wave_number, after.job_index)
        stored = self.items.get(at)
        if change.before is None or stored is None:
            return change.before is None and stored is None
        return (stored["intentState"], stored["attempt"]) == (
            change.before.intent_state,
            change.before.attempt,
        )

    def _put_live(self, key: Key) -> None:
        execution_id, sort_key = items.live_key(key.execution_id)
        self.items[(execution_id, sort_key)] = {
            "executionId": execution_id,
            "planId": sort_key,
            "ownerExecutionId": key.execution_id,
            "ownerPlanId": key.plan_id,
        }

    def _set(self, details: Sequence[DetailUpdate]) -> None:
        for detail in details:
            execution_id, sort_key = detail.key
            keys = {"executionId": execution_id, "planId": sort_key}
            item = self.items.setdefault(detail.key, keys)
            item |= detail.set

    def _apply(self, key: Key, update: Update) -> None:
        item = self.items[key]
        waves: list[Any] = list(item.get("waves", []))
        if update.drop_at is not None:
            del waves[update.drop_at]
        if update.entry_at is not None:
            waves[update.entry_at : update.entry_at + 1] = [update.entry]
        item |= deepcopy(update.set)
        if waves or "waves" in item:
            item["waves"] = waves
        for name in update.remove:
            item.pop(name, None)
        self._set(update.details)


def _not_found(execution_id: str) -> NotFound:
    return NotFound(
        f"There is no execution {execution_id}.",
        code="EXECUTION_NOT_FOUND",
        executionId=execution_id,
    )
