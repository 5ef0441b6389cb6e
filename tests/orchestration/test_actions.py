"""The orchestrator's actions, sentence by sentence of the contract."""

from typing import Any

import pytest

from orchestration.actions import ACTIONS
from shared.domain.errors import (
    BadRequest,
    DatabaseError,
    DrError,
    DrsUnavailable,
    HandlerFailed,
    HandlerUnavailable,
    NotFound,
    StateTooLarge,
    Unavailable,
)
from shared.domain.record import Record
from shared.domain.status import Status, WaveStatus
from tests.orchestration.peers import ARN, Stage
from tests.shared.builders import (
    KEY,
    a_failed_entry,
    a_plan,
    a_record,
    a_wave,
    an_entry,
)

PASSING = [HandlerUnavailable, DrsUnavailable, DatabaseError, HandlerFailed]


def did(stage: Stage, event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = ACTIONS[event["action"]](event, stage.ports)
    return answer


def test_a_begin_writes_running_and_starts_the_first_wave() -> None:
    stage = Stage(a_record(Status.PENDING))
    stage.execution.adds(job_id="drsjob-1")

    state = did(stage, stage.begin())

    [(action, payload)] = stage.execution.calls
    assert (action, payload["wave_number"]) == ("start_wave_recovery", 0)
    assert stage.record.status is Status.RUNNING
    assert stage.record.state_machine_arn == ARN
    assert (state["status"], state["history_events"]) == ("running", 10)
    assert stage.notifier.events == ["start"]


def test_a_begin_counts_its_own_retries() -> None:
    stage = Stage(a_record(Status.PENDING))

    state = did(stage, stage.begin(taskState={"RetryCount": 2}))

    assert state["history_events"] == 16


def test_a_repeated_begin_enters_the_wave_that_has_started() -> None:
    started = an_entry(0, WaveStatus.STARTED, intent_count=1)
    stage = Stage(a_record(Status.POLLING, started))
    stage.execution.adds(job_id="drsjob-1")

    first = did(stage, stage.begin())
    second = did(stage, stage.begin())

    assert first == second
    assert [call[1]["wave_number"] for call in stage.execution.calls] == [0, 0]
    assert stage.notifier.events == ["start"]


def test_a_begin_pauses_before_a_first_wave_that_says_so() -> None:
    plan = a_plan(a_wave(0, pause_before_wave=True), a_wave(1))
    stage = Stage(a_record(Status.PENDING), plan)

    state = did(stage, stage.begin())
    again = did(stage, stage.begin())

    assert state == again
    assert (state["status"], state["paused_before_wave"]) == ("paused", 0)
    assert stage.record.status is Status.PAUSED
    assert stage.execution.calls == []


def test_a_begin_reads_the_waves_of_a_large_run_from_the_snapshot() -> None:
    stage = Stage(a_record(Status.PENDING, large=True))
    event = stage.begin()
    event["plan"]["waves"] = []

    state = did(stage, event)

    assert (state["large"], state["waves"]) == (True, [])
    assert state["total_waves"] == 3
    assert stage.execution.calls[0][1]["wave_number"] == 0


def test_a_begin_passes_over_a_wave_that_was_skipped() -> None:
    skipped = an_entry(0, WaveStatus.SKIPPED, servers=())
    stage = Stage(a_record(Status.PENDING, skipped))

    state = did(stage, stage.begin())

    assert stage.execution.calls[0][1]["wave_number"] == 1
    assert state["wave_results"][0]["status"] == "SKIPPED"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.CANCELLING, "cancelled"),
        (Status.CANCELLED, "cancelled"),
        (Status.FAILED, "failed"),
        (Status.PARTIAL, "failed"),
        (Status.TIMEOUT, "timeout"),
        (Status.COMPLETED, "completed"),
    ],
)
def test_a_begin_of_a_run_that_has_ended_starts_nothing(
    status: Status, told: str
) -> None:
    stage = Stage(a_record(status))
    before = stage.record

    state = did(stage, stage.begin())

    assert state["status"] == told
    assert state["status_reason"]
    assert stage.execution.calls == []
    assert stage.record == before


def test_a_begin_without_a_record_writes_no_stub() -> None:
    stage = Stage(a_record(Status.PENDING))
    stage.executions.forget(KEY)

    with pytest.raises(NotFound):
        did(stage, stage.begin())

    assert KEY not in stage.executions.items


def test_a_plan_without_waves_fails_in_the_record_first() -> None:
    stage = Stage(a_record(Status.PENDING, total_waves=0))
    stage.executions.items = {
        key: item
        for key, item in stage.executions.items.items()
        if "#plan" not in key[1]
    }
    event = stage.begin()
    event["plan"]["waves"] = []

    state = did(stage, event)

    assert (state["status"], state["error_code"]) == (
        "failed",
        "PLAN_HAS_NO_WAVES",
    )
    assert state["error"]
    assert stage.record.status is Status.FAILED
    assert stage.record.error_code == "PLAN_HAS_NO_WAVES"


def test_a_plan_whose_waves_wait_in_a_circle_fails() -> None:
    plan = a_plan(
        a_wave(0, depends_on_waves=(1,)), a_wave(1, depends_on_waves=(0,))
    )
    stage = Stage(a_record(Status.PENDING), plan)

    state = did(stage, stage.begin())

    assert state["error_code"] == "CIRCULAR_DEPENDENCY"
    assert stage.record.status is Status.FAILED


@pytest.mark.parametrize("missing", ["plan", "execution"])
def test_a_begin_without_its_fields_is_refused(missing: str) -> None:
    stage = Stage(a_record(Status.PENDING))
    event = stage.begin()
    del event[missing]

    with pytest.raises(BadRequest, match=missing):
        did(stage, event)


def test_a_typed_error_of_a_peer_is_in_the_record_before_the_state() -> None:
    stage = Stage(a_record(Status.PENDING))
    stage.execution.fails(NotFound("No group db.", code="GROUP"))

    state = did(stage, stage.begin())

    assert stage.record.status is Status.FAILED
    assert stage.record.error_code == "GROUP"
    assert state["status"] == "failed"
    assert state["wave_completed"] is True
    assert "No group db." in state["error"]
    assert state["error_code"] == "GROUP"
    assert stage.locked == []


@pytest.mark.parametrize("kind", [*PASSING, StateTooLarge])
@pytest.mark.parametrize("action", ["begin", "poll_wave_status"])
def test_what_says_nothing_of_the_run_passes_and_ends_nothing(
    kind: type[DrError], action: str
) -> None:
    stage = Stage(a_record(Status.RUNNING))
    stage.execution.fails(kind("not now"))
    stage.query.fails(kind("not now"))
    event = stage.begin() if action == "begin" else stage.event(action)

    with pytest.raises(kind):
        did(stage, event)

    assert stage.record.status is Status.RUNNING


@pytest.mark.parametrize(
    "reply",
    [None, [], {"execution_id": "x", "status": "running"}, {"status": "on"}],
)
def test_a_reply_that_is_no_state_of_ours_is_a_failed_handler(
    reply: Any,
) -> None:
    stage = Stage(a_record(Status.RUNNING))
    stage.query.answers(lambda _: reply)

    with pytest.raises(HandlerFailed):
        did(stage, stage.event("poll_wave_status"))


def test_a_poll_is_counted_and_its_reply_replaces_the_state() -> None:
    stage = Stage(a_record(Status.POLLING))
    stage.query.adds(current_wave_update_time=2)
    event = stage.event("poll_wave_status", poll_count=4, history_events=50)

    state = did(stage, event)

    assert state["current_wave_update_time"] == 2
    assert (state["poll_count"], state["history_events"]) == (5, 59)
    assert state["continue_as_new"] is False


def test_a_poll_accepts_a_state_that_is_not_nested() -> None:
    stage = Stage(a_record(Status.POLLING))
    event = stage.event("poll_wave_status")
    flat = {**event["application"], "action": "poll_wave_status"}

    assert did(stage, flat)["poll_count"] == 1


def test_a_typed_error_of_a_poll_ends_the_run_as_failed() -> None:
    stage = Stage(a_record(Status.POLLING))
    stage.query.fails(BadRequest("unreadable", code="ODD"))

    state = did(stage, stage.event("poll_wave_status"))

    assert (state["status"], state["error"]) == ("failed", "unreadable")
    assert stage.record.status is Status.FAILED


def test_a_start_is_told_when_an_earlier_wave_had_no_job() -> None:
    stage = Stage(a_record(Status.POLLING, a_failed_entry(0)))
    stage.query.adds(job_id="drsjob-2", failed_waves=1)

    did(stage, stage.event("poll_wave_status", failed_waves=1))

    assert stage.notifier.events == ["start"]


def test_a_token_is_stored_and_told_to_nobody() -> None:
    stage = Stage(a_record(Status.PAUSED, paused_before_wave=1))
    event = stage.event("store_task_token", paused_before_wave=1)
    event["taskToken"] = "very-secret"

    reply = did(stage, event)
    did(stage, event)

    assert stage.record.task_token == "very-secret"
    assert stage.record.paused_before_wave == 1
    assert stage.notifier.events == ["pause"]
    assert "very-secret" not in str(reply) + str(stage.notifier.sent)
    assert "dro resume" in stage.notifier.texts[0]


@pytest.mark.parametrize("token", [None, "", 7])
def test_a_pause_without_a_token_is_refused(token: object) -> None:
    stage = Stage(a_record(Status.PAUSED, paused_before_wave=1))
    event = stage.event("store_task_token", paused_before_wave=1)

    with pytest.raises(BadRequest, match="taskToken"):
        did(stage, {**event, "taskToken": token})


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.CANCELLING])
def test_a_pause_that_was_cancelled_meanwhile_fails_its_own_token(
    status: Status,
) -> None:
    stage = Stage(a_record(status))
    event = stage.event("store_task_token", paused_before_wave=1)

    did(stage, {**event, "taskToken": "t"})

    [(token, error, cause)] = stage.callbacks.failed
    assert (token, error) == ("t", "ExecutionCancelled")
    assert cause
    assert stage.record.task_token == ""


def paused(**more: Any) -> Record:
    return a_record(
        Status.PAUSED, **{"paused_before_wave": 1, "task_token": "t", **more}
    )


def a_resume(stage: Stage, **more: Any) -> dict[str, Any]:
    return stage.event(
        "resume_wave",
        status="paused",
        paused_before_wave=1,
        resume={"resumedBy": "ada"},
        **more,
    )


def test_a_resume_writes_running_and_starts_the_paused_wave() -> None:
    stage = Stage(paused())

    state = did(stage, a_resume(stage))

    assert stage.record.status is Status.RUNNING
    assert stage.record.task_token == ""
    assert stage.record.paused_before_wave is None
    assert stage.record.resumed_by == "ada"
    assert stage.execution.calls[0][1]["wave_number"] == 1
    assert (state["status"], state["paused_before_wave"]) == ("running", None)
    assert state["wave_completed"] is False
    assert "resume" not in state
    assert state["history_events"] == 25


def test_a_repeated_resume_enters_the_start_again() -> None:
    stage = Stage(paused())

    first = did(stage, a_resume(stage))
    second = did(stage, a_resume(stage))

    assert first == second
    assert [c[1]["wave_number"] for c in stage.execution.calls] == [1, 1]
    assert stage.notifier.events == ["resume"]


@pytest.mark.parametrize(
    "anew", [{"task_token": ""}, {"paused_before_wave": 2}]
)
def test_a_resume_that_finds_a_pause_anew_answers_paused(
    anew: dict[str, Any],
) -> None:
    stage = Stage(paused(**anew))

    state = did(stage, a_resume(stage))

    assert state["status"] == "paused"
    assert state["paused_before_wave"] == anew.get("paused_before_wave", 1)
    assert stage.execution.calls == []
    assert stage.record.status is Status.PAUSED


def test_a_resume_of_a_wave_skipped_meanwhile_goes_on_with_the_next() -> None:
    skipped = an_entry(1, WaveStatus.SKIPPED, servers=())
    stage = Stage(paused(waves=(skipped,), entered_waves=frozenset({1})))
    stage.executions.has(
        a_record(
            Status.PAUSED,
            an_entry(0),
            skipped,
            paused_before_wave=1,
            task_token="t",
        )
    )

    did(stage, a_resume(stage))

    assert [c[1]["wave_number"] for c in stage.execution.calls] == [2]


def test_a_resume_of_a_cancelled_run_answers_cancelled() -> None:
    stage = Stage(a_record(Status.CANCELLED, cancelled_by="ada"))

    state = did(stage, a_resume(stage))

    assert state["status"] == "cancelled"
    assert "ada" in state["status_reason"]
    assert stage.execution.calls == []


def test_a_resume_without_a_pause_is_refused() -> None:
    stage = Stage(paused())

    with pytest.raises(BadRequest, match="paused"):
        did(stage, stage.event("resume_wave"))


def a_pause(stage: Stage) -> dict[str, Any]:
    event = stage.event("store_task_token", paused_before_wave=1)
    return {**event, "taskToken": "another"}


def a_last_poll(stage: Stage) -> dict[str, Any]:
    return stage.event("poll_wave_status", history_events=4_000)


def a_first_poll(stage: Stage) -> dict[str, Any]:
    return stage.event("poll_wave_status", continue_as_new=True)


def a_begin(stage: Stage) -> dict[str, Any]:
    return stage.begin()


ASKED = [
    (a_begin, Status.PENDING),
    (a_pause, Status.PAUSED),
    (a_resume, Status.PAUSED),
    (a_last_poll, Status.POLLING),
    (a_first_poll, Status.POLLING),
]


@pytest.mark.parametrize(("asked", "status"), ASKED)
def test_an_action_decides_again_when_the_record_changed(
    asked: Any, status: Status
) -> None:
    more = {"paused_before_wave": 1} if status is Status.PAUSED else {}
    stage = Stage(a_record(status, **more, task_token="t"))
    event = asked(stage)
    stage.is_disturbed(2)

    did(stage, event)

    assert stage.executions.commits == 1


@pytest.mark.parametrize(("asked", "status"), ASKED)
def test_an_action_whose_record_never_rests_is_to_be_tried_again(
    asked: Any, status: Status
) -> None:
    more = {"paused_before_wave": 1} if status is Status.PAUSED else {}
    stage = Stage(a_record(status, **more, task_token="t"))
    event = asked(stage)
    stage.is_disturbed(50)

    with pytest.raises(Unavailable, match="changed by others"):
        did(stage, event)
