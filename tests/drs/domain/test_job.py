"""What jobs and their logs tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.job import (
    Job,
    LogItem,
    Participant,
    WavePhase,
    held_servers,
    holds,
    is_active_launch,
    is_known,
    is_over,
    is_terminal,
    launch_actions,
    launch_errors,
    phase,
    skipped,
    unknown_statuses,
)


def a_job(status: str = "STARTED", **launches: str) -> Job:
    return Job(
        job_id="drsjob-1",
        status=status,
        participants=tuple(
            Participant(source_server_id=one, launch_status=launch)
            for one, launch in launches.items()
        ),
    )


def a_line(
    event: str, second: int = 0, server: str = "", error: str = ""
) -> LogItem:
    return LogItem(
        logged_at=f"2026-01-01T00:00:{second:02d}.000Z",
        event=event,
        source_server_id=server,
        error=error,
    )


@pytest.mark.parametrize(
    ("status", "over"),
    [
        ("PENDING", False),
        ("STARTED", False),
        ("COMPLETED", True),
        ("SOMETHING_NEW", False),
    ],
)
def test_only_a_completed_job_is_over(status: str, over: bool) -> None:
    assert is_over(a_job(status)) is over
    assert is_active_launch(a_job(status)) is not over


@pytest.mark.parametrize("launch", ["PENDING", "IN_PROGRESS", "NEW_STATUS"])
def test_a_job_holds_a_server_that_is_not_terminal(launch: str) -> None:
    assert holds(a_job(a=launch), "a")


@pytest.mark.parametrize("launch", ["LAUNCHED", "FAILED", "TERMINATED"])
def test_a_job_lets_a_terminal_server_go(launch: str) -> None:
    assert is_terminal(launch)
    assert not holds(a_job(a=launch), "a")


def test_a_job_holds_no_server_it_has_not() -> None:
    assert not holds(a_job(a="PENDING"), "b")


def test_a_job_that_is_over_or_launches_nothing_holds_nobody() -> None:
    terminating = Job(
        job_id="drsjob-2",
        status="STARTED",
        type="TERMINATE",
        participants=(Participant(source_server_id="a"),),
    )

    assert held_servers([a_job("COMPLETED", a="PENDING"), terminating]) == (
        frozenset()
    )


def test_an_unknown_launch_status_waits_and_can_be_told() -> None:
    assert not is_terminal("BOGUS")
    assert not is_known("BOGUS")
    assert is_known("IN_PROGRESS")


@pytest.mark.parametrize(
    ("runs", "status"),
    [
        ([], ""),
        (["SUCCEEDED", "SUCCEEDED"], "SUCCEEDED"),
        (["SUCCEEDED", "IN_PROGRESS"], "IN_PROGRESS"),
        (["IN_PROGRESS", "FAILED", "SUCCEEDED"], "FAILED"),
        (["NEW"], ""),
    ],
)
def test_the_actions_after_a_launch_have_one_status(
    runs: list[str], status: str
) -> None:
    participant = Participant(
        source_server_id="s-1",
        launch_actions_status={"runs": [{"status": one} for one in runs]},
    )

    assert launch_actions(participant) == status


def test_the_phase_follows_the_log_in_time_order() -> None:
    log = [
        a_line("LAUNCH_START", 9),
        a_line("JOB_START", 1),
        a_line("CONVERSION_START", 5),
    ]

    assert phase(log[1:2]) == WavePhase.STARTED
    assert phase(log[1:]) == WavePhase.CONVERTING
    assert phase(log) == WavePhase.LAUNCHING


@pytest.mark.parametrize(
    "event", ["LAUNCH_FAILED", "CONVERSION_END", "JOB_END", "LAUNCH_END"]
)
def test_only_the_exact_start_events_tell_a_phase(event: str) -> None:
    assert phase([a_line(event)]) == WavePhase.STARTED


@given(
    st.lists(
        st.sampled_from(
            ["JOB_START", "CONVERSION_START", "LAUNCH_START", "JOB_END"]
        ),
        max_size=20,
    ).flatmap(lambda events: st.tuples(st.just(events), st.randoms()))
)
def test_the_order_in_which_pages_came_does_not_matter(
    drawn: tuple[list[str], object],
) -> None:
    events, random = drawn
    lines = [a_line(event, n) for n, event in enumerate(events)]
    mixed = list(lines)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert phase(mixed) == phase(lines)


def test_skipped_servers_are_named_by_the_log() -> None:
    log = [
        a_line("SERVER_SKIPPED", 1, "s-1"),
        a_line("LAUNCH_START", 2, "s-2"),
        a_line("SERVER_SKIPPED", 3),
    ]

    assert skipped(log) == {"s-1"}


def test_the_latest_error_of_a_server_counts() -> None:
    log = [
        a_line("LAUNCH_FAILED", 9, "s-1", "no capacity"),
        a_line("CONVERSION_FAIL", 1, "s-1", "disk"),
        a_line("SERVER_SKIPPED", 2, "s-2"),
        a_line("LAUNCH_START", 3, "s-3", "not an error"),
    ]

    assert launch_errors(log) == {
        "s-1": "no capacity",
        "s-2": "SERVER_SKIPPED",
    }


def test_statuses_that_we_do_not_know_are_named_once_each() -> None:
    odd = tuple(
        Participant(source_server_id=f"s-{number}", launch_status=status)
        for number, status in enumerate(["ODD", "LAUNCHED", "ODD", "NEW"])
    )

    for known in ("PENDING", "STARTED", "COMPLETED"):
        job = Job(job_id="j", status=known, participants=odd)
        assert unknown_statuses(job) == ["NEW", "ODD"]
    assert unknown_statuses(Job(job_id="j", status="HALTED")) == ["HALTED"]
