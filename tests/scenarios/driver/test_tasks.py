"""Retries, catches, time limits and callbacks of tasks."""

import time
from typing import Any

import pytest

from tests.scenarios.driver.machines import (
    DONE,
    Replies,
    a_callback,
    a_driver,
    a_machine,
    a_task,
)
from tests.support.scenario_driver import definition
from tests.support.scenario_driver.attempts import Delayed
from tests.support.scenario_driver.clock import VirtualClock
from tests.support.scenario_driver.driver import Driver
from tests.support.scenario_driver.errors import (
    InvalidOutput,
    TaskDoesNotExist,
    TaskFailed,
    TaskTimedOut,
)
from tests.support.scenario_driver.ports import DrivenCallbacks, DrivenMachine
from tests.support.scenario_driver.run import Run

TWICE = {
    "ErrorEquals": ["Busy"],
    "IntervalSeconds": 5,
    "BackoffRate": 2,
    "MaxAttempts": 2,
}
TO_DONE = {
    "ErrorEquals": ["States.ALL"],
    "ResultPath": "$.failure",
    "Next": "Done",
}
BUSY = TaskFailed("Busy", "try later")


def the_run(task: dict[str, Any], invoke: Any, data: Any = None) -> Run:
    """Run a machine of one task to its end."""
    driver = a_driver(a_machine(Ask=task, Done=DONE), invoke)
    run = driver.start("one", {} if data is None else data)
    driver.clock.run_until(lambda: not run.running)
    return run


def test_a_reply_becomes_the_output() -> None:
    run = the_run(a_task(), Replies({"a": 2}), {"a": 1})

    assert (run.status, run.output) == ("SUCCEEDED", {"a": 2})


def test_a_reply_is_data_not_an_object_of_the_function() -> None:
    reply: dict[str, Any] = {"list": []}
    run = the_run(a_task(), Replies(reply))

    reply["list"].append("later")

    assert run.output == {"list": []}


def test_a_retried_task_waits_longer_each_time() -> None:
    invoke = Replies(BUSY, BUSY, {"ok": True})

    run = the_run(a_task(Retry=[TWICE]), invoke)

    assert run.output == {"ok": True}
    assert run.stopped == run.started + 5 + 10
    assert run.retries == 2
    assert run.entered == ["Ask", "Done"]


def test_the_context_counts_the_retries() -> None:
    task = a_task(
        Retry=[TWICE],
        Parameters={
            "FunctionName": "f",
            "Payload.$": "$$.State.RetryCount",
        },
    )
    invoke = Replies(BUSY, BUSY, {})

    the_run(task, invoke)

    assert invoke.payloads == [0, 1, 2]


def test_a_task_that_stays_broken_fails_the_run() -> None:
    run = the_run(a_task(Retry=[TWICE]), Replies(BUSY))

    assert (run.status, run.error, run.cause) == (
        "FAILED",
        "Busy",
        "try later",
    )


def test_each_retrier_counts_for_itself() -> None:
    other = dict(TWICE, ErrorEquals=["Other"], MaxAttempts=1)
    lost = TaskFailed("Other")
    invoke = Replies(BUSY, lost, BUSY, {"ok": True})

    run = the_run(a_task(Retry=[TWICE, other]), invoke)

    assert run.output == {"ok": True}


def test_a_retrier_of_no_attempts_keeps_its_errors_from_the_next() -> None:
    none = {"ErrorEquals": ["Busy"], "MaxAttempts": 0}
    every = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 6}
    invoke = Replies(BUSY)

    run = the_run(a_task(Retry=[none, every]), invoke)

    assert run.status == "FAILED"
    assert len(invoke.payloads) == 1


def test_a_caught_error_joins_the_input() -> None:
    run = the_run(a_task(Catch=[TO_DONE]), Replies(BUSY), {"a": 1})

    assert run.status == "SUCCEEDED"
    assert run.output == {
        "a": 1,
        "failure": {"Error": "Busy", "Cause": "try later"},
    }


def test_a_catch_may_drop_the_error() -> None:
    catch = dict(TO_DONE, ResultPath=None)

    run = the_run(a_task(Catch=[catch]), Replies(BUSY), {"a": 1})

    assert run.output == {"a": 1}


def test_a_catch_comes_after_the_retries() -> None:
    invoke = Replies(BUSY)

    run = the_run(a_task(Retry=[TWICE], Catch=[TO_DONE]), invoke)

    assert len(invoke.payloads) == 3
    assert run.status == "SUCCEEDED"


def test_the_first_catch_that_matches_wins() -> None:
    named = dict(TO_DONE, ErrorEquals=["Busy"], ResultPath="$.busy")

    run = the_run(a_task(Catch=[named, TO_DONE]), Replies(BUSY))

    assert list(run.output) == ["busy"]


@pytest.mark.parametrize(
    "error", ["States.Runtime", "States.DataLimitExceeded"]
)
def test_some_errors_cannot_be_caught(error: str) -> None:
    run = the_run(a_task(Catch=[TO_DONE]), Replies(TaskFailed(error)))

    assert (run.status, run.error) == ("FAILED", error)


def test_task_failed_covers_everything_but_the_time_limit() -> None:
    catch = dict(TO_DONE, ErrorEquals=["States.TaskFailed"])
    late = Delayed(after=11, reply={})

    assert the_run(a_task(Catch=[catch]), Replies(BUSY)).error is None
    timed = the_run(a_task(Catch=[catch], TimeoutSeconds=10), Replies(late))
    assert timed.error == "States.Timeout"


def test_a_slow_function_holds_its_run_alone() -> None:
    run = the_run(a_task(), Replies(Delayed(after=90, reply={"a": 1})))

    assert run.output == {"a": 1}
    assert run.stopped == run.started + 90


def test_a_slow_function_may_fail() -> None:
    run = the_run(a_task(), Replies(Delayed(after=90, error=BUSY)))

    assert (run.error, run.stopped) == ("Busy", run.started + 90)


def test_a_reply_after_the_time_limit_is_lost() -> None:
    late = Delayed(after=400, reply={"late": True})

    run = the_run(a_task(TimeoutSeconds=390, Catch=[TO_DONE]), Replies(late))

    assert run.output == {"failure": {"Error": "States.Timeout"}}
    assert run.stopped == run.started + 390


def test_a_payload_above_the_limit_ends_the_run() -> None:
    run = the_run(a_task(Catch=[TO_DONE]), Replies({"a": "x" * 262_144}))

    assert (run.status, run.error) == ("FAILED", "States.DataLimitExceeded")


def test_the_limit_counts_bytes_not_characters() -> None:
    run = the_run(a_task(), Replies({"a": "ä" * 140_000}))

    assert run.error == "States.DataLimitExceeded"


def test_an_answer_to_the_token_ends_the_task() -> None:
    driver = a_driver(a_machine(Ask=a_callback(), Done=DONE))
    run = driver.start("one", {"a": 1})
    driver.clock.advance(30 * 86_400)
    assert run.running and run.token is not None

    driver.send_task_success(run.token, {"by": "me"})
    driver.clock.run_all()

    assert run.output == {"a": 1, "answer": {"by": "me"}}
    assert run.token is None


def test_a_token_fails_its_task_with_its_own_error() -> None:
    catch = dict(TO_DONE, ErrorEquals=["ExecutionCancelled"])
    driver = a_driver(a_machine(Ask=a_callback(Catch=[catch]), Done=DONE))
    run = driver.start("one", {})
    driver.clock.settle()

    driver.send_task_failure(run.token or "", "ExecutionCancelled", "by me")
    driver.clock.run_all()

    assert run.output["failure"]["Cause"] == "by me"


def test_a_function_may_answer_its_own_token() -> None:
    driver = a_driver(a_machine(Ask=a_callback(), Done=DONE))

    def invoke(payload: Any) -> Any:
        driver.send_task_failure(payload["token"], "Cancelled", "at once")
        raise TaskFailed("TooLate")

    driver.invoke = invoke
    run = driver.start("one", {})
    driver.clock.run_all()

    assert (run.error, run.cause) == ("Cancelled", "at once")


def test_a_callback_whose_function_fails_is_retried_with_a_new_token() -> None:
    invoke = Replies(BUSY, {})
    task = a_callback(Retry=[TWICE])
    driver = a_driver(a_machine(Ask=task, Done=DONE), invoke)
    run = driver.start("one", {})
    driver.clock.advance(5)

    first, second = (payload["token"] for payload in invoke.payloads)
    assert first != second
    with pytest.raises(TaskTimedOut):
        driver.send_task_success(first, {})
    driver.send_task_success(second, {})
    driver.clock.run_all()
    assert run.status == "SUCCEEDED"


def test_a_callback_nobody_answers_times_out() -> None:
    run = the_run(a_callback(TimeoutSeconds=60, Catch=[TO_DONE]), Replies({}))

    assert run.output == {"failure": {"Error": "States.Timeout"}}
    assert run.stopped == run.started + 60


def test_a_token_is_good_for_one_answer() -> None:
    driver = a_driver(a_machine(Ask=a_callback(), Done=DONE))
    run = driver.start("one", {})
    driver.clock.settle()
    token = run.token or ""

    with pytest.raises(InvalidOutput):
        driver.send_task_success(token, "x" * 262_145)
    driver.send_task_success(token, {})
    with pytest.raises(TaskTimedOut):
        driver.send_task_success(token, {})
    with pytest.raises(TaskDoesNotExist):
        driver.send_task_success("unknown", {})


def test_a_token_of_a_stopped_run_is_worthless() -> None:
    driver = a_driver(a_machine(Ask=a_callback(), Done=DONE))
    run = driver.start("one", {})
    driver.clock.settle()
    token = run.token or ""

    driver.stop_execution(run.arn)

    with pytest.raises(TaskTimedOut):
        driver.send_task_failure(token, "Late")


def test_the_ports_of_the_core_speak_to_the_driver() -> None:
    driver = a_driver(a_machine(Ask=a_callback(), Done=DONE))
    machine, callbacks = DrivenMachine(driver), DrivenCallbacks(driver)

    arn = machine.start("one", {"a": 1})
    driver.clock.settle()
    token = driver.run(arn).token or ""

    assert machine.start("one", {"a": 2}) == arn
    assert callbacks.succeed(token, {"by": "me"})
    assert not callbacks.succeed(token, {})
    assert not callbacks.fail("unknown", "E", "c")
    driver.clock.run_all()
    assert machine.describe(arn) == ("SUCCEEDED", "", "")
    assert machine.describe("arn:nobody") is None
    machine.stop("arn:nobody", "in vain")


def test_the_ports_fail_tasks_and_stop_runs() -> None:
    driver = a_driver(a_machine(Ask=a_callback(), Done=DONE))
    machine, callbacks = DrivenMachine(driver), DrivenCallbacks(driver)
    failed, stopped = machine.start("one", {}), machine.start("two", {})
    driver.clock.settle()

    assert callbacks.fail(driver.run(failed).token or "", "E", "why")
    machine.stop(stopped, "by hand")
    driver.clock.run_all()

    assert machine.describe(failed) == ("FAILED", "E", "why")
    assert machine.describe(stopped) == ("ABORTED", "", "by hand")


class Polls:
    """Plays the orchestrator: so many polls, then the plan is over."""

    def __init__(self, polls: int) -> None:
        """Complete at the last of ``polls`` polls."""
        self.left = polls

    def __call__(self, payload: Any) -> Any:
        """Answer ``begin`` and ``poll_wave_status``."""
        if payload["action"] == "begin":
            return a_state()
        self.left -= 1
        done = self.left <= 0
        return payload["application"] | {"all_waves_completed": done}


def a_state(**fields: Any) -> dict[str, Any]:
    """Return what the definition reads of a state."""
    return {
        "execution_id": "e-1",
        "status": "running",
        "wave_completed": False,
        "all_waves_completed": False,
        "continue_as_new": False,
        "current_wave_update_time": 30,
        "poll_count": 7,
        "accountContext": {},
    } | fields


START = {
    "Execution": {"Id": "e-1"},
    "Plan": {"planId": "p-1"},
    "isDrill": True,
    "accountContext": {},
}


def test_events_are_counted_as_the_service_counts_them() -> None:
    counts = []
    for polls in (1, 2, 3):
        driver = Driver(definition.load(), Polls(polls), VirtualClock())
        run = driver.start("e-1", START)
        driver.clock.run_all()
        counts.append(len(run.events))

    # 10 to the first Wait, 9 a poll, 3 for the end.
    assert counts == [22, 31, 40]


def test_a_thousand_polls_take_well_under_half_a_second() -> None:
    clock = VirtualClock()
    driver = Driver(definition.load(), Polls(1000), clock)
    begun = time.process_time()

    run = driver.start("e-1", START)
    clock.run_until(lambda: not run.running)

    assert run.status == "SUCCEEDED"
    assert clock.now() == run.started + 30_000
    assert time.process_time() - begun < 0.5


def test_two_plays_of_one_scenario_are_equal() -> None:
    ways = []
    for _ in range(2):
        driver = Driver(definition.load(), Polls(5), VirtualClock())
        runs = [driver.start(name, START) for name in ("a", "b", "c")]
        driver.clock.run_all()
        ways.append([(run.entered, run.stopped) for run in runs])

    assert ways[0] == ways[1]
