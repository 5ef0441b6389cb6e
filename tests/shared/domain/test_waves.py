"""What follows a wave, and how a run ends."""

import pytest
from msgspec.structs import replace

from shared.domain.record import WaveEntry
from shared.domain.status import Event, LaunchStatus, Status, WaveStatus
from shared.domain.waves import (
    AwaitResume,
    EndRun,
    StartWave,
    at_boundary,
    ending,
    first_failure,
    reason_of_end,
    with_failed,
)
from tests.shared.builders import (
    a_failed_entry,
    a_plan,
    a_record,
    a_server,
    a_wave,
    an_entry,
)
from tests.support.fakes import NOON

W = WaveStatus


def test_a_wave_under_way_is_entered_again_before_anything_else() -> None:
    record = a_record(Status.POLLING, an_entry(0), an_entry(1, W.STARTED))

    after = at_boundary(a_plan(count=3), record, (), NOON)

    assert after.step == StartWave(number=1)
    assert after.passed_over == ()


def test_a_pause_request_holds_back_the_next_wave() -> None:
    record = a_record(Status.PAUSE_PENDING, an_entry(0))

    after = at_boundary(a_plan(count=3), record, (), NOON)

    assert after.step == AwaitResume(number=1)


def test_a_wave_skipped_as_satisfied_lets_its_dependants_run() -> None:
    plan = a_plan(a_wave(0), a_wave(1, depends_on_waves=(0,)))
    skipped = an_entry(0, W.SKIPPED, ())
    satisfied = an_entry(0, W.SKIPPED, (), satisfied=True)

    without = at_boundary(plan, a_record(Status.RUNNING, skipped), (), NOON)
    with_it = at_boundary(plan, a_record(Status.RUNNING, satisfied), (), NOON)

    assert isinstance(without.step, EndRun)
    assert without.passed_over[0].status is W.CANCELLED
    assert without.passed_over[0].protection_group_ids == ("group-1",)
    assert with_it.step == StartWave(number=1)


@pytest.mark.parametrize("status", [W.FAILED, W.PARTIAL, W.TIMEOUT])
def test_a_wave_that_did_not_complete_stops_the_run(status: W) -> None:
    record = a_record(Status.RUNNING, an_entry(0, status))

    assert at_boundary(a_plan(count=3), record, (), NOON).step == EndRun()


@pytest.mark.parametrize(
    ("states", "launched", "timed_out", "event"),
    [
        ((W.COMPLETED, W.COMPLETED, W.COMPLETED), 1, False, Event.COMPLETED),
        ((W.COMPLETED, W.COMPLETED, W.COMPLETED), 1, True, Event.TIMED_OUT),
        ((W.COMPLETED, W.TIMEOUT), 1, False, Event.TIMED_OUT),
        ((W.COMPLETED, W.FAILED), 1, False, Event.PARTIALLY_COMPLETED),
        (
            (W.COMPLETED, W.COMPLETED, W.SKIPPED),
            1,
            False,
            Event.PARTIALLY_COMPLETED,
        ),
        ((W.COMPLETED, W.COMPLETED), 1, False, Event.PARTIALLY_COMPLETED),
        ((W.FAILED, W.CANCELLED), 0, False, Event.FAILED),
        ((W.SKIPPED, W.SKIPPED, W.SKIPPED), 0, False, Event.FAILED),
        ((), 0, False, Event.FAILED),
    ],
)
def test_the_first_row_that_holds_is_the_outcome(
    states: tuple[W, ...], launched: int, timed_out: bool, event: Event
) -> None:
    server = LaunchStatus.LAUNCHED if launched else LaunchStatus.FAILED
    record = a_record(
        Status.POLLING,
        *(
            an_entry(number, status, (a_server(number, server),))
            for number, status in enumerate(states)
        ),
    )

    decided = ending(record, record.reserved, reason="", timed_out=timed_out)

    assert decided.event is event
    assert decided.completed == states.count(W.COMPLETED)


def test_a_plan_without_waves_never_completes() -> None:
    record = a_record(Status.RUNNING, total_waves=0)

    assert ending(record, (), reason="").event is Event.FAILED


def test_an_outcome_counts_servers_of_waves_that_never_ran() -> None:
    record = a_record(Status.POLLING, an_entry(0), a_failed_entry(1))

    outcome = ending(
        record, record.reserved, reason="x" * 900, details={"a": 1}
    ).outcome

    assert (outcome["servers"], outcome["launched"]) == (3, 1)
    assert (outcome["failed"], outcome["notStarted"]) == (1, 1)
    assert outcome["waves"] == {
        "completed": 1,
        "partial": 0,
        "failed": 1,
        "cancelled": 0,
        "notStarted": 1,
    }
    assert len(outcome["reason"]) == 500
    assert outcome["details"] == {"a": 1}


def test_a_failure_outweighs_a_skip_as_reason() -> None:
    record = a_record(
        Status.RUNNING, an_entry(0, W.SKIPPED, ()), a_failed_entry(1)
    )

    assert "host-1" in reason_of_end(record)
    assert "DRS reports FAILED" in reason_of_end(record)


def test_a_run_without_a_failure_names_its_skipped_wave() -> None:
    record = a_record(Status.RUNNING, an_entry(0), an_entry(1, W.SKIPPED, ()))

    assert reason_of_end(record) == "Wave 2 (tier 1): SKIPPED"
    assert reason_of_end(a_record(Status.RUNNING, an_entry(0))) == ""


def test_a_wave_is_not_named_twice() -> None:
    entry = an_entry(0, W.FAILED, (), status_message="No servers.")
    again = an_entry(0, W.FAILED, (), status_message=first_failure(entry))

    assert first_failure(entry) == "Wave 1 (tier 0): No servers."
    assert first_failure(again) == first_failure(entry)


def test_servers_that_ended_keep_what_they_became() -> None:
    entry = an_entry(0, W.IN_PROGRESS, (a_server(1), a_server(2, "PENDING")))

    failed = with_failed(entry, entry.server_ids, "ODD", "why")

    assert [s.launch_status for s in failed.server_statuses] == [
        "LAUNCHED",
        "FAILED",
    ]
    assert (failed.launched_count, failed.failed_count) == (1, 1)
    assert failed.pending_count == 0


def test_a_wave_that_is_passed_over_names_every_wave_it_waits_for() -> None:
    plan = a_plan(
        a_wave(0), a_wave(1), a_wave(2, depends_on_waves=(0, 1)), a_wave(3)
    )
    record = a_record(
        Status.RUNNING,
        an_entry(0, W.CANCELLED, ()),
        an_entry(1, W.CANCELLED, ()),
    )

    after = at_boundary(plan, record, (), NOON + 5)

    assert after.passed_over == (
        WaveEntry(
            wave_number=2,
            wave_name="tier 2",
            status=W.CANCELLED,
            start_time=NOON + 5,
            end_time=NOON + 5,
            region="",
            status_message="Not started: it depends on wave 1, 2, which did "
            "not complete.",
            protection_group_ids=("group-2",),
        ),
    )
    assert after.step == StartWave(number=3)


def test_a_failure_names_wave_server_and_reason() -> None:
    entry = with_failed(
        an_entry(1, W.FAILED, (a_server(1), a_server(2, "PENDING"))),
        ["s-00000000000000002"],
        "NO_ROOM",
        "x" * 900,
    )

    assert entry.server_statuses[0] == a_server(1)
    told = first_failure(entry)
    assert told.startswith(
        "Wave 2 (tier 1): server host-2 (s-00000000000000002) was not "
        "launched: xxx"
    )
    assert len(told) == 500 and told.endswith("x…")
    assert entry.server_statuses[1].error_code == "NO_ROOM"
    assert len(entry.server_statuses[1].error) == 500


@pytest.mark.parametrize(
    ("failed", "nor"),
    [
        (1, ""),
        (2, "; nor was host-2"),
        (3, "; nor were host-2 and host-3"),
        (4, "; nor were host-2, host-3 and host-4"),
        (9, "; nor were host-2, host-3, host-4 and 5 more"),
    ],
)
def test_a_failure_names_some_of_the_others(failed: int, nor: str) -> None:
    servers = tuple(a_server(n, "FAILED") for n in range(1, failed + 1))
    long = replace(servers[0], error="x" * 600)

    told = first_failure(an_entry(0, W.PARTIAL, servers))
    cut = first_failure(an_entry(0, W.PARTIAL, (long, *servers[1:])))

    assert told.endswith(f"was not launched: DRS reports FAILED{nor}")
    assert cut.endswith(f"x…{nor}") and len(cut) == 500


def test_a_time_limit_comes_before_what_failed_until_then() -> None:
    entry = an_entry(
        0,
        W.TIMEOUT,
        (a_server(1, "FAILED"), a_server(2, "PENDING")),
        status_message="The wave did not end within 60 s.",
    )

    assert first_failure(entry) == (
        "Wave 1 (tier 0): The wave did not end within 60 s."
    )


def test_servers_that_are_not_named_stay_as_they_are() -> None:
    entry = an_entry(0, W.IN_PROGRESS, (a_server(1, "PENDING"),))

    assert with_failed(entry, ["s-other"], "ODD", "why") == entry


def test_an_outcome_counts_the_waves_of_every_end() -> None:
    states = (W.COMPLETED, W.PARTIAL, W.PARTIAL, W.FAILED, W.TIMEOUT)
    by_choice = (W.CANCELLED, W.CANCELLED, W.CANCELLED, W.SKIPPED)
    record = a_record(
        Status.POLLING,
        *(an_entry(n, s) for n, s in enumerate((*states, *by_choice))),
        total_waves=9,
    )

    decided = ending(record, (), reason="")

    assert decided.failed == 4
    assert decided.outcome["waves"] == {
        "completed": 1,
        "partial": 2,
        "failed": 2,
        "cancelled": 3,
        "notStarted": 0,
        "skipped": 1,
    }
    assert "details" not in decided.outcome


def test_a_wave_behind_skipped_ones_alone_is_told_so() -> None:
    plan = a_plan(a_wave(0), a_wave(1), a_wave(2, depends_on_waves=(0, 1)))
    skipped = an_entry(0, W.SKIPPED, ())

    behind_skips = at_boundary(
        plan, a_record(Status.RUNNING, skipped, an_entry(1, W.SKIPPED)), (), 0
    )
    behind_both = at_boundary(
        plan,
        a_record(Status.RUNNING, skipped, an_entry(1, W.CANCELLED)),
        (),
        0,
    )

    assert behind_skips.passed_over[0].status_message == (
        "Not started: it depends on wave 1, 2, which was skipped."
    )
    assert behind_both.passed_over[0].status_message == (
        "Not started: it depends on wave 1, 2, which did not complete."
    )


def test_a_skipped_wave_tells_who_skipped_it() -> None:
    entry = an_entry(1, W.SKIPPED, (), status_message="by ann: no need")

    assert first_failure(entry) == (
        "Wave 2 (tier 1): skipped, by ann: no need"
    )


@pytest.mark.parametrize(
    ("entry", "servers"),
    [
        (an_entry(0, W.CANCELLED, ()), 3),
        (an_entry(0, W.SKIPPED, ()), 3),
        (an_entry(0, W.FAILED, ()), 2),
        (an_entry(0, W.CANCELLED, (a_server(7), a_server(8))), 4),
    ],
)
def test_reserved_servers_count_for_waves_that_have_none_of_their_own(
    entry: WaveEntry, servers: int
) -> None:
    record = a_record(Status.POLLING, entry)

    outcome = ending(record, record.reserved, reason="").outcome

    assert outcome["servers"] == servers
