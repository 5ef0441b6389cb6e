"""A view says what the record says, and what it waits for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.domain.report import exit_status, lines, report
from cli.domain.view import changes, failures, view
from shared.domain.record import Record
from shared.domain.status import Status
from tests.cli.builders import a_record, a_server, a_wave, planned
from tests.cli.fakes import a_run

LAUNCH = ("PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED")
WAVE = ("STARTED", "IN_PROGRESS", "COMPLETED", "PARTIAL", "FAILED", "TIMEOUT")


@st.composite
def records(draw: st.DrawFn) -> tuple[Record, tuple[int, ...]]:
    """Return a record and how many servers each planned wave has."""
    counts = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    entered = draw(st.integers(0, len(counts)))
    waves = [
        a_wave(
            number,
            draw(st.sampled_from(WAVE)),
            [
                a_server(f"{number}-{n}", draw(st.sampled_from(LAUNCH)))
                for n in range(counts[number])
            ],
        )
        for number in range(entered)
    ]
    status = draw(st.sampled_from([str(status) for status in Status]))
    return a_record(status, waves), tuple(counts)


@given(records(), st.integers(1000, 5000))
def test_no_server_is_counted_twice_or_lost(
    drawn: tuple[Record, tuple[int, ...]], now: int
) -> None:
    record, counts = drawn

    seen = view(record, planned(*counts), None, now)

    assert seen.servers == sum(counts)
    for row in seen.waves:
        assert row.launched + row.failed + row.moving == row.servers
    assert len(failures(seen)) == seen.failed


@given(records())
def test_an_active_execution_says_what_it_waits_for(
    drawn: tuple[Record, tuple[int, ...]],
) -> None:
    record, counts = drawn

    seen = view(record, planned(*counts), a_run("RUNNING"), 2000)

    assert seen.waiting_for


@given(records())
def test_nothing_is_said_of_a_view_that_did_not_change(
    drawn: tuple[Record, tuple[int, ...]],
) -> None:
    record, counts = drawn
    before = view(record, planned(*counts), None, 2000)
    later = view(record, planned(*counts), None, 2100)

    assert not list(changes(before, later))


@given(records())
def test_only_a_complete_run_is_a_success(
    drawn: tuple[Record, tuple[int, ...]],
) -> None:
    record, counts = drawn

    seen = view(record, planned(*counts), None, 2000)

    all_up = seen.status == "COMPLETED" and seen.launched == sum(counts)
    assert exit_status(seen) == (0 if all_up else 1)


@given(records())
def test_the_report_adds_up(drawn: tuple[Record, tuple[int, ...]]) -> None:
    record, counts = drawn

    told = report(view(record, planned(*counts), None, 2000), "generic")

    for key in ("servers", "launched", "failed"):
        assert told[key] == sum(wave[key] for wave in told["waves"])
    assert [wave["number"] for wave in told["waves"]] == list(
        range(len(counts))
    )


def test_the_report_has_the_keys_that_programs_read() -> None:
    record = a_record(
        "COMPLETED",
        [a_wave(0, "COMPLETED", [a_server("a", "LAUNCHED")], endTime=1060)],
        endTime=1061,
    )

    assert report(view(record, planned(1), None, 9999), "direct") == {
        "status": "COMPLETED",
        "executionId": record.execution_id,
        "planName": "small",
        "isDrill": True,
        "waves": [
            {
                "number": 0,
                "name": "Wave 1",
                "status": "COMPLETED",
                "servers": 1,
                "launched": 1,
                "failed": 0,
                "seconds": 60,
            }
        ],
        "servers": 1,
        "launched": 1,
        "failed": 0,
        "seconds": 61,
        "orchestrator": "direct",
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (a_record("PENDING"), "the state machine to begin"),
        (a_record("RUNNING"), "the next wave to start"),
        (
            a_record("PAUSED", pausedBeforeWave=1),
            "a resume, before wave 2 (Wave 2)",
        ),
        (a_record("CANCELLING"), "the jobs that were under way to end"),
        (a_record("COMPLETED"), "the state machine to end"),
        (
            a_record(
                "POLLING",
                [
                    a_wave(
                        0,
                        "IN_PROGRESS",
                        [a_server("a", "LAUNCHED"), a_server("b", "PENDING")],
                        jobId="drsjob-1",
                    )
                ],
            ),
            "DRS job drsjob-1: 1 of 2 servers of wave 1 (Wave 1) are not up",
        ),
        (
            a_record("RUNNING", [a_wave(0, "STARTED", serverCount=7)]),
            "DRS to accept the launch: 7 of 7 servers of wave 1",
        ),
    ],
)
def test_what_is_waited_for(record: Record, expected: str) -> None:
    seen = view(record, planned(2, 1), a_run("RUNNING"), 2000)

    assert seen.waiting_for.startswith(expected)


def test_an_ended_run_waits_for_nothing() -> None:
    seen = view(a_record("FAILED"), planned(1), a_run("FAILED"), 2000)

    assert seen.waiting_for == ""


def test_a_large_wave_is_counted_where_its_lists_are_empty() -> None:
    wave = a_wave(
        0, "IN_PROGRESS", serverCount=500, launchedCount=300, failedCount=2
    )

    (row,) = view(a_record("POLLING", [wave]), planned(500), None, 2000).waves

    assert (row.servers, row.launched, row.failed) == (500, 300, 2)
    assert row.moving == 198


def test_a_pause_can_be_released_once_its_token_is_stored() -> None:
    before = view(a_record("PAUSED", pausedBeforeWave=0), planned(1), None, 2)
    after = view(
        a_record("PAUSED", pausedBeforeWave=0, taskToken="t"),
        planned(1),
        None,
        2,
    )

    assert (before.resumable, after.resumable) == (False, True)


def test_changes_name_waves_and_servers() -> None:
    start = view(a_record("RUNNING"), planned(2), None, 1000)
    servers = [
        a_server("a", "LAUNCHED", recoveryInstanceId="i-1"),
        a_server("b", "FAILED", error="no capacity"),
    ]
    end = view(
        a_record("PARTIAL", [a_wave(0, "PARTIAL", servers)]),
        planned(2),
        None,
        1500,
    )

    assert list(changes(None, start)) == [
        f"Drill of plan small: {start.execution_id}",
        "Execution RUNNING, waits for the next wave to start",
    ]
    assert list(changes(start, end)) == [
        "  a (s-a) LAUNCHED as i-1",
        "  b (s-b) FAILED: no capacity",
        "Wave 1 (Wave 1) PARTIAL, 1 of 2 launched, 1 failed",
        "Execution PARTIAL",
    ]


def test_a_phase_and_a_new_wait_are_changes() -> None:
    wave = a_wave(
        0, "IN_PROGRESS", [a_server("a", "PENDING")], jobId="drsjob-1"
    )
    before = view(a_record("POLLING", [wave]), planned(1), None, 1000)
    after = view(
        a_record(
            "POLLING", [{**wave, "phase": "CONVERTING", "jobId": "drsjob-2"}]
        ),
        planned(1),
        None,
        1000,
    )

    found = list(changes(before, after))

    assert (
        found[0] == "Wave 1 (Wave 1) IN_PROGRESS CONVERTING, 0 of 1 launched"
    )
    assert found[1].startswith("Waits for DRS job drsjob-2")


def test_the_report_for_people_says_who_failed_and_why() -> None:
    servers = [
        a_server("a", "FAILED", error="no capacity"),
        a_server("b", "FAILED"),
    ]
    record = a_record(
        "FAILED",
        [a_wave(0, "FAILED", servers, endTime=1030, statusMessage="none up")],
        endTime=1031,
        errorMessage="wave 1 failed",
    )
    machine = a_run("FAILED", "PlanExecutionFailed", "a: no capacity")

    told = list(lines(view(record, planned(2, 1), machine, 2000), "generic"))

    assert told == [
        "Drill of small: FAILED after 31 s, 0 of 3 servers launched "
        "(generic orchestrator)",
        "  Wave 1 Wave 1: FAILED, 0 of 2 launched, 2 failed in 30 s",
        "    none up",
        "  Wave 2 Wave 2: NOT_STARTED, 0 of 1 launched",
        "  Failed: a (s-a) in wave 1 Wave 1: no capacity",
        "  Failed: b (s-b) in wave 1 Wave 1: the record names no reason",
        "  Reason: wave 1 failed",
        "  State machine FAILED: PlanExecutionFailed: a: no capacity",
    ]
