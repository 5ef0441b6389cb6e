"""The table of transitions, row by row, and how statuses are read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.status import (
    ACTIVE,
    TERMINAL,
    TRANSITIONS,
    Event,
    IllegalTransition,
    RunStatus,
    Status,
    WaveStatus,
    after,
    follows,
    run_status,
)

S = Status
OLDER = {S.INITIATED, S.LAUNCHING, S.STARTED, S.IN_PROGRESS}
RUNS = {S.RUNNING, S.POLLING, *OLDER}
UNDER_WAY = {*RUNS, S.PAUSE_PENDING}
UNCANCELLED = ACTIVE - {S.CANCELLING}

# Event: where it comes from and what it leads to, as the contract's rows.
ROWS: dict[Event, tuple[set[Status] | frozenset[Status], Status]] = {
    Event.BEGUN: ({S.PENDING, S.RUNNING}, S.RUNNING),
    Event.JOB_ACCEPTED: (RUNS, S.POLLING),
    Event.PAUSE_REQUESTED: (
        {S.RUNNING, S.POLLING, S.IN_PROGRESS},
        S.PAUSE_PENDING,
    ),
    Event.PAUSE_REACHED: ({*UNDER_WAY, S.PAUSED}, S.PAUSED),
    Event.TOKEN_STORED: ({S.PAUSED}, S.PAUSED),
    Event.RESUMED: ({S.PAUSED}, S.RUNNING),
    Event.CANCEL_REQUESTED: ({*UNDER_WAY, S.PAUSED}, S.CANCELLING),
    Event.CANCELLED_AT_REST: ({S.PENDING, S.PAUSED}, S.CANCELLED),
    Event.DRAINED: ({S.CANCELLING}, S.CANCELLED),
    Event.CANCELLED_BY_MACHINE: (UNCANCELLED, S.CANCELLED),
    Event.COMPLETED: (UNCANCELLED, S.COMPLETED),
    Event.PARTIALLY_COMPLETED: (UNCANCELLED, S.PARTIAL),
    Event.FAILED: (UNCANCELLED, S.FAILED),
    Event.TIMED_OUT: (UNCANCELLED, S.TIMEOUT),
}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_the_table_has_the_rows_of_the_contract_and_no_other(
    status: Status, event: Event
) -> None:
    sources, reached = ROWS[event]

    assert follows(status, event) == (reached if status in sources else None)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_a_move_that_the_table_lacks_is_refused_by_name(
    status: Status, event: Event
) -> None:
    if follows(status, event) is not None:
        assert after(status, event) == follows(status, event)
        return

    with pytest.raises(IllegalTransition) as refused:
        after(status, event)

    assert refused.value.code == "ILLEGAL_TRANSITION"
    assert refused.value.status == 409
    assert str(status) in refused.value.message
    assert str(event) in refused.value.message


@given(st.sampled_from(Status), st.lists(st.sampled_from(Event)))
def test_whatever_happens_a_terminal_status_is_the_last(
    status: Status, events: list[Event]
) -> None:
    for event in events:
        reached = follows(status, event)
        if status.is_terminal:
            assert reached is None
        status = reached or status


def test_every_status_has_a_row_and_every_active_one_a_way_out() -> None:
    assert set(TRANSITIONS) == set(Status)
    assert TERMINAL | ACTIVE == set(Status)
    for status in ACTIVE:
        assert any(end in TERMINAL for end in TRANSITIONS[status].values())


def test_only_a_drain_ends_what_is_being_cancelled() -> None:
    assert TRANSITIONS[S.CANCELLING] == {Event.DRAINED: S.CANCELLED}


def test_a_cancelled_run_is_one_that_a_person_ended_or_is_ending() -> None:
    assert {s for s in Status if s.is_cancel} == {S.CANCELLING, S.CANCELLED}


def test_the_state_machine_is_told_what_each_status_means() -> None:
    told = {status: run_status(status) for status in Status}

    assert told.pop(S.COMPLETED) is RunStatus.COMPLETED
    assert told.pop(S.PARTIAL) is RunStatus.FAILED
    assert told.pop(S.FAILED) is RunStatus.FAILED
    assert told.pop(S.TIMEOUT) is RunStatus.TIMEOUT
    assert told.pop(S.CANCELLED) is RunStatus.CANCELLED
    assert told.pop(S.CANCELLING) is RunStatus.CANCELLED
    assert told.pop(S.PAUSED) is RunStatus.PAUSED
    assert set(told.values()) == {RunStatus.RUNNING}


@pytest.mark.parametrize(
    ("older", "read"),
    [
        ("PENDING", WaveStatus.IN_PROGRESS),
        ("POLLING", WaveStatus.IN_PROGRESS),
        ("LAUNCHING", WaveStatus.IN_PROGRESS),
        ("INITIATED", WaveStatus.IN_PROGRESS),
        ("ERROR", WaveStatus.FAILED),
    ],
)
def test_wave_statuses_of_older_records_are_read(
    older: str, read: WaveStatus
) -> None:
    assert msgspec.convert(older, WaveStatus) is read


def test_a_wave_status_that_nobody_ever_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="DANCING"):
        WaveStatus("DANCING")


def test_a_wave_is_over_unless_it_started_or_is_in_progress() -> None:
    assert set(WaveStatus) - WaveStatus.final() == {
        WaveStatus.STARTED,
        WaveStatus.IN_PROGRESS,
    }


def test_a_refused_event_says_what_is_wrong_and_what_helps() -> None:
    with pytest.raises(IllegalTransition) as refused:
        after(S.COMPLETED, Event.RESUMED)

    assert refused.value.body() == {
        "error": "ILLEGAL_TRANSITION",
        "message": "An execution that is COMPLETED cannot be changed by "
        "RESUMED; read it again and decide anew.",
    }
