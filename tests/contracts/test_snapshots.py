"""The laws of plan snapshots, on the fake and on DynamoDB."""

import pytest

from shared.domain.errors import DatabaseError, NotFound
from shared.domain.record import Key
from tests.contracts.stores import PLAN_ID, Store, a_key, a_plan, a_started


def test_a_snapshot_reads_back(store: Store) -> None:
    store.executions.save_plan(a_key(), a_plan())

    assert store.executions.plan(a_key()) == a_plan()


def test_a_large_snapshot_is_stored_in_parts_of_whole_waves(
    store: Store,
) -> None:
    plan = a_plan(waves=13, size=4_000)

    store.executions.save_plan(a_key(), plan)

    assert store.executions.plan(a_key()) == plan
    assert store.raw(Key("e-1", f"{PLAN_ID}#plan#1")) is not None


def test_a_smaller_snapshot_is_not_mixed_with_an_older_one(
    store: Store,
) -> None:
    store.executions.save_plan(a_key(), a_plan(waves=13, size=4_000))

    store.executions.save_plan(a_key(), a_plan())

    assert store.executions.plan(a_key()) == a_plan()


def test_a_snapshot_of_an_existing_record_is_never_replaced(
    store: Store,
) -> None:
    record = a_started(store)
    with pytest.raises(NotFound, match="snapshot"):
        store.executions.plan(record.key)

    store.executions.save_plan(record.key, a_plan())

    with pytest.raises(NotFound, match="snapshot"):
        store.executions.plan(record.key)


def test_a_given_up_snapshot_is_deleted_in_all_its_parts(
    store: Store,
) -> None:
    store.executions.save_plan(a_key(), a_plan(waves=13, size=4_000))

    store.executions.delete_plan(a_key())

    with pytest.raises(NotFound):
        store.executions.plan(a_key())


def test_the_snapshot_of_an_existing_record_is_never_deleted(
    store: Store,
) -> None:
    store.executions.save_plan(a_key(), a_plan())
    a_started(store)

    store.executions.delete_plan(a_key())

    assert store.executions.plan(a_key()) == a_plan()


def test_a_wave_too_large_for_an_item_is_refused(store: Store) -> None:
    with pytest.raises(DatabaseError, match="e-1 / p-1#plan"):
        store.executions.save_plan(a_key(), a_plan(waves=1, size=40_000))
