"""When a run goes on in a successor, and when its state sheds its lists."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.actions import ACTIONS
from shared.domain.errors import StateTooLarge
from shared.domain.execution import LARGE_STATE_BYTES, size_of
from shared.domain.status import RunStatus, Status
from tests.orchestration.peers import ARN, Stage
from tests.shared.builders import a_plan, a_record, a_wave


def polled(stage: Stage, **state: Any) -> dict[str, Any]:
    event = stage.event("poll_wave_status", **state)
    answer: dict[str, Any] = ACTIONS["poll_wave_status"](event, stage.ports)
    return answer


def test_the_poll_that_reaches_the_limit_names_the_successor_first() -> None:
    stage = Stage(a_record(Status.POLLING))

    state = polled(stage, history_events=3_991, poll_count=443)
    again = polled(stage, history_events=3_991, poll_count=443)

    assert state == again
    assert state["continue_as_new"] is True
    assert state["history_events"] == 5
    assert stage.record.next_state_machine_arn == f"{ARN}-cont-444"
    assert stage.executions.commits == 1


def test_the_poll_before_does_not_ask() -> None:
    stage = Stage(a_record(Status.POLLING))

    state = polled(stage, history_events=3_990)

    assert (state["continue_as_new"], state["history_events"]) == (False, 3999)
    assert stage.record.next_state_machine_arn == ""


def test_the_first_poll_of_a_successor_is_what_runs_now() -> None:
    stage = Stage(
        a_record(
            Status.POLLING,
            state_machine_arn="older",
            next_state_machine_arn=ARN,
        )
    )

    state = polled(stage, continue_as_new=True, history_events=5)
    polled(stage, continue_as_new=True, history_events=5)

    assert stage.record.state_machine_arn == ARN
    assert stage.record.next_state_machine_arn == ""
    assert (state["continue_as_new"], state["history_events"]) == (False, 14)
    assert stage.executions.commits == 1


def test_a_resume_that_reaches_the_limit_asks_too() -> None:
    stage = Stage(
        a_record(Status.PAUSED, paused_before_wave=1, task_token="t")
    )
    event = stage.event(
        "resume_wave", paused_before_wave=1, history_events=3_990
    )

    state = ACTIONS["resume_wave"](event, stage.ports)

    assert state["continue_as_new"] is True


@given(
    st.integers(0, 5_000),
    st.integers(0, 6),
    st.booleans(),
    st.sampled_from(RunStatus),
)
def test_only_a_run_that_goes_on_has_a_successor(
    events: int, retries: int, completed: bool, status: RunStatus
) -> None:
    stage = Stage(a_record(Status.POLLING))
    stage.query.adds(status=str(status), wave_completed=completed)
    event = stage.event("poll_wave_status", history_events=events)
    event["taskState"] = {"RetryCount": retries}

    state = ACTIONS["poll_wave_status"](event, stage.ports)

    used = events + 9 + 3 * retries + (2 if completed else 0)
    asks = used >= 4_000 and status is RunStatus.RUNNING
    assert state["continue_as_new"] is asks
    assert state["history_events"] == (5 if asks else used)


def test_a_state_near_its_limit_sheds_its_lists() -> None:
    stage = Stage(a_record(Status.POLLING))
    stage.query.adds(server_ids=["s-" + "0" * 17] * 2_400)

    state = polled(stage)

    assert state["large"] is True
    assert state["server_ids"] == state["waves"] == []
    assert size_of(state) < LARGE_STATE_BYTES
    assert stage.record.large


def test_a_run_that_is_large_already_is_not_marked_again() -> None:
    stage = Stage(a_record(Status.POLLING, large=True))
    stage.query.adds(server_ids=["s-" + "0" * 17] * 2_400)

    polled(stage)

    assert stage.executions.commits == 0


def test_a_state_that_does_not_fit_even_so_is_refused() -> None:
    stage = Stage(a_record(Status.POLLING))
    stage.query.adds(theirs="x" * 70_000)

    with pytest.raises(StateTooLarge):
        polled(stage)


def test_the_largest_plan_fits_into_the_state() -> None:
    plan = a_plan(*(a_wave(number) for number in range(200)))
    stage = Stage(a_record(Status.PENDING, large=True, total_waves=200), plan)

    state = ACTIONS["begin"](stage.begin(), stage.ports)

    assert size_of(state) < 8_192
    assert state["total_waves"] == 200
