"""Every way through the state machine, played with a scripted orchestrator."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.scenario_driver import definition
from tests.support.scenario_driver.attempts import Delayed
from tests.support.scenario_driver.clock import VirtualClock
from tests.support.scenario_driver.driver import Driver
from tests.support.scenario_driver.errors import TaskFailed
from tests.support.scenario_driver.run import Run

START = {
    "Execution": {"Id": "e-1"},
    "Plan": {"planId": "p-1", "planName": "plan", "waves": []},
    "isDrill": True,
    "resumeFromWave": None,
    "accountContext": {"accountId": ""},
}
BROKEN = TaskFailed("HandlerFailed", "the reply is no state")
BUSY = TaskFailed("HandlerUnavailable", "throttled")
EXITED = TaskFailed("Runtime.ExitError", "the process is gone")


def a_state(**fields: Any) -> dict[str, Any]:
    """Return what the definition reads of a state."""
    return {
        "execution_id": "e-1",
        "status": "running",
        "status_reason": None,
        "error": None,
        "wave_completed": False,
        "all_waves_completed": False,
        "continue_as_new": False,
        "current_wave_update_time": 30,
        "poll_count": 0,
        "accountContext": {},
    } | fields


DONE = a_state(status="completed", all_waves_completed=True)
FAILED = a_state(
    status="failed", wave_completed=True, error="s-1 did not launch"
)
PAUSED = a_state(status="paused", wave_completed=True)


class Script:
    """Plays the orchestrator: the replies of each action, in order."""

    def __init__(self, **replies: Any) -> None:
        """Give one reply or a list of them for each action."""
        self.calls: list[Mapping[str, Any]] = []
        self._replies = {
            action: list(given) if isinstance(given, list) else [given]
            for action, given in replies.items()
        }

    def __call__(self, payload: Any) -> Any:
        """Answer an action; the last reply is given again and again."""
        self.calls.append(payload)
        replies = self._replies.get(payload["action"], [{}])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def actions(self) -> list[str]:
        """Return the actions called, in order."""
        return [call["action"] for call in self.calls]


def a_driver(script: Script) -> Driver:
    """Return our state machine with a scripted orchestrator."""
    return Driver(definition.load(), script, VirtualClock())


def played(script: Script, data: Any = None) -> Run:
    """Play an execution to its end."""
    driver = a_driver(script)
    run = driver.start("e-1", START if data is None else data)
    driver.clock.run_until(lambda: not run.running)
    return run


def paused(script: Script) -> tuple[Driver, Run]:
    """Play an execution up to its pause."""
    driver = a_driver(script)
    run = driver.start("e-1", START)
    driver.clock.run_until(lambda: run.token is not None)
    return driver, run


def test_a_plan_is_polled_until_it_is_done() -> None:
    script = Script(begin=a_state(), poll_wave_status=[a_state(), DONE])

    run = played(script)

    assert (run.status, run.state) == ("SUCCEEDED", "PlanCompleted")
    assert script.actions == ["begin"] + ["poll_wave_status"] * 2
    assert run.stopped == run.started + 60


def test_begin_is_told_who_runs_it() -> None:
    script = Script(begin=DONE)

    run = played(script)

    assert script.calls[0] == {
        "action": "begin",
        "execution": "e-1",
        "started": {"Id": "e-1"},
        "plan": START["Plan"],
        "isDrill": True,
        "accountContext": START["accountContext"],
        "executionArn": run.arn,
        "taskState": {
            "Name": "InitiateWavePlan",
            "EnteredTime": "2026-01-01T00:00:00.000Z",
            "RetryCount": 0,
        },
    }


@pytest.mark.parametrize(
    ("state", "end", "error", "cause"),
    [
        (FAILED, "PlanFailed", "PlanExecutionFailed", "s-1 did not launch"),
        (
            a_state(status="timeout", status_reason="wave 1 took too long"),
            "PlanTimeout",
            "PlanExecutionTimeout",
            "wave 1 took too long",
        ),
        (
            a_state(
                status="cancelled",
                status_reason="by anna",
                all_waves_completed=True,
            ),
            "PlanCancelled",
            "PlanExecutionCancelled",
            "by anna",
        ),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_bad_end_says_why(
    state: Any, end: str, error: str, cause: str, at_once: bool
) -> None:
    begin = state if at_once else a_state()

    run = played(Script(begin=begin, poll_wave_status=state))

    assert (run.status, run.state) == ("FAILED", end)
    assert (run.error, run.cause) == (error, cause)


def test_a_wave_that_is_over_leads_to_the_next_poll() -> None:
    over = a_state(wave_completed=True)

    run = played(Script(begin=a_state(), poll_wave_status=[over, DONE]))

    assert run.entered.count("DetermineWavePlanState") == 2
    assert run.status == "SUCCEEDED"


def test_a_pause_ends_when_somebody_resumes() -> None:
    script = Script(begin=PAUSED, resume_wave=DONE)
    driver, run = paused(script)
    driver.clock.advance(30 * 86_400)
    assert run.state == "WaitForResume"

    driver.send_task_success(run.token or "", {"resumedBy": "anna"})
    driver.clock.run_until(lambda: not run.running)

    resumed = script.calls[-1]
    assert run.status == "SUCCEEDED"
    assert resumed["application"] == PAUSED | {"resume": {"resumedBy": "anna"}}
    assert resumed["executionArn"] == run.arn


def test_a_pause_may_follow_a_wave() -> None:
    script = Script(begin=a_state(), poll_wave_status=PAUSED)

    _, run = paused(script)

    assert script.calls[-1]["taskToken"] == run.token


def test_a_resumed_plan_may_pause_again() -> None:
    driver, run = paused(Script(begin=PAUSED, resume_wave=[PAUSED, DONE]))
    first = run.token or ""

    driver.send_task_success(first, {})
    driver.clock.run_until(lambda: run.token not in (None, first))
    driver.send_task_success(run.token or "", {})
    driver.clock.run_until(lambda: not run.running)

    assert run.entered.count("WaitForResume") == 2
    assert run.status == "SUCCEEDED"


def test_a_pause_that_is_cancelled_is_recorded_and_says_by_whom() -> None:
    script = Script(begin=PAUSED)
    driver, run = paused(script)

    driver.send_task_failure(run.token or "", "ExecutionCancelled", "by anna")
    driver.clock.run_until(lambda: not run.running)

    assert run.state == "PlanCancelledInPause"
    assert (run.error, run.cause) == ("PlanExecutionCancelled", "by anna")
    assert script.calls[-1]["outcome"] == "CANCELLED"
    assert script.calls[-1]["application"]["execution_id"] == "e-1"


def test_a_pause_that_nobody_ends_is_recorded_before_the_run_is_too_old() -> (
    None
):
    script = Script(begin=PAUSED)

    run = played(script)

    assert run.state == "PlanPauseTimeout"
    assert (run.error, run.cause) == (
        "PlanExecutionTimeout",
        "The pause was not resumed in time",
    )
    assert script.calls[-1]["outcome"] == "TIMEOUT"
    assert run.stopped == run.started + 31_449_600


def test_a_pause_that_breaks_is_recorded_as_failed() -> None:
    script = Script(begin=PAUSED, store_task_token=BROKEN)

    run = played(script)

    assert (run.state, run.cause) == ("PlanBroken", BROKEN.cause)
    assert script.calls[-1]["outcome"] == "FAILED"


@pytest.mark.parametrize(
    "script",
    [
        Script(begin=BROKEN),
        Script(begin=a_state(), poll_wave_status=BROKEN),
        Script(
            begin=a_state(), poll_wave_status=BROKEN, record_outcome=BROKEN
        ),
    ],
    ids=["begin", "poll", "and the record too"],
)
def test_a_broken_task_ends_the_run_with_its_cause(script: Script) -> None:
    run = played(script)

    assert (run.status, run.state) == ("FAILED", "PlanBroken")
    assert (run.error, run.cause) == ("PlanExecutionFailed", BROKEN.cause)
    failure = {"Error": "HandlerFailed", "Cause": BROKEN.cause}
    assert script.calls[-1]["failure"] == failure


def test_a_start_that_breaks_is_recorded_with_its_input() -> None:
    script = Script(begin=BROKEN)

    played(script)

    recorded = script.calls[-1]["application"]
    assert recorded["Execution"] == {"Id": "e-1"}


def test_a_failure_with_an_empty_cause_is_given_one() -> None:
    run = played(Script(begin=TaskFailed("HandlerFailed", "")))

    assert run.state == "PlanBrokenSilently"


@pytest.mark.parametrize("gone", [BUSY, EXITED])
def test_an_unavailable_handler_is_asked_again(gone: TaskFailed) -> None:
    script = Script(begin=a_state(), poll_wave_status=[gone, gone, DONE])

    run = played(script)

    counts = [c["taskState"]["RetryCount"] for c in script.calls[1:]]
    assert run.status == "SUCCEEDED"
    assert counts == [0, 1, 2]
    assert run.stopped == run.started + 30 + 5 + 10


def test_an_unavailable_handler_is_given_up_after_four_retries() -> None:
    script = Script(begin=a_state(), poll_wave_status=BUSY)

    run = played(script)

    assert script.actions.count("poll_wave_status") == 5
    assert run.state == "PlanBroken"


def test_a_fault_of_lambda_itself_is_retried_six_times() -> None:
    script = Script(begin=TaskFailed("Lambda.TooManyRequestsException"))

    played(script)

    assert script.actions.count("begin") == 7


def test_a_function_that_never_answers_is_recorded() -> None:
    lost = Delayed(after=1000, reply=DONE)
    script = Script(begin=a_state(), poll_wave_status=lost)

    run = played(script)

    assert (run.status, run.state) == ("FAILED", "PlanBrokenSilently")
    assert run.error == "PlanExecutionFailed"
    assert "takes too long" in (run.cause or "")
    assert script.calls[-1]["action"] == "record_outcome"
    assert script.calls[-1]["failure"]["Error"] == "States.Timeout"


def test_a_long_run_hands_over_to_a_successor() -> None:
    full = a_state(continue_as_new=True, poll_count=440)
    script = Script(begin=a_state(), poll_wave_status=[full, DONE])
    driver = a_driver(script)

    run = driver.start("e-1", START)
    driver.clock.run_all()

    successor = driver.run(driver.arn_of("e-1-cont-440"))
    assert (run.status, run.state) == ("SUCCEEDED", "PlanContinued")
    assert (successor.status, successor.state) == (
        "SUCCEEDED",
        "PlanCompleted",
    )
    assert successor.input == {
        "Execution": {"Id": "e-1"},
        "continuation": full,
    }
    assert script.calls[-1]["application"] == full
    assert script.calls[-1]["executionArn"] == successor.arn


def test_a_successor_that_runs_already_is_success() -> None:
    full = a_state(continue_as_new=True, poll_count=440)
    driver = a_driver(Script(begin=a_state(), poll_wave_status=full))
    other = {"Execution": {"Id": "e-1"}, "continuation": PAUSED}
    driver.start("e-1-cont-440", other)

    run = driver.start("e-1", START)
    driver.clock.run_until(lambda: not run.running)

    assert (run.status, run.state) == ("SUCCEEDED", "PlanContinued")


def test_a_state_that_outgrew_the_limit_is_told_by_the_end_event() -> None:
    large = a_state(waves=["x" * 300_000])
    script = Script(begin=a_state(), poll_wave_status=large)

    run = played(script)

    assert (run.status, run.error) == ("FAILED", "States.DataLimitExceeded")


def test_the_history_grows_as_the_orchestrator_counts_it() -> None:
    """10 for begin, 9 a poll, 3 a retry, at most 15 a pause and resume."""
    script = Script(
        begin=a_state(), poll_wave_status=[BUSY, PAUSED], resume_wave=a_state()
    )
    driver, run = paused(script)
    driver.clock.settle()
    paused_at = len(run.events)

    driver.send_task_success(run.token or "", {})
    driver.clock.run_until(lambda: run.state == "UpdateWaveStatus")

    assert paused_at <= 10 + 9 + 3 + 4
    assert len(run.events) - 3 <= 10 + 9 + 3 + 15
