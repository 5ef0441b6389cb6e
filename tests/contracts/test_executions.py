"""The laws of the execution history, on the fake and on DynamoDB."""

from typing import Any

import msgspec
import pytest

from shared.domain import items
from shared.domain.errors import DatabaseError, NotFound
from shared.domain.record import (
    Change,
    Intent,
    IntentChange,
    Reserved,
)
from shared.domain.status import Status, WaveStatus
from tests.contracts.stores import (
    Store,
    a_key,
    a_plan,
    a_record,
    a_started,
    an_entry,
    an_intent,
    commit,
    ended,
)


def test_a_created_record_reads_back_with_the_time_it_was_written(
    store: Store,
) -> None:
    record = a_record(
        account_context={"accountId": "", "isCurrentAccount": True},
        reserved=(Reserved(wave_number=0, server_ids=("s-1", "s-2")),),
    )
    store.locks.acquire_plan(record.key, store.clock.now())

    assert store.executions.create(record)

    read = store.executions.record(record.key)
    assert read.updated_at == store.now_iso()
    assert msgspec.structs.replace(read, updated_at="") == record


def test_a_record_is_not_created_twice(store: Store) -> None:
    record = a_started(store, plan_name="first")

    assert not store.executions.create(a_record(plan_name="second"))

    assert store.executions.record(record.key).plan_name == "first"


def test_a_record_is_not_created_without_the_plan_lock(store: Store) -> None:
    assert not store.executions.create(a_record())

    store.locks.acquire_plan(a_key("e-other"), store.clock.now())
    assert not store.executions.create(a_record())

    assert store.executions.live() == []
    with pytest.raises(NotFound):
        store.executions.record(a_key())


def test_a_missing_record_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="e-1") as caught:
        store.executions.record(a_key())

    assert caught.value.code == "EXECUTION_NOT_FOUND"


def test_a_record_is_found_without_its_plan(store: Store) -> None:
    record = a_started(store)
    store.executions.save_plan(record.key, a_plan())
    store.executions.commit_intent(
        record.key, IntentChange(before=None, after=an_intent())
    )

    assert store.executions.find("e-1") == record


def test_what_is_no_record_is_not_found(store: Store) -> None:
    store.executions.save_plan(a_key(), a_plan())

    with pytest.raises(NotFound):
        store.executions.find("e-1")
    with pytest.raises(NotFound):
        store.executions.find("execution-lock-p-1")


def test_a_finalized_record_is_found(store: Store) -> None:
    record = ended(store, a_started(store))
    final = store.executions.finalize(record, store.clock.now())

    assert store.executions.find("e-1") == final


def test_a_commit_counts_the_revision_and_notes_the_time(
    store: Store,
) -> None:
    record = a_started(store)
    store.clock.sleep(60)

    after = store.executions.commit(record, Change(set={"large": True}))

    assert after is not None
    assert after.revision == record.revision + 1
    assert after.updated_at == store.now_iso()
    assert after == store.executions.record(record.key)


def test_a_commit_from_an_older_reading_changes_nothing(
    store: Store,
) -> None:
    stale = a_started(store)
    fresh = store.executions.commit(stale, Change(status=Status.RUNNING))

    refused = store.executions.commit(
        stale,
        Change(status=Status.FAILED, wave=an_entry(0)),
        [IntentChange(before=None, after=an_intent())],
    )

    assert refused is None
    assert store.executions.record(stale.key) == fresh
    assert store.executions.intents(stale.key) == []


def test_a_commit_of_a_missing_record_leaves_no_stub(store: Store) -> None:
    assert store.executions.commit(a_record(), Change()) is None

    with pytest.raises(NotFound):
        store.executions.record(a_key())


def test_an_illegal_status_is_a_mistake_in_the_program(
    store: Store,
) -> None:
    record = ended(store, a_started(store))

    with pytest.raises(ValueError, match="FAILED is never followed by"):
        store.executions.commit(record, Change(status=Status.RUNNING))


@pytest.mark.parametrize("name", ["status", "waves", "planName", "revision"])
def test_only_settable_attributes_are_set(store: Store, name: str) -> None:
    record = a_started(store)

    with pytest.raises(ValueError, match=name):
        store.executions.commit(record, Change(set={name: "x"}))


def test_set_and_removed_attributes_read_back(store: Store) -> None:
    record = a_started(store, task_token="t", paused_before_wave=1)

    after = commit(
        store,
        record,
        Change(
            set={
                "end_time": 7,
                "outcome": {"servers": 3, "reason": None, "share": 0.5},
                "paused_before_wave": None,
                "reserved": (Reserved(wave_number=1, server_ids=("s-9",)),),
            },
            remove=("task_token",),
        ),
    )

    assert after.end_time == 7
    assert after.outcome == {"servers": 3, "reason": None, "share": 0.5}
    assert after.paused_before_wave is None
    assert after.task_token == ""
    assert store.executions.reserved(after) == (
        Reserved(wave_number=1, server_ids=("s-9",)),
    )


def test_attributes_that_we_do_not_know_are_kept(store: Store) -> None:
    record = a_started(store)
    store.set_raw(record.key, "ofALaterVersion", [{"jobId": "j-1"}])

    commit(store, record, Change(set={"drs_job_id": "j-2"}, wave=an_entry(0)))

    raw = store.raw(record.key)
    assert raw is not None
    assert raw["ofALaterVersion"] == [{"jobId": "j-1"}]


def test_an_entry_is_appended_then_replaced_in_its_place(
    store: Store,
) -> None:
    record = a_started(store)
    record = commit(store, record, Change(wave=an_entry(2)))
    record = commit(store, record, Change(wave=an_entry(0)))
    changed = an_entry(2, status=WaveStatus.COMPLETED, end_time=9)

    record = commit(store, record, Change(wave=changed))

    assert record.waves == (changed, an_entry(0))
    assert record.entered_waves == {0, 2}


def test_a_dropped_wave_leaves_entry_and_number(store: Store) -> None:
    record = a_started(store)
    record = commit(store, record, Change(wave=an_entry(0)))
    record = commit(store, record, Change(wave=an_entry(1)))

    record = commit(store, record, Change(drop_wave=0))
    assert record.waves == (an_entry(1),)
    assert record.entered_waves == {1}

    record = commit(store, record, Change(drop_wave=1))
    assert record.waves == ()
    assert record.entered_waves == frozenset()

    record = commit(store, record, Change(wave=an_entry(1)))
    assert record.waves == (an_entry(1),)


def test_the_last_entry_gives_way_to_another(store: Store) -> None:
    record = a_started(store)
    record = commit(store, record, Change(wave=an_entry(0)))
    record = commit(store, record, Change(wave=an_entry(1)))

    record = commit(store, record, Change(drop_wave=1, wave=an_entry(2)))

    assert record.waves == (an_entry(0), an_entry(2))
    with pytest.raises(ValueError, match="drop a wave"):
        store.executions.commit(record, Change(drop_wave=0, wave=an_entry(3)))


def test_dropping_a_wave_without_an_entry_changes_nothing_else(
    store: Store,
) -> None:
    record = commit(store, a_started(store), Change(wave=an_entry(0)))

    assert commit(store, record, Change(drop_wave=5)).waves == record.waves


def test_intents_are_written_with_the_record(store: Store) -> None:
    record = a_started(store)
    new = [an_intent(job=k) for k in (1, 0)]

    commit(
        store,
        record,
        Change(wave=an_entry(0)),
        [IntentChange(before=None, after=intent) for intent in new],
    )

    assert store.executions.intents(record.key, 0) == [new[1], new[0]]


def test_an_intent_is_created_once(store: Store) -> None:
    key = a_key()
    create = IntentChange(before=None, after=an_intent())

    assert store.executions.commit_intent(key, create)
    assert not store.executions.commit_intent(key, create)


@pytest.mark.parametrize(
    "seen", [{"attempt": 2}, {"intent_state": "CONFIRMED"}]
)
def test_an_intent_changed_meanwhile_refuses_the_whole_commit(
    store: Store, seen: dict[str, Any]
) -> None:
    record = a_started(store)
    stored = an_intent()
    store.executions.commit_intent(
        record.key, IntentChange(before=None, after=stored)
    )
    wrong = msgspec.convert(
        msgspec.to_builtins(stored)
        | {"attempt": seen.get("attempt", 1)}
        | {"intentState": seen.get("intent_state", "INTENT")},
        Intent,
    )
    change = IntentChange(before=wrong, after=an_intent(attempt=3))

    assert (
        store.executions.commit(record, Change(wave=an_entry(0)), [change])
        is None
    )
    assert not store.executions.commit_intent(record.key, change)
    assert store.executions.record(record.key) == record
    assert store.executions.intents(record.key) == [stored]


def test_an_intent_is_replaced_whole(store: Store) -> None:
    key = a_key()
    first = an_intent(error="x")
    store.executions.commit_intent(key, IntentChange(before=None, after=first))
    after = an_intent(attempt=2)

    assert store.executions.commit_intent(
        key, IntentChange(before=first, after=after)
    )

    assert store.executions.intents(key) == [after]


def test_intents_of_a_wave_are_not_those_of_another(store: Store) -> None:
    key = a_key()
    for wave, job in ((1, 10), (10, 0), (1, 2), (0, 0)):
        store.executions.commit_intent(
            key, IntentChange(before=None, after=an_intent(wave, job))
        )

    one = store.executions.intents(key, 1)
    every = store.executions.intents(key)

    assert [(i.wave_number, i.job_index) for i in one] == [(1, 2), (1, 10)]
    assert [(i.wave_number, i.job_index) for i in every] == [
        (0, 0),
        (1, 2),
        (1, 10),
        (10, 0),
    ]


def test_every_execution_not_yet_finalized_is_live(store: Store) -> None:
    first = a_started(store)
    second = a_started(store, execution_id="e-2", plan_id="p-2")
    first = ended(store, first)
    assert store.executions.live() == [first.key, second.key]

    after = store.executions.finalize(first, store.clock.now())

    assert after is not None
    assert after.finalized_at == store.clock.now()
    assert store.executions.live() == [second.key]
    assert store.executions.record(first.key) == after


def test_what_expires_goes_with_all_that_belongs_to_it(
    store: Store,
) -> None:
    record = a_started(store)
    store.executions.commit_intent(
        record.key, IntentChange(before=None, after=an_intent())
    )
    other = a_started(store, execution_id="e-2", plan_id="p-2")
    record = ended(store, record)
    until = store.clock.now() + 30 * 24 * 3600

    after = store.executions.finalize(
        record, store.clock.now(), expires_at=until
    )

    assert after is not None
    assert after.expires_at == until
    commit(store, after, Change(set={"instances_terminated": True}))
    mine = [one for one in store.table.all() if one["executionId"] == "e-1"]
    assert len(mine) == 2
    assert {one["TTL"] for one in mine} == {until}
    rest = [one for one in store.table.all() if one["executionId"] != "e-1"]
    assert other.execution_id in {one["executionId"] for one in rest}
    assert not any("TTL" in one for one in rest)


def test_without_an_expiry_nothing_ever_goes(store: Store) -> None:
    record = ended(store, a_started(store))

    store.executions.finalize(record, store.clock.now())

    assert not any("TTL" in one for one in store.table.all())


def test_a_stale_finalize_keeps_the_live_marker(store: Store) -> None:
    stale = ended(store, a_started(store))
    commit(store, stale, Change(set={"notified_at": 1}))

    assert store.executions.finalize(stale, store.clock.now()) is None

    assert store.executions.live() == [stale.key]


def test_only_what_is_over_is_finalized(store: Store) -> None:
    record = a_started(store)

    with pytest.raises(ValueError, match="PENDING is not over"):
        store.executions.finalize(record, store.clock.now())


def test_every_execution_is_listed_with_its_status_and_times(
    store: Store,
) -> None:
    for number, status in enumerate(Status):
        store.has(
            a_record(
                execution_id=f"e-{number}",
                status=status,
                start_time=number,
                end_time=number + 1,
                waves=(an_entry(0),),
            )
        )
    store.locks.acquire_plan(a_key("e-0"), store.clock.now())

    runs = store.executions.runs()

    assert {(r.execution_id, r.status, r.start_time) for r in runs} == {
        (f"e-{number}", status, number) for number, status in enumerate(Status)
    }
    assert {run.end_time for run in runs} == set(range(1, len(Status) + 1))
    assert not [run for run in runs if run.waves or run.plan_name]


def test_active_records_are_those_of_every_active_status(
    store: Store,
) -> None:
    for n, status in enumerate(Status):
        store.has(
            a_record(
                execution_id=f"e-{n:02}",
                plan_id=f"p-{n}",
                status=status,
                start_time=n,
            )
        )

    active = store.executions.active()

    assert {r.status for r in active} == {
        s for s in Status if not s.is_terminal
    }
    assert active == sorted(active, key=lambda r: r.start_time)
    ended = store.executions.with_status([Status.COMPLETED, Status.FAILED])
    assert {r.status for r in ended} == {Status.COMPLETED, Status.FAILED}
    assert store.executions.with_status([]) == []


def test_a_record_too_large_for_an_item_is_refused(store: Store) -> None:
    record = a_started(store)

    with pytest.raises(DatabaseError, match="e-1 / p-1 would take"):
        store.executions.commit(
            record, Change(set={"error_message": "x" * 310_000})
        )

    assert store.executions.record(record.key) == record


def test_item_kinds_never_share_a_key() -> None:
    key = a_key()
    keys = [
        items.record_key(key),
        items.lock_key(key.plan_id),
        items.live_key(key.execution_id),
        items.intent_key(key, 1, 0),
        items.detail_key(key, 1, 0),
        items.detail_key(key, 1, 1),
        items.detail_key(key, 10, 0),
        items.server_lock_key("1" * 12, "us-east-1", "s-1"),
    ]

    assert len(set(keys)) == len(keys)
