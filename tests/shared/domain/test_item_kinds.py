"""How intents, details and reservations lie beside their execution."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain import items
from shared.domain.errors import DatabaseError
from shared.domain.record import Key, Reserved
from shared.domain.status import WaveStatus
from tests.contracts.stores import (
    a_record,
    an_entry,
    an_intent,
    servers,
    statuses,
)

KEY = Key("e-1", "p-1")


def test_each_kind_of_item_has_the_key_of_the_contract() -> None:
    assert items.record_key(KEY) == ("e-1", "p-1")
    assert items.lock_key("p-1") == ("execution-lock-p-1", "p-1")
    assert items.live_key("e-1") == ("live-e-1", "live-execution")
    assert items.intent_key(KEY, 2, 7) == ("e-1", "p-1#wave#2#job#7")
    assert items.detail_key(KEY, 2, 0) == ("e-1", "p-1#wave#2")
    assert items.detail_key(KEY, 2, 1) == ("e-1", "p-1#wave#2#1")
    assert items.server_lock_key("111122223333", "eu-west-1", "s-12ab") == (
        "server-lock-111122223333-eu-west-1-s-12ab",
        "server-lock-111122223333-ab",
    )


@pytest.mark.parametrize(
    ("item", "owner"),
    [
        (
            {
                "executionId": "live-e-1",
                "ownerExecutionId": "e-2",
                "ownerPlanId": "p-2",
            },
            Key("e-2", "p-2"),
        ),
        ({"executionId": "live-e-1"}, Key("e-1", "unknown")),
    ],
)
def test_a_live_marker_names_its_owner_at_least_by_its_key(
    item: dict[str, str], owner: Key
) -> None:
    assert items.live_owner(item) == owner


@pytest.mark.parametrize(
    ("item", "is_record"),
    [
        ({"status": "POLLING"}, True),
        ({"status": "LOCK"}, False),
        ({"waveStatus": "STARTED"}, False),
    ],
)
def test_a_record_is_what_has_a_status_that_is_no_lock(
    item: Mapping[str, Any], is_record: bool
) -> None:
    assert items.is_record(item) is is_record


def test_intents_read_back_by_wave_and_job_from_among_other_items() -> None:
    intents = [an_intent(w, j) for w, j in [(0, 1), (0, 2), (0, 10), (1, 0)]]
    detail = {"executionId": "e-1", "planId": "p-1#wave#0", "part": 0}
    stored = [items.intent_to_item(KEY, one) for one in reversed(intents)]

    assert items.intents_from_items([*stored, detail]) == intents
    assert {items.key_of(item) for item in stored} == {
        items.intent_key(KEY, one.wave_number, one.job_index)
        for one in intents
    }


def test_an_intent_that_cannot_be_read_is_named() -> None:
    item = items.intent_to_item(KEY, an_intent()) | {"attempt": "x"}

    with pytest.raises(
        DatabaseError, match=r"e-1 / p-1#wave#0#job#0 .*attempt"
    ):
        items.intent_from_item(item)


def test_a_record_that_entered_no_wave_holds_no_empty_set() -> None:
    emptied = replace(a_record(), entered_waves=frozenset([1]) - {1})

    assert "enteredWaves" not in items.record_to_item(emptied)


@pytest.mark.parametrize(
    ("value", "size"), [(["ab", "c"], 8), ({7}, 6), ([[]], 7)]
)
def test_each_element_of_a_list_counts(value: object, size: int) -> None:
    assert items.item_bytes(value) == size


def test_an_item_that_does_not_fit_says_whose_it_is_and_what_helps() -> None:
    item = {"executionId": "e", "planId": "p", "x": "y" * 307_200}

    with pytest.raises(DatabaseError) as refused:
        items.checked_size(item)

    assert refused.value.details == {"executionId": "e"}
    assert refused.value.message.endswith(
        "more than the 307200 an item may have; use fewer servers in a wave "
        "or shorter texts."
    )


def test_a_lean_entry_keeps_counts_and_no_servers() -> None:
    ids = servers(5)
    first, second, third, *others = statuses(ids, launched=1)
    ended = (
        replace(second, launch_status="FAILED"),
        replace(third, launch_status="TERMINATED"),
    )
    entry = an_entry(
        0,
        server_ids=tuple(ids),
        server_statuses=(first, *ended, *others),
        launch_config_status={ids[0]: "ready"},
    )

    assert items.lean(entry) == an_entry(
        0,
        server_count=5,
        launched_count=1,
        failed_count=2,
        pending_count=2,
        detail="items",
    )


@pytest.mark.parametrize(
    "known",
    [
        {"failed_count": 1},
        {"pending_count": 2},
        {"launched_count": 1},
        {"launched_count": 1, "failed_count": 1},
        {"failed_count": 1, "pending_count": 1},
    ],
)
def test_a_count_that_is_known_is_not_counted_again(
    known: dict[str, int],
) -> None:
    entry = an_entry(0, server_ids=("s-1",), **known)

    assert items.lean(entry) == an_entry(
        0, server_count=1, detail="items", **known
    )


@pytest.mark.parametrize(
    ("more", "is_lean"),
    [
        ({"detail": "items"}, True),
        ({}, False),
        ({"detail": "items", "server_ids": ("s-1",)}, False),
        ({"detail": "items", "server_statuses": statuses(["s-1"])}, False),
        ({"server_ids": ("s-1",)}, False),
    ],
)
def test_an_entry_is_lean_when_its_servers_lie_in_items_alone(
    more: dict[str, Any], is_lean: bool
) -> None:
    assert items.is_lean(an_entry(0, **more)) is is_lean


def test_a_detail_says_which_part_of_which_wave_it_is() -> None:
    entry = an_entry(
        3,
        status=WaveStatus.PARTIAL,
        server_ids=("s-1",),
        server_statuses=statuses(["s-1"]),
        launch_config_status={"s-1": "ready"},
    )

    (part,) = items.detail_parts(entry)

    assert part == {
        "waveNumber": 3,
        "part": 0,
        "waveStatus": "PARTIAL",
        "serverIds": ["s-1"],
        "serverStatuses": items.built(statuses(["s-1"])),
        "launchConfigStatus": {"s-1": "ready"},
    }


@pytest.mark.parametrize(
    ("count", "parts"), [(0, 1), (1, 1), (250, 1), (251, 2), (501, 3)]
)
def test_a_part_holds_250_servers(count: int, parts: int) -> None:
    assert items.parts_for(count) == parts


def _reserved(wave: int, count: int) -> Reserved:
    return Reserved(
        wave_number=wave,
        server_ids=tuple(servers(count)),
        region="eu-west-1",
    )


def test_a_reservation_lies_in_parts_that_say_wave_and_region() -> None:
    parts = items.reserved_parts(_reserved(2, 251))

    assert parts == [
        {
            "waveNumber": 2,
            "part": 0,
            "reservedIds": servers(250),
            "reservedRegion": "eu-west-1",
        },
        {
            "waveNumber": 2,
            "part": 1,
            "reservedIds": ["s-0250"],
            "reservedRegion": "eu-west-1",
        },
    ]


def test_a_smaller_reservation_empties_the_parts_of_a_larger_one() -> None:
    parts = items.reserved_parts(_reserved(0, 1), parts=3)

    assert [part["reservedIds"] for part in parts] == [["s-0000"], [], []]
    assert len(items.reserved_parts(_reserved(0, 0))) == 1


def test_reservations_are_read_from_record_and_details_together() -> None:
    ours, noted = _reserved(2, 1), _reserved(0, 700)
    details = [
        {"waveNumber": 1, "part": 0, "serverIds": ["s-1"]},
        *reversed(items.reserved_parts(noted, parts=5)),
    ]
    record = a_record(reserved=(ours, _reserved(0, 2)))

    assert items.reserved_of(record, details) == (noted, ours)


def test_a_reservation_without_a_region_has_none() -> None:
    detail = {"waveNumber": 1, "part": 0, "reservedIds": ["s-1"]}

    assert items.noted_in([detail]) == {
        1: Reserved(wave_number=1, server_ids=("s-1",))
    }
