"""Both stores behind one face, and builders of what they keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.domain.items import record_to_item
from shared.domain.plan import Plan, PlanWave
from shared.domain.ports import Executions, Locks
from shared.domain.record import (
    Change,
    Intent,
    IntentChange,
    Key,
    Record,
    ServerStatus,
    WaveEntry,
)
from shared.domain.status import IntentState, Status, WaveStatus
from shared.domain.updates import iso
from tests.support.fakes import FakeClock

PLAN_ID = "p-1"


class Raw(Protocol):
    """The table behind a store, for what no port says."""

    def get(self, key: tuple[str, str]) -> dict[str, Any] | None:
        """Return an item as it lies there."""

    def put(self, item: Mapping[str, Any]) -> None:
        """Put an item as it is."""

    def all(self) -> list[dict[str, Any]]:
        """Return every item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An execution history, its locks, its clock and its table."""

    executions: Executions
    locks: Locks
    clock: FakeClock
    table: Raw

    def now_iso(self) -> str:
        """Return the time as records write it."""
        return iso(self.clock.now())

    def raw(self, key: tuple[str, str]) -> dict[str, Any] | None:
        """Return an item as it lies in the table."""
        return self.table.get(key)

    def set_raw(self, key: tuple[str, str], name: str, value: Any) -> None:
        """Set an attribute behind the store's back."""
        self.table.put({**(self.table.get(key) or {}), name: value})

    def has(self, record: Record) -> None:
        """Store a record as it is, without a live marker."""
        self.table.put(record_to_item(record))


def a_key(execution_id: str = "e-1", plan_id: str = PLAN_ID) -> Key:
    """Return an execution's key."""
    return Key(execution_id, plan_id)


def a_record(**attributes: Any) -> Record:
    """Return a record that is PENDING."""
    return Record(
        **{
            "execution_id": "e-1",
            "plan_id": PLAN_ID,
            "status": Status.PENDING,
            "plan_name": "Three tiers",
            "start_time": 1_700_000_000,
            "total_waves": 3,
            **attributes,
        }
    )


def an_entry(number: int, **attributes: Any) -> WaveEntry:
    """Return a wave that was started."""
    return WaveEntry(
        **{
            "wave_number": number,
            "wave_name": f"Wave {number}",
            "status": WaveStatus.STARTED,
            "start_time": 5,
            "region": "us-east-1",
            **attributes,
        }
    )


def an_intent(wave: int = 0, job: int = 0, **attributes: Any) -> Intent:
    """Return an intent whose call may be under way."""
    return Intent(
        **{
            "wave_number": wave,
            "job_index": job,
            "intent_state": IntentState.INTENT,
            "server_ids": ("s-1", "s-2"),
            "region": "us-east-1",
            "attempt": 1,
            "lease_expiry": 400,
            "called_at": 100,
            "created_at": 90,
            **attributes,
        }
    )


def servers(count: int, prefix: str = "s") -> list[str]:
    """Return that many server ids."""
    return [f"{prefix}-{n:04}" for n in range(count)]


def statuses(
    ids: Sequence[str], launched: int = 0
) -> tuple[ServerStatus, ...]:
    """Return a status for each server, the first ones launched."""
    return tuple(
        ServerStatus(
            source_server_id=sid,
            server_name=f"name of {sid}",
            hostname=f"{sid}.example.com",
            launch_status="LAUNCHED" if n < launched else "PENDING",
            instance_id=f"i-{n}" if n < launched else "",
        )
        for n, sid in enumerate(ids)
    )


def a_started(store: Store, **attributes: Any) -> Record:
    """Create a record under its plan's lock and return it as read."""
    record = a_record(**attributes)
    assert store.locks.acquire_plan(record.key, store.clock.now()) is None
    assert store.executions.create(record)
    return store.executions.record(record.key)


def a_plan(waves: int = 2, size: int = 1) -> Plan:
    """Return a plan of so many waves of so many servers."""
    return Plan(
        plan_id=PLAN_ID,
        plan_name="Three tiers",
        version=4,
        waves=tuple(
            PlanWave(
                wave_number=n,
                wave_name=f"Wave {n}",
                server_ids=tuple(servers(size, prefix=f"w{n}")),
                pause_before_wave=n == 1,
                only_server_ids=("s-1",) if n == 1 else None,
            )
            for n in range(waves)
        ),
    )


def commit(
    store: Store,
    record: Record,
    change: Change,
    intents: list[IntentChange] | None = None,
) -> Record:
    """Commit, and prove that what is returned is what is stored."""
    after = store.executions.commit(record, change, intents or [])
    assert after is not None
    assert store.executions.record(record.key) == after
    return after


def ended(store: Store, record: Record) -> Record:
    """Commit that an execution failed."""
    return commit(store, record, Change(status=Status.FAILED))
