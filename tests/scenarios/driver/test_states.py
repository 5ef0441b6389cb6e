"""What each type of state does, and what the service refuses."""

from typing import Any

import pytest

from tests.scenarios.driver.machines import (
    DONE,
    Replies,
    a_callback,
    a_continuation,
    a_driver,
    a_machine,
    a_task,
)
from tests.support.scenario_driver.errors import (
    CallRefused,
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidExecutionInput,
    UnsupportedDefinition,
)
from tests.support.scenario_driver.run import Run, status_event

WAITS = {"Type": "Wait", "Seconds": 30, "Next": "Done"}


def test_a_run_starts_only_when_the_clock_moves() -> None:
    driver = a_driver(a_machine(Pause=WAITS, Done=DONE))

    run = driver.start("one", {"a": 1})

    assert run.running and run.entered == []
    driver.clock.settle()
    assert run.state == "Pause"


def test_a_wait_ends_after_its_seconds() -> None:
    driver = a_driver(a_machine(Pause=WAITS, Done=DONE))
    run = driver.start("one", {"a": 1})

    driver.clock.advance(29)
    assert run.running
    driver.clock.advance(1)

    assert (run.status, run.output) == ("SUCCEEDED", {"a": 1})
    assert run.stopped == run.started + 30


def test_a_wait_takes_its_seconds_from_the_input() -> None:
    wait = {"Type": "Wait", "SecondsPath": "$.s", "Next": "Done"}
    driver = a_driver(a_machine(Pause=wait, Done=DONE))

    run = driver.start("one", {"s": 7})
    driver.clock.run_all()

    assert run.stopped == run.started + 7


@pytest.mark.parametrize("seconds", [1.5, "7", True, None, -1])
def test_a_wait_of_no_whole_seconds_ends_the_run(seconds: Any) -> None:
    wait = {"Type": "Wait", "SecondsPath": "$.s", "Next": "Done"}
    driver = a_driver(a_machine(Pause=wait, Done=DONE))

    run = driver.start("one", {"s": seconds})
    driver.clock.run_all()

    assert (run.status, run.error) == ("FAILED", "States.Runtime")


def test_a_choice_takes_the_first_rule_that_holds() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.x", "IsPresent": True, "Next": "Other"},
            {"Variable": "$.s", "StringEquals": "go", "Next": "Done"},
        ],
    }
    machine = a_machine(Fork=choice, Other=DONE, Done=DONE)

    driver = a_driver(machine)
    runs = [
        driver.start("first", {"x": None, "s": "go"}),
        driver.start("second", {"s": "go"}),
        driver.start("none", {"s": "stay"}),
    ]
    driver.clock.run_all()

    assert [run.state for run in runs] == ["Other", "Done", "Fork"]
    assert runs[2].error == "States.NoChoiceMatched"


def test_a_choice_over_an_absent_variable_ends_the_run() -> None:
    rule = {"Variable": "$.s", "StringEquals": "go", "Next": "Done"}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "Done"}
    driver = a_driver(a_machine(Fork=choice, Done=DONE))

    run = driver.start("one", {})
    driver.clock.run_all()

    assert run.error == "States.Runtime"
    assert "$.s" in (run.cause or "")


def test_a_pass_hands_on_a_part_of_its_input() -> None:
    restore = {"Type": "Pass", "InputPath": "$.inner", "Next": "Done"}
    driver = a_driver(a_machine(Restore=restore, Done=DONE))

    run = driver.start("one", {"inner": {"a": 1}})
    driver.clock.run_all()

    assert run.output == {"a": 1}


def test_a_pass_gives_a_fixed_result_or_a_filled_template() -> None:
    fixed = {"Type": "Pass", "Result": 5, "ResultPath": "$.n", "Next": "Two"}
    filled = {"Type": "Pass", "Parameters": {"m.$": "$.n"}, "End": True}
    driver = a_driver(a_machine(One=fixed, Two=filled))

    run = driver.start("one", {"a": 1})
    driver.clock.run_all()

    assert (run.status, run.output) == ("SUCCEEDED", {"m": 5})


def test_an_output_path_of_null_gives_an_empty_object() -> None:
    driver = a_driver(a_machine(Done=dict(DONE, OutputPath=None)))

    run = driver.start("one", {"a": 1})
    driver.clock.run_all()

    assert run.output == {}


def test_a_fail_takes_error_and_cause_from_the_input() -> None:
    fail = {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c"}
    driver = a_driver(a_machine(Broken=fail))

    run = driver.start("one", {"e": "Boom", "c": "it broke"})
    driver.clock.run_all()

    assert (run.status, run.error, run.cause) == ("FAILED", "Boom", "it broke")
    assert run.output is None


@pytest.mark.parametrize("data", [{}, {"c": None}, {"c": 5}])
def test_a_cause_that_is_no_string_is_a_runtime_error(data: Any) -> None:
    fail = {"Type": "Fail", "Error": "Boom", "CausePath": "$.c"}
    driver = a_driver(a_machine(Broken=fail))

    run = driver.start("one", data)
    driver.clock.run_all()

    assert (run.status, run.error) == ("FAILED", "States.Runtime")


def test_the_context_object_names_run_machine_and_state() -> None:
    parameters = {
        "FunctionName": "f",
        "Payload": {"run.$": "$$.Execution", "state.$": "$$.State"},
    }
    seen = Replies({})
    driver = a_driver(a_machine(Ask=a_task(Parameters=parameters), Done=DONE))
    driver.invoke = seen

    run = driver.start("one", {"a": 1})
    driver.clock.run_all()

    assert seen.payloads == [
        {
            "run": {
                "Id": run.arn,
                "Name": "one",
                "Input": {"a": 1},
                "StartTime": "2026-01-01T00:00:00.000Z",
            },
            "state": {
                "Name": "Ask",
                "EnteredTime": "2026-01-01T00:00:00.000Z",
                "RetryCount": 0,
            },
        }
    ]
    assert run.arn.endswith(":execution:dro-orchestration-test:one")


def test_a_run_can_start_its_successor() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.state", "IsPresent": True, "Next": "Done"}
        ],
        "Default": "Again",
    }
    driver = a_driver(
        a_machine(Fork=choice, Again=a_continuation(), Done=DONE)
    )

    run = driver.start("one", {"name": "one", "number": 9})
    driver.clock.run_all()

    successor = driver.run(driver.arn_of("one-cont-9"))
    assert (run.status, successor.status) == ("SUCCEEDED", "SUCCEEDED")
    assert successor.input == {"state": {"name": "one", "number": 9}}
    assert run.output == {"name": "one", "number": 9}


def test_a_successor_that_exists_is_an_error_to_catch() -> None:
    names = ["StepFunctions.ExecutionAlreadyExistsException"]
    again = a_continuation(
        Catch=[{"ErrorEquals": names, "ResultPath": "$.e", "Next": "Done"}]
    )
    driver = a_driver(a_machine(Again=again, Done=DONE))
    driver.start("x-cont-1", {"name": "y", "number": 2})

    run = driver.start("one", {"name": "x", "number": 1})
    driver.clock.run_all()

    assert run.status == "SUCCEEDED"
    assert run.output["e"]["Error"] == names[0]


def test_a_name_is_used_once() -> None:
    driver = a_driver(a_machine(Pause=WAITS, Done=DONE))
    run = driver.start("one", {"a": 1})

    assert driver.start("one", {"a": 1}) is run
    with pytest.raises(ExecutionAlreadyExists):
        driver.start("one", {"a": 2})
    driver.clock.run_all()
    with pytest.raises(ExecutionAlreadyExists):
        driver.start("one", {"a": 1})


def test_what_the_service_cannot_take_is_refused() -> None:
    driver = a_driver(a_machine(Done=DONE))

    with pytest.raises(InvalidExecutionInput):
        driver.start("large", {"a": "x" * 262_144})
    with pytest.raises(CallRefused, match="InvalidName"):
        driver.start("no blanks", {})
    with pytest.raises(ExecutionDoesNotExist):
        driver.run(driver.arn_of("nobody"))


def test_a_stopped_run_goes_no_further() -> None:
    driver = a_driver(a_machine(Pause=WAITS, Done=DONE))
    run = driver.start("one", {})
    driver.clock.advance(10)

    driver.stop_execution(run.arn, error="Stopped", cause="by hand")
    driver.clock.run_all()

    assert (run.status, run.error, run.cause) == (
        "ABORTED",
        "Stopped",
        "by hand",
    )
    assert run.entered == ["Pause"]
    driver.stop_execution(run.arn, cause="again")
    assert run.cause == "by hand"


def test_a_run_that_is_stopped_before_it_began_never_begins() -> None:
    driver = a_driver(a_machine(Done=DONE))
    run = driver.start("one", {})

    driver.stop_execution(run.arn)
    driver.clock.run_all()

    assert (run.status, run.entered) == ("ABORTED", [])


def test_a_run_lives_a_year() -> None:
    forever = {"Type": "Wait", "Seconds": 99_999_999, "Next": "Done"}
    driver = a_driver(a_machine(Pause=forever, Done=DONE))

    run = driver.start("one", {})
    driver.clock.run_until(lambda: not run.running)

    assert (run.status, run.stopped) == (
        "TIMED_OUT",
        run.started + 31_536_000,
    )


def test_watchers_hear_of_starts_and_ends_as_events_of_their_own() -> None:
    driver = a_driver(a_machine(Broken={"Type": "Fail", "Error": "Boom"}))
    seen = list[str]()

    def watch(run: Run) -> None:
        event = status_event(run)
        assert event["source"] == "aws.states"
        seen.append(event["detail"]["status"])

    driver.on_status_change(watch)
    driver.start("one", {})
    assert seen == []
    driver.clock.run_all()

    assert seen == ["RUNNING", "FAILED"]


def test_the_end_event_carries_the_error_and_both_moments() -> None:
    fail = {"Type": "Fail", "Error": "Boom", "Cause": "it broke"}
    driver = a_driver(a_machine(Broken=fail))

    run = driver.start("one", {})
    driver.clock.run_all()

    detail = status_event(run)["detail"]
    assert detail["executionArn"] == run.arn
    assert (detail["error"], detail["cause"]) == ("Boom", "it broke")
    assert detail["stopDate"] == detail["startDate"] == 1_767_225_600_000


def test_a_history_that_is_full_ends_the_run() -> None:
    spin = {"Type": "Pass", "Next": "Spin"}
    driver = a_driver(a_machine(Spin=spin))

    run = driver.start("one", {})
    driver.clock.run_until(lambda: not run.running)

    assert run.status == "FAILED"
    assert 25_000 <= len(run.events) <= 25_002


def test_runs_interleave_at_every_state() -> None:
    order = list[str]()

    def invoke(payload: Any) -> Any:
        order.append(payload["n"])
        return payload

    steps = a_machine(
        One=a_task(Next="Two"), Two=a_task(Next="Done"), Done=DONE
    )
    driver = a_driver(steps, invoke)
    driver.start("a", {"n": "a"})
    driver.start("b", {"n": "b"})

    driver.clock.run_all()

    assert order == ["a", "b", "a", "b"]


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Map"},
        a_task(HeartbeatSeconds=5),
        a_task(Resource="arn:aws:states:::sns:publish"),
        a_task(Retry=[{"ErrorEquals": ["States.ALL"], "MaxDelaySeconds": 1}]),
        a_task(Next="Nowhere"),
        {"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "Done"},
    ],
)
def test_a_definition_beyond_the_driver_is_refused(state: Any) -> None:
    with pytest.raises(UnsupportedDefinition):
        a_driver(a_machine(Odd=state, Done=DONE))


def test_a_callback_is_part_of_what_the_driver_knows() -> None:
    driver = a_driver(a_machine(Ask=a_callback(), Done=DONE))

    run = driver.start("one", {})
    driver.clock.settle()

    assert run.token is not None
