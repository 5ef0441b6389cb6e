"""What a change does to the items of an execution, write by write."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain import items
from shared.domain.errors import DatabaseError
from shared.domain.record import Change, Record, Reserved, WaveEntry
from shared.domain.status import TRANSITIONS, Status, WaveStatus
from shared.domain.updates import (
    DetailUpdate,
    Update,
    created,
    finalized,
    iso,
    reserved_details,
    update_of,
)
from tests.contracts.stores import (
    a_key,
    a_record,
    an_entry,
    servers,
    statuses,
)
from tests.support.fakes import NOON

NOW = "2026-01-01T12:00:00Z"
JUST_WRITTEN = {"revision": 1, "updatedAt": NOW}


def _with(*entries: WaveEntry, **more: Any) -> Record:
    """Return a running record of these entries."""
    return a_record(
        status=Status.RUNNING,
        waves=entries,
        entered_waves=frozenset(e.wave_number for e in entries),
        **more,
    )


def _written(before: Record, update: Update) -> items.Item:
    """Carry a write out as the table does."""
    item = items.record_to_item(before) | update.set
    for name in update.remove:
        item.pop(name, None)
    waves = list(item.get("waves", ()))
    if update.drop_at is not None:
        del waves[update.drop_at]
    if update.entry_at is not None:
        waves[update.entry_at : update.entry_at + 1] = [update.entry]
    return {**item, "waves": waves}


def _entry(number: int, count: int = 1, **more: Any) -> WaveEntry:
    ids = servers(count)
    return an_entry(
        number, server_ids=tuple(ids), server_statuses=statuses(ids), **more
    )


def _reserved(wave: int, count: int) -> Reserved:
    return Reserved(wave_number=wave, server_ids=tuple(servers(count)))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_now_is_written_in_utc_wherever_the_machine_stands(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as machine:
        machine.setenv("TZ", zone)
        time.tzset()

        assert iso(NOON) == NOW
    time.tzset()


CHANGES = st.builds(
    Change,
    status=st.none() | st.sampled_from([Status.POLLING, Status.FAILED]),
    set=st.fixed_dictionaries(
        {},
        optional={
            "task_token": st.sampled_from(["", "t"]),
            "end_time": st.none() | st.integers(0, 9),
            "outcome": st.dictionaries(st.sampled_from("ab"), st.integers()),
            "reserved": st.just((_reserved(1, 2),)),
        },
    ),
    remove=st.sampled_from([(), ("client_token",)]),
    wave=st.none() | st.builds(_entry, st.integers(0, 3)),
    drop_wave=st.none(),
) | st.builds(Change, drop_wave=st.integers(0, 3))


@given(CHANGES, st.integers(0, 3), st.booleans())
def test_what_is_written_is_what_the_record_becomes(
    change: Change, entries: int, large: bool
) -> None:
    before = _with(
        *(
            an_entry(n, detail="items" if large else "")
            for n in range(entries)
        ),
        client_token="c",
        task_token="old",
        large=large,
    )

    update = update_of(before, change, NOON, {})

    expected = items.record_to_item(update.after)
    assert _written(before, update) == {"waves": [], **expected}
    assert update.after.revision == before.revision + 1
    assert update.after.updated_at == NOW


@given(CHANGES, st.booleans())
def test_no_write_holds_more_than_one_item_of_a_key(
    change: Change, large: bool
) -> None:
    update = update_of(_with(large=large), change, NOON, {})

    keys = [detail.key for detail in update.details]
    assert len(set(keys)) == len(keys)
    assert large or not keys


def test_an_attribute_set_to_its_default_is_removed() -> None:
    before = _with(task_token="t", end_time=5)

    update = update_of(
        before, Change(set={"task_token": ""}, remove=("end_time",)), NOON, {}
    )

    assert (update.set, update.remove) == (
        JUST_WRITTEN,
        ("endTime", "taskToken"),
    )
    assert (update.after.task_token, update.after.end_time) == ("", None)


def test_reserved_servers_that_stay_are_not_written_again() -> None:
    before = _with(reserved=(_reserved(0, 1),))

    update = update_of(before, Change(set={"hurry_until": 5}), NOON, {})

    assert update.set == {"hurryUntil": 5, **JUST_WRITTEN}


def test_a_removed_attribute_has_its_default() -> None:
    before = _with(outcome={"servers": 1}, paused_by="ann")

    update = update_of(
        before, Change(remove=("outcome", "paused_by")), NOON, {}
    )

    assert (update.after.outcome, update.after.paused_by) == ({}, "")


def test_a_status_is_written_when_it_is_named() -> None:
    update = update_of(_with(), Change(status=Status.POLLING), NOON, {})

    assert update.set == {"status": "POLLING", **JUST_WRITTEN}
    assert update.after.status is Status.POLLING


@pytest.mark.parametrize(
    "name",
    [
        "execution_id",
        "plan_id",
        "status",
        "waves",
        "entered_waves",
        "revision",
        "updated_at",
        "taskToken",
    ],
)
def test_what_a_write_decides_itself_is_no_change(name: str) -> None:
    for change in (Change(set={name: 1}), Change(remove=(name,))):
        with pytest.raises(ValueError, match=f"set or remove '{name}'"):
            update_of(_with(), change, NOON, {})


@pytest.mark.parametrize("reached", Status)
def test_only_a_status_of_the_table_follows(reached: Status) -> None:
    allowed = {Status.PENDING, *TRANSITIONS[Status.PENDING].values()}
    before, change = a_record(), Change(status=reached)

    if reached in allowed:
        assert update_of(before, change, NOON, {}).after.status is reached
    else:
        with pytest.raises(ValueError, match=f"by {reached}"):
            update_of(before, change, NOON, {})


def test_an_entry_takes_its_place_by_number() -> None:
    before = _with(an_entry(0), an_entry(2))
    replaced = _entry(0, status=WaveStatus.COMPLETED)

    old = update_of(before, Change(wave=replaced), NOON, {})
    new = update_of(before, Change(wave=_entry(1)), NOON, {})

    assert (old.entry_at, old.drop_at) == (0, None)
    assert (new.entry_at, new.drop_at) == (2, None)
    assert old.entry == items.built(replaced)
    assert old.after.waves == (replaced, an_entry(2))
    assert new.after.waves == (an_entry(0), an_entry(2), _entry(1))
    assert new.set == {"enteredWaves": {0, 1, 2}, **JUST_WRITTEN}


def test_a_dropped_entry_goes_with_its_number() -> None:
    before = _with(an_entry(0), an_entry(2))

    update = update_of(before, Change(drop_wave=2), NOON, {})

    assert (update.entry_at, update.entry, update.drop_at) == (None, None, 1)
    assert update.after.waves == (an_entry(0),)
    assert update.set == {"enteredWaves": {0}, **JUST_WRITTEN}


def test_the_last_number_leaves_no_empty_set() -> None:
    update = update_of(_with(an_entry(0)), Change(drop_wave=0), NOON, {})

    assert update.remove == ("enteredWaves",)


def test_an_entry_takes_the_place_of_the_last_one() -> None:
    before = _with(an_entry(0), an_entry(2))

    update = update_of(before, Change(wave=_entry(1), drop_wave=2), NOON, {})

    assert (update.entry_at, update.drop_at) == (1, None)
    assert update.after.waves == (an_entry(0), _entry(1))


@pytest.mark.parametrize(
    ("entries", "wave", "drop"),
    [((0, 2), 1, 0), ((0, 2), 0, 2), ((0, 2), 2, 2), ((), 1, 2), ((0,), 1, 5)],
)
def test_only_the_last_entry_gives_way_and_only_to_a_new_one(
    entries: tuple[int, ...], wave: int, drop: int
) -> None:
    before = _with(*(an_entry(number) for number in entries))
    change = Change(wave=_entry(wave), drop_wave=drop)

    with pytest.raises(ValueError) as refused:
        update_of(before, change, NOON, {})

    assert str(refused.value) == (
        "A change may drop a wave and write another only where the dropped "
        "one is the last and the other has no entry."
    )


def test_a_small_executions_entry_lies_in_its_record_alone() -> None:
    update = update_of(_with(), Change(wave=_entry(0)), NOON, {})

    assert update.details == ()
    assert update.after.waves == (_entry(0),)


def test_a_large_executions_servers_go_to_items() -> None:
    entry = _entry(0, 251)

    update = update_of(_with(large=True), Change(wave=entry), NOON, {})

    first, second = items.detail_parts(entry)
    assert update.details == (
        DetailUpdate(
            key=("e-1", "p-1#wave#0"), set={**first, "updatedAt": NOW}
        ),
        DetailUpdate(
            key=("e-1", "p-1#wave#0#1"), set={**second, "updatedAt": NOW}
        ),
    )
    assert update.after.waves == (items.lean(entry),)
    assert update.entry == items.built(items.lean(entry))


def test_a_lean_entry_is_written_without_details() -> None:
    lean = items.lean(_entry(0, 2))
    before = _with(lean, large=True)
    changed = replace(lean, phase="LAUNCHING")

    update = update_of(before, Change(wave=changed), NOON, {})

    assert (update.details, update.after.waves) == ((), (changed,))


def test_an_older_entry_stays_in_the_record_that_became_large() -> None:
    before = _with(_entry(0), large=True)
    changed = _entry(0, status=WaveStatus.COMPLETED)

    update = update_of(before, Change(wave=changed), NOON, {})

    assert (update.details, update.after.waves) == ((), (changed,))


def test_reserved_servers_of_a_large_execution_are_noted_in_details() -> None:
    update = update_of(
        _with(large=True),
        Change(set={"reserved": (_reserved(1, 2), _reserved(0, 1))}),
        NOON,
        {0: _reserved(0, 1)},
    )

    (detail,) = update.details
    assert detail == DetailUpdate(
        key=("e-1", "p-1#wave#1"),
        set={
            "waveNumber": 1,
            "part": 0,
            "reservedIds": servers(2),
            "reservedRegion": "",
            "updatedAt": NOW,
        },
    )
    assert update.after.reserved == ()
    assert update.set == JUST_WRITTEN


def test_reserved_servers_leave_a_record_that_becomes_large() -> None:
    before = _with(reserved=(_reserved(0, 1),))

    update = update_of(
        before,
        Change(set={"large": True, "reserved": before.reserved}),
        NOON,
        {},
    )

    assert update.remove == ("reserved",)
    assert [detail.key for detail in update.details] == [("e-1", "p-1#wave#0")]


def test_a_wave_and_its_reservation_share_one_write_of_an_item() -> None:
    change = Change(set={"reserved": (_reserved(0, 1),)}, wave=_entry(0))

    update = update_of(_with(large=True), change, NOON, {})

    (detail,) = update.details
    assert detail.set["reservedIds"] == detail.set["serverIds"] == ["s-0000"]


def test_a_smaller_reservation_overwrites_every_part_of_the_older() -> None:
    details = reserved_details(
        a_key(), {0: _reserved(0, 1)}, NOON, {0: _reserved(0, 501)}
    )

    assert [detail.set["reservedIds"] for detail in details] == [
        ["s-0000"],
        [],
        [],
    ]


def test_details_are_written_in_the_order_of_waves() -> None:
    wanted = {2: _reserved(2, 1), 0: _reserved(0, 1), 1: _reserved(1, 1)}

    details = reserved_details(a_key(), wanted, NOON, {1: _reserved(1, 1)})

    assert [detail.set["waveNumber"] for detail in details] == [0, 2]


def test_a_created_record_notes_the_time_and_its_reservations() -> None:
    reserved = (_reserved(0, 1), _reserved(2, 1))
    small, large = a_record(reserved=reserved), a_record(
        reserved=reserved, large=True
    )

    assert created(small, NOON) == (replace(small, updated_at=NOW), {})
    assert created(large, NOON) == (
        replace(large, updated_at=NOW, reserved=()),
        {0: reserved[0], 2: reserved[1]},
    )


@pytest.mark.parametrize("status", Status)
def test_only_what_is_over_is_finalized(status: Status) -> None:
    record = a_record(status=status)

    if status.is_terminal:
        assert finalized(record, NOON) == Change(set={"finalized_at": NOON})
        assert finalized(record, NOON, NOON + 1) == Change(
            set={"finalized_at": NOON, "expires_at": NOON + 1}
        )
    else:
        with pytest.raises(ValueError, match=f"{status} is not over"):
            finalized(record, NOON)


@pytest.mark.parametrize("large", [False, True])
def test_a_write_that_would_not_fit_is_refused(large: bool) -> None:
    heavy = replace(statuses(["s-1"])[0], error="x" * 307_200)
    entry = an_entry(0, server_ids=("s-1",), server_statuses=(heavy,))

    with pytest.raises(DatabaseError) as refused:
        update_of(_with(large=large), Change(wave=entry), NOON, {})

    sort_key = "p-1#wave#0" if large else "p-1"
    assert f"e-1 / {sort_key} would" in refused.value.message
