"""The execution history in DynamoDB.

Carries out what ``shared.domain.updates`` says, each commit in one
transaction guarded by the record's revision. Decides no status and no
item's form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from shared.aws.deletions import (
    as_read,
    delete_execution,
    delete_partition,
    expire_with_record,
)
from shared.aws.dynamo import (
    ACTIONS_IN_A_TRANSACTION,
    PLAN_INDEX,
    STATUS_INDEX,
    Door,
    Write,
)
from shared.domain import items, snapshots
from shared.domain.errors import NotFound
from shared.domain.items import Item
from shared.domain.plan import Plan
from shared.domain.ports import Clock
from shared.domain.record import (
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
    created,
    finalized,
    reserved_details,
    update_of,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

# A transaction carries at most 4 MB.
_SNAPSHOT_PARTS_AT_ONCE: Final = 10
_NOTED: Final = (
    "executionId",
    "planId",
    "waveNumber",
    "part",
    "reservedIds",
    "reservedRegion",
)
_TIMES: Final = ("executionId", "planId", "status", "startTime", "endTime")
ABSENT: Final = "attribute_not_exists(#executionId)"
_MINE: Final = "#ownerExecutionId = :me"


def history(table: "Table", clock: Clock) -> Door:
    """Return the door to the execution-history table."""
    return Door(table, clock, "executionId", "planId")


def holds_plan(door: Door, owner: Key, attempt: str) -> Write:
    """Return the check that an attempt to start holds the plan's lock."""
    condition, values = held_by(owner, attempt)
    return door.check(items.lock_key(owner.plan_id), condition, **values)


def not_overtaken(door: Door, owner: Key, attempt: str) -> Write:
    """Return the check that no later attempt to start holds the lock."""
    condition = f"{ABSENT} OR #ownerExecutionId <> :me"
    values = {"me": owner.execution_id}
    if attempt:
        condition += " OR #attempt = :attempt"
        values["attempt"] = attempt
    else:
        condition += " OR attribute_not_exists(#attempt)"
    return door.check(items.lock_key(owner.plan_id), condition, **values)


def held_by(owner: Key, attempt: str) -> tuple[str, dict[str, str]]:
    """Return the condition that a lock is an attempt's, with its values."""
    if not attempt:
        return _MINE, {"me": owner.execution_id}
    values = {"me": owner.execution_id, "attempt": attempt}
    return f"{_MINE} AND #attempt = :attempt", values


class DynamoExecutions:
    """The execution history in its table."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._door = history(table, clock)
        self._clock = clock

    def record(self, key: Key) -> Record:
        """Return the record, read consistently."""
        item = self._door.get(*key)
        if item is None:
            raise _not_found(key.execution_id)
        return items.record_from_item(item)

    def find(self, execution_id: str) -> Record:
        """Return the record of an execution whose plan is not known."""
        # Its sort key begins all others of the partition, so it is first.
        first = self._door.query("executionId", execution_id, limit=1)
        for item in first:
            if items.is_record(item):
                return items.record_from_item(item)
        raise _not_found(execution_id)

    def entry(self, record: Record, number: int) -> WaveEntry | None:
        """Return a wave's entry with its servers, wherever they live."""
        entry = record.entry(number)
        if entry is None or not items.is_lean(entry):
            return entry
        parts = (
            self._door.get(*items.detail_key(record.key, number, part))
            for part in range(items.parts_for(entry.server_count))
        )
        return items.joined(entry, [p for p in parts if p is not None])

    def reserved(self, record: Record) -> tuple[Reserved, ...]:
        """Return the servers noted for each wave, wherever they live."""
        if not record.large:
            return items.reserved_of(record, ())
        return items.reserved_of(record, self._notes(record.key))

    def plan(self, key: Key) -> Plan:
        """Return the plan as approved at the start."""
        return snapshots.plan_from_items(
            key, self._partition(key, snapshots.plan_prefix(key))
        )

    def intents(self, key: Key, wave: int | None = None) -> list[Intent]:
        """Return the intents of a wave or of all, in order."""
        prefix = (
            items.waves_prefix(key)
            if wave is None
            else items.intents_prefix(key, wave)
        )
        return items.intents_from_items(self._partition(key, prefix))

    def live(self) -> list[Key]:
        """Return every execution that is active or not yet finalized."""
        markers = self._door.query(
            "planId", items.LIVE_SORT_KEY, index=PLAN_INDEX
        )
        return sorted(items.live_owner(item) for item in markers)

    def active(self) -> list[Record]:
        """Return the records with an active status, all pages.

        The statuses are asked for one after the other, so a record may go
        from one that is still to be asked for to one that was. Its marker
        stays where it is, and leads to it.
        """
        found = {record.key: record for record in self.with_status(ACTIVE)}
        for key in self.live():
            if key not in found and (item := self._door.get(*key)):
                record = items.record_from_item(item)
                if record.status in ACTIVE:
                    found[key] = record
        return _in_order(found.values())

    def with_status(self, statuses: Iterable[Status]) -> list[Record]:
        """Return the records with one of the statuses, all pages."""
        return _in_order(
            items.record_from_item(item)
            for status in statuses
            for item in self._door.query("status", status, index=STATUS_INDEX)
        )

    def runs(self) -> list[Record]:
        """Return every execution there is, its ids, status and times only."""
        return [
            items.record_from_item(item)
            for status in Status
            for item in self._door.query(
                "status", status, index=STATUS_INDEX, attributes=_TIMES
            )
        ]

    def save_plan(self, key: Key, plan: Plan, attempt: str = "") -> None:
        """Store the snapshot, in as many items as it needs."""
        parts = snapshots.plan_to_items(key, plan)
        checks = [self._door.check(key, ABSENT)]
        if attempt:
            checks.append(holds_plan(self._door, key, attempt))
        for chunk in batched(parts, _SNAPSHOT_PARTS_AT_ONCE):
            puts = [self._door.put(part) for part in chunk]
            self._door.write([*puts, *checks])

    def delete_plan(self, key: Key, attempt: str = "") -> None:
        """Delete the snapshot of a start that was given up."""
        if self._door.get(*key) is None:
            checks = [
                self._door.check(key, ABSENT),
                not_overtaken(self._door, key, attempt),
            ]
            delete_partition(self._door, key.execution_id, checks)

    def create(
        self,
        record: Record,
        attempt: str = "",
        retried: Record | None = None,
    ) -> bool:
        """Write a record and its live marker."""
        now = self._clock.now()
        record, noted = created(record, now)
        item = items.checked_size(items.record_to_item(record))
        details = reserved_details(record.key, noted, now, {})
        lock = holds_plan(self._door, record.key, attempt)
        for chunk in batched(details, ACTIONS_IN_A_TRANSACTION - 2):
            writes = [self._detail(detail) for detail in chunk]
            absent = self._door.check(record.key, ABSENT)
            if self._door.write([*writes, absent, lock]):
                return False
        marker = self._door.put(_live_item(record.key), ABSENT)
        writes = [self._door.put(item, ABSENT), marker, lock]
        if retried is not None:
            change = Change(set={"retried_by": record.execution_id})
            writes.append(
                self._record(retried, update_of(retried, change, now, {}))
            )
        return not self._door.write(writes)

    def commit(
        self,
        before: Record,
        change: Change,
        intents: Sequence[IntentChange] = (),
    ) -> Record | None:
        """Apply a change to the record as it was read."""
        return self._commit(
            before,
            change,
            [self._intent(before.key, intent) for intent in intents],
        )

    def commit_intent(self, key: Key, change: IntentChange) -> bool:
        """Write an intent alone, whatever the record says by now."""
        return not self._door.write([self._intent(key, change)])

    def finalize(
        self, before: Record, now: int, *, expires_at: int = 0
    ) -> Record | None:
        """Set ``finalizedAt`` and delete the live marker, together.

        What expires with the record is told so first, so that none of it
        outlives a crash in between.
        """
        change = finalized(before, now, expires_at)
        if expires_at:
            expire_with_record(self._door, before, expires_at)
        marker = self._door.delete(
            items.live_key(before.execution_id),
            f"{ABSENT} OR {_MINE}",
            me=before.execution_id,
        )
        return self._commit(before, change, [marker])

    def delete(self, before: Record) -> bool:
        """Delete an execution that is over, with all its items."""
        return delete_execution(self._door, before)

    def _commit(
        self, before: Record, change: Change, others: Sequence[Write]
    ) -> Record | None:
        noted = (
            items.noted_in(self._notes(before.key))
            if "reserved" in change.set
            and (before.large or change.set.get("large"))
            else {}
        )
        update = update_of(before, change, self._clock.now(), noted)
        refused = self._door.write(
            [
                self._record(before, update),
                *(self._detail(detail) for detail in update.details),
                *others,
            ]
        )
        if refused:
            return None
        return items.record_from_item(items.record_to_item(update.after))

    def _partition(self, key: Key, prefix: str) -> Iterator[Item]:
        return self._door.query("executionId", key.execution_id, prefix=prefix)

    def _notes(self, key: Key) -> list[Item]:
        """Return what the detail items note as reserved."""
        return list(
            self._door.query(
                "executionId",
                key.execution_id,
                prefix=items.waves_prefix(key),
                attributes=_NOTED,
            )
        )

    def _intent(self, key: Key, change: IntentChange) -> Write:
        item = items.checked_size(items.intent_to_item(key, change.after))
        if change.before is None:
            return self._door.put(item, ABSENT)
        return self._door.put(
            item,
            "#intentState = :state AND #attempt = :attempt",
            state=str(change.before.intent_state),
            attempt=change.before.attempt,
        )

    def _detail(self, detail: DetailUpdate) -> Write:
        expression, values = _rendered(set_=detail.set)
        return self._door.update(detail.key, expression, values)

    def _record(self, before: Record, update: Update) -> Write:
        expression, values = _rendered(set_=update.set, remove=update.remove)
        condition, read = as_read(before)
        values |= read
        expression, condition = _with_wave(
            before, update, expression, condition, values
        )
        return self._door.update(before.key, expression, values, condition)


def _rendered(
    set_: Mapping[str, Any], remove: Sequence[str] = ()
) -> tuple[str, dict[str, Any]]:
    """Return an update expression with its values."""
    values = {f"set_{name}": value for name, value in set_.items()}
    parts = ["SET " + ", ".join(f"#{n} = :set_{n}" for n in set_)]
    if remove:
        parts.append("REMOVE " + ", ".join(f"#{n}" for n in remove))
    return " ".join(parts), values


def _with_wave(
    before: Record,
    update: Update,
    expression: str,
    condition: str,
    values: dict[str, Any],
) -> tuple[str, str]:
    """Add the one element of ``waves`` that the update touches."""
    at = update.entry_at if update.entry_at is not None else update.drop_at
    if at is None:
        return expression, condition
    if at < len(before.waves):
        condition += f" AND #waves[{at}].#waveNumber = :number"
        values["number"] = before.waves[at].wave_number
    if update.entry_at is None:
        joint = ", " if "REMOVE " in expression else " REMOVE "
        return f"{expression}{joint}#waves[{at}]", condition
    first, rest = "SET ", expression.removeprefix("SET ")
    if before.waves:
        # An index past the end appends.
        values["entry"] = update.entry
        return f"{first}#waves[{at}] = :entry, {rest}", condition
    values["entry"] = [update.entry]
    return f"{first}#waves = :entry, {rest}", condition


def _live_item(key: Key) -> Item:
    execution_id, sort_key = items.live_key(key.execution_id)
    return {
        "executionId": execution_id,
        "planId": sort_key,
        "ownerExecutionId": key.execution_id,
        "ownerPlanId": key.plan_id,
    }


def _not_found(execution_id: str) -> NotFound:
    return NotFound(
        f"There is no execution {execution_id}.",
        code="EXECUTION_NOT_FOUND",
        executionId=execution_id,
    )


def _in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda r: (r.start_time, r.execution_id))
