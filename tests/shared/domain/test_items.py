"""The forms of items, their sizes, and items of older writers."""

import msgspec
import pytest

from shared.domain import items, snapshots
from shared.domain.errors import DatabaseError
from shared.domain.record import Change, Key
from shared.domain.status import Status, WaveStatus
from shared.domain.updates import is_reachable, iso, update_of
from tests.contracts.stores import a_record, an_entry, servers, statuses


def test_a_record_of_older_writers_reads_with_defaults() -> None:
    record = items.record_from_item(
        {
            "executionId": "e-1",
            "planId": "p-1",
            "status": "LAUNCHING",
            "endTime": None,
            "drsJobId": None,
            "taskToken": None,
            "accountContext": {"accountId": "", "externalId": None},
            "waves": [
                {
                    "waveNumber": 0,
                    "waveName": "Wave 1",
                    "status": "ERROR",
                    "startTime": 5,
                    "region": "us-east-1",
                    "jobId": None,
                    "unknown": 1,
                    "serverStatuses": [
                        {
                            "sourceServerId": "s-1",
                            "serverName": "x",
                            "hostname": "x",
                            "instanceId": None,
                        }
                    ],
                }
            ],
            "terminateJobs": [],
        }
    )

    assert record.status is Status.LAUNCHING
    assert (record.drs_job_id, record.task_token) == ("", "")
    assert record.account_context == {"accountId": "", "externalId": None}
    assert record.waves[0].status is WaveStatus.FAILED
    assert record.waves[0].server_statuses[0].instance_id == ""


def test_a_record_that_cannot_be_read_names_item_and_attribute() -> None:
    item = {"executionId": "e-1", "planId": "p-1", "status": "ODD"}

    with pytest.raises(DatabaseError, match=r"e-1 / p-1 .*\$\.status"):
        items.record_from_item(item)


def test_an_item_is_made_of_plain_values() -> None:
    entry = an_entry(0, server_ids=("s-1",), server_statuses=statuses(["s"]))
    record = a_record(waves=(entry,), entered_waves=frozenset({0}))

    item = items.record_to_item(record)

    assert item["enteredWaves"] == {0}
    assert item["waves"][0]["serverIds"] == ["s-1"]
    assert "taskToken" not in item
    assert items.record_from_item(item) == record


@pytest.mark.parametrize(
    ("value", "size"),
    [("é", 2), (12, 3), (None, 1), (True, 1), ([], 3), ({"a": "b"}, 6)],
)
def test_sizes_are_estimated_from_above(value: object, size: int) -> None:
    assert items.item_bytes(value) == size


def test_an_item_that_just_fits_is_let_through() -> None:
    item = {"executionId": "e", "planId": "p", "x": ""}
    room = items.MAX_ITEM_BYTES - items.item_bytes(item)

    assert items.checked_size({**item, "x": "y" * room})
    with pytest.raises(DatabaseError, match="e / p would take 307201 bytes"):
        items.checked_size({**item, "x": "y" * (room + 1)})


def test_a_part_of_a_snapshot_that_is_missing_is_noticed() -> None:
    part = {
        "executionId": "e-1",
        "planId": "p-1#plan",
        "part": 0,
        "parts": 2,
        "snapshotOf": "p-1",
        "planName": "",
        "version": 0,
        "waves": [],
    }

    with pytest.raises(DatabaseError, match="missing"):
        snapshots.plan_from_items(Key("e-1", "p-1"), [part])


def test_counts_that_a_decision_made_are_kept() -> None:
    entry = an_entry(
        0, server_ids=tuple(servers(3)), launched_count=1, failed_count=2
    )

    lean = items.lean(entry)

    assert (lean.server_count, lean.launched_count, lean.failed_count) == (
        3,
        1,
        2,
    )


@pytest.mark.parametrize("ids", [0, 1, 250, 251, 700])
@pytest.mark.parametrize("known", [0, 1, 250, 251, 700])
def test_details_join_to_the_entry_they_came_from(
    ids: int, known: int
) -> None:
    entry = an_entry(
        0,
        server_ids=tuple(servers(ids)),
        server_statuses=statuses(servers(known)),
        launch_config_status={"s-0000": "ready", "other": "failed"},
    )

    parts = items.detail_parts(entry)

    assert len(parts) == items.parts_for(ids)
    assert items.joined(an_entry(0), reversed(parts)) == entry


def test_no_status_is_left_by_an_event_that_the_table_lacks() -> None:
    assert is_reachable(Status.PAUSED, Status.PAUSED)
    assert is_reachable(Status.PENDING, Status.RUNNING)
    assert not is_reachable(Status.COMPLETED, Status.RUNNING)
    assert not is_reachable(Status.PENDING, Status.POLLING)


def test_a_change_touches_no_attribute_that_it_does_not_name() -> None:
    before = a_record(revision=3, task_token="t", outcome={"servers": 1})

    update = update_of(
        before, Change(set={"hurry_until": 5}), 1_767_268_800, {}
    )

    assert update.set == {
        "hurryUntil": 5,
        "revision": 4,
        "updatedAt": "2026-01-01T12:00:00Z",
    }
    assert update.remove == ()
    assert (update.entry_at, update.drop_at, update.details) == (
        None,
        None,
        (),
    )
    assert update.after == msgspec.structs.replace(
        before, hurry_until=5, revision=4, updated_at=iso(1_767_268_800)
    )
