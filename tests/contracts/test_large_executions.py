"""The laws of large executions, on the fake and on DynamoDB."""

import msgspec
import pytest

from shared.domain.record import Change, Reserved, WaveEntry
from shared.domain.status import WaveStatus
from tests.contracts.stores import (
    Store,
    a_record,
    a_started,
    an_entry,
    commit,
    servers,
    statuses,
)


def a_large_entry(count: int, number: int = 3) -> WaveEntry:
    ids = tuple(servers(count))
    return an_entry(
        number,
        server_ids=ids,
        server_statuses=statuses(ids, launched=2),
        launch_config_status={ids[0]: "ready", ids[-1]: "failed"},
    )


@pytest.mark.parametrize("count", [3, 250, 251, 900])
def test_the_servers_of_a_large_wave_live_in_items(
    store: Store, count: int
) -> None:
    record = a_started(store, large=True)
    entry = a_large_entry(count)

    record = commit(store, record, Change(wave=entry))

    lean = record.entry(3)
    assert lean is not None
    assert (lean.detail, lean.server_ids, lean.server_statuses) == (
        "items",
        (),
        (),
    )
    assert (lean.server_count, lean.launched_count) == (count, 2)
    whole = store.executions.entry(record, 3)
    assert whole is not None
    assert whole.server_ids == entry.server_ids
    assert whole.server_statuses == entry.server_statuses
    assert whole.launch_config_status == entry.launch_config_status


def test_a_lean_entry_written_again_keeps_its_items(store: Store) -> None:
    record = a_started(store, large=True)
    record = commit(store, record, Change(wave=a_large_entry(300)))
    lean = record.entry(3)
    assert lean is not None
    final = msgspec.structs.replace(lean, status=WaveStatus.COMPLETED)

    record = commit(store, record, Change(wave=final))

    whole = store.executions.entry(record, 3)
    assert whole is not None
    assert whole.status is WaveStatus.COMPLETED
    assert len(whole.server_ids) == 300


def test_an_entry_from_before_keeps_its_lists(store: Store) -> None:
    record = a_started(store)
    small = a_large_entry(3, number=0)
    record = commit(store, record, Change(wave=small))

    record = commit(
        store,
        record,
        Change(set={"large": True}, wave=a_large_entry(4, number=1)),
    )
    ended_small = msgspec.structs.replace(small, status=WaveStatus.COMPLETED)
    record = commit(store, record, Change(wave=ended_small))

    assert record.entry(0) == ended_small
    assert store.executions.entry(record, 0) == ended_small
    second = record.entry(1)
    assert second is not None and second.detail == "items"


def test_a_wave_without_entry_has_none(store: Store) -> None:
    assert store.executions.entry(a_started(store), 0) is None


def a_reserved(*counts: int) -> tuple[Reserved, ...]:
    return tuple(
        Reserved(
            wave_number=n,
            server_ids=tuple(servers(c, prefix=f"w{n}")),
            region="us-east-1",
        )
        for n, c in enumerate(counts)
    )


def test_the_reservations_of_a_large_execution_live_in_items(
    store: Store,
) -> None:
    reserved = a_reserved(600, 2)

    record = a_started(store, large=True, reserved=reserved)

    assert record.reserved == ()
    assert store.executions.reserved(record) == reserved


def test_noted_reservations_survive_the_start_of_their_wave(
    store: Store,
) -> None:
    record = a_started(store, large=True, reserved=a_reserved(600, 2))
    record = commit(store, record, Change(wave=a_large_entry(300, number=0)))
    more = (*a_reserved(601), a_reserved(1, 2)[1])

    record = commit(store, record, Change(set={"reserved": more}))

    assert store.executions.reserved(record) == more
    whole = store.executions.entry(record, 0)
    assert whole is not None and len(whole.server_ids) == 300


def test_a_wave_and_its_reservations_are_written_at_once(
    store: Store,
) -> None:
    record = a_started(store, large=True)

    record = commit(
        store,
        record,
        Change(
            set={"reserved": a_reserved(2)}, wave=a_large_entry(3, number=0)
        ),
    )

    whole = store.executions.entry(record, 0)
    assert whole is not None and len(whole.server_ids) == 3
    assert store.executions.reserved(record) == a_reserved(2)


def test_fewer_reservations_leave_none_of_the_older_ones(
    store: Store,
) -> None:
    record = a_started(store, large=True, reserved=a_reserved(600, 2))

    record = commit(store, record, Change(set={"reserved": a_reserved(1)}))

    assert store.executions.reserved(record)[0] == a_reserved(1)[0]


def test_a_large_record_created_twice_keeps_the_first_reservations(
    store: Store,
) -> None:
    record = a_started(store, large=True, reserved=a_reserved(2))

    assert not store.executions.create(
        a_record(large=True, reserved=a_reserved(5))
    )

    assert store.executions.reserved(record) == a_reserved(2)


def test_reservations_noted_before_becoming_large_are_moved(
    store: Store,
) -> None:
    record = a_started(store, reserved=a_reserved(2, 2))
    record = commit(store, record, Change(set={"large": True}))
    assert store.executions.reserved(record) == a_reserved(2, 2)

    record = commit(store, record, Change(set={"reserved": a_reserved(3, 2)}))

    assert record.reserved == ()
    assert store.executions.reserved(record) == a_reserved(3, 2)
