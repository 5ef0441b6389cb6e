"""How a plan's snapshot is cut into items and put together again."""

from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.errors import DatabaseError, NotFound
from shared.domain.items import MAX_ITEM_BYTES, item_bytes
from shared.domain.plan import Plan, PlanWave
from shared.domain.record import Key
from shared.domain.snapshots import plan_from_items, plan_to_items
from tests.contracts.stores import a_plan

KEY = Key("e-1", "p-9")


def _a_plan_of(*sizes: int) -> Plan:
    """Return a plan whose waves' descriptions have so many characters."""
    return Plan(
        plan_id="p-1",
        plan_name="Three tiers",
        version=4,
        waves=tuple(
            PlanWave(wave_number=n, wave_description="x" * size)
            for n, size in enumerate(sizes)
        ),
    )


def _wave_numbers(parts: list[dict[str, Any]]) -> list[list[int]]:
    return [[w["waveNumber"] for w in part["waves"]] for part in parts]


def test_a_snapshot_is_one_item_beside_the_record() -> None:
    (item,) = plan_to_items(KEY, _a_plan_of(3))

    assert item == {
        "executionId": "e-1",
        "planId": "p-9#plan",
        "part": 0,
        "parts": 1,
        "snapshotOf": "p-1",
        "planName": "Three tiers",
        "version": 4,
        "waves": [{"waveNumber": 0, "waveDescription": "xxx"}],
    }


def test_a_plan_without_waves_is_a_snapshot_too() -> None:
    parts = plan_to_items(KEY, _a_plan_of())

    assert _wave_numbers(parts) == [[]]
    assert plan_from_items(KEY, parts) == _a_plan_of()


@pytest.mark.parametrize(
    "sizes",
    [(100,), (150_000, 150_000), (1, 200_000, 200_000, 1), (100_000,) * 7],
)
def test_every_snapshot_reads_back_whole_in_items_that_fit(
    sizes: tuple[int, ...],
) -> None:
    plan = _a_plan_of(*sizes)

    parts = plan_to_items(KEY, plan)

    assert plan_from_items(KEY, reversed(parts)) == plan
    assert all(item_bytes(part) <= MAX_ITEM_BYTES for part in parts)
    assert sum(_wave_numbers(parts), []) == list(range(len(sizes)))


def test_a_part_is_filled_before_the_next_is_begun() -> None:
    parts = plan_to_items(KEY, _a_plan_of(*(100_000,) * 7))

    assert _wave_numbers(parts) == [[0, 1, 2], [3, 4, 5], [6]]
    assert [
        (part["planId"], part["part"], part["parts"]) for part in parts
    ] == [
        ("p-9#plan", 0, 3),
        ("p-9#plan#1", 1, 3),
        ("p-9#plan#2", 2, 3),
    ]


@pytest.mark.parametrize("name", ["Three tiers", "x" * 3_000])
def test_two_waves_share_an_item_only_if_they_fit_with_all_else(
    name: str,
) -> None:
    cut = [
        len(
            plan_to_items(KEY, replace(_a_plan_of(size, size), plan_name=name))
        )
        for size in range(151_000, 154_000, 100)
    ]

    assert cut == sorted(cut)
    assert set(cut) == {1, 2}


def test_a_wave_that_fits_no_item_is_refused() -> None:
    with pytest.raises(DatabaseError, match="p-9#plan would take"):
        plan_to_items(KEY, _a_plan_of(307_200))


def test_a_missing_snapshot_is_named() -> None:
    with pytest.raises(NotFound) as refused:
        plan_from_items(KEY, [])

    assert refused.value.body() == {
        "error": "EXECUTION_NOT_FOUND",
        "message": "Execution e-1 has no plan snapshot.",
    }


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_missing_part_is_noticed_and_the_way_out_is_told(
    missing: int,
) -> None:
    parts = plan_to_items(KEY, _a_plan_of(*(200_000,) * 3))
    del parts[missing]

    with pytest.raises(DatabaseError) as refused:
        plan_from_items(KEY, parts)

    assert refused.value.message == (
        "Parts of the plan snapshot of execution e-1 are missing; start the "
        "plan anew."
    )


def test_parts_of_a_longer_plan_that_was_given_up_are_passed_over() -> None:
    older = plan_to_items(KEY, _a_plan_of(*(200_000,) * 3))
    newer = plan_to_items(KEY, _a_plan_of(200_000, 150_000))

    assert plan_from_items(KEY, [*newer, *older[2:]]) == _a_plan_of(
        200_000, 150_000
    )


def test_what_is_no_plan_is_refused_with_its_execution() -> None:
    (item,) = plan_to_items(KEY, a_plan(waves=1))

    with pytest.raises(DatabaseError, match=r"e-1 / p-\S+ cannot be read"):
        plan_from_items(KEY, [item | {"waves": [{"waveNumber": "x"}]}])
