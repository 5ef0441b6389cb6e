"""Walks one execution through the states of the definition.

Every state is entered in an event of its own. What a state does to its data
follows AWS: InputPath, Parameters, the work, ResultPath, OutputPath.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.support.scenario_driver import choices, paths
from tests.support.scenario_driver.attempts import (
    Attempt,
    Delayed,
    Service,
    Visit,
    matches,
)
from tests.support.scenario_driver.clock import Event
from tests.support.scenario_driver.definition import (
    INVOKE_AND_WAIT,
    START_EXECUTION,
    State,
)
from tests.support.scenario_driver.errors import (
    ExecutionAlreadyExists,
    StateFailed,
    TaskFailed,
)
from tests.support.scenario_driver.run import (
    FAILED,
    SUCCEEDED,
    TIMED_OUT,
    Run,
    iso,
)
from tests.support.scenario_driver.sizes import PAYLOAD_LIMIT, encoded_size

LIFETIME = 31_536_000
HISTORY_LIMIT = 25_000

_END_EVENTS = {
    "SUCCEEDED": "ExecutionSucceeded",
    "FAILED": "ExecutionFailed",
    "ABORTED": "ExecutionAborted",
    "TIMED_OUT": "ExecutionTimedOut",
}


class Interpreter:
    """One execution on its way."""

    def __init__(self, *, run: Run, service: Service) -> None:
        """Prepare the execution; ``begin`` sets it going."""
        self._run = run
        self._service = service
        self._clock = service.clock
        self._states: Mapping[str, State] = service.definition["States"]
        self._attempt: Attempt | None = None
        self._lifetime: Event | None = None
        self._context = {
            "Execution": {
                "Id": run.arn,
                "Name": run.name,
                "Input": run.input,
                "StartTime": iso(run.started),
            },
            "StateMachine": {
                "Id": run.machine_arn,
                "Name": run.machine_arn.rpartition(":")[2],
            },
        }

    def begin(self) -> None:
        """Enter the first state."""
        if not self._run.running:
            return
        self._record("ExecutionStarted")
        self._lifetime = self._clock.call_later(
            LIFETIME, lambda: self.end(TIMED_OUT, error="States.Timeout")
        )
        self._enter(self._service.definition["StartAt"], self._run.input)

    def end(
        self,
        status: str,
        *,
        output: Any = None,
        error: str | None = None,
        cause: str | None = None,
    ) -> None:
        """End the execution, whatever it waits for."""
        run = self._run
        run.status, run.output = status, output
        run.error, run.cause = error, cause
        run.stopped, run.token = self._clock.now(), None
        run.events.append(_END_EVENTS[status])
        if self._attempt is not None:
            self._attempt.close()
        if self._lifetime is not None:
            self._lifetime.cancel()
        self._service.changed(run)

    def _record(self, *events: str) -> None:
        self._run.events.extend(events)

    def _enter(self, name: str, data: Any) -> None:
        if not self._run.running:
            return
        if len(self._run.events) >= HISTORY_LIMIT:
            self.end(
                FAILED,
                error="States.Runtime",
                cause=f"the history reached {HISTORY_LIMIT} events",
            )
            return
        state = self._states[name]
        visit = Visit(
            name=name,
            state=state,
            input=data,
            entered_at=iso(self._clock.now()),
        )
        self._run.entered.append(name)
        self._record(f"{state['Type']}StateEntered")
        self._guarded(visit, lambda: self._WORK[state["Type"]](self, visit))

    def _guarded(self, visit: Visit, work: Callable[[], None]) -> None:
        """Do a state's work; what it raises is the state's failure."""
        try:
            work()
        except StateFailed as failure:
            self._failed(visit, failure)

    def _lookup(self, visit: Visit, data: Any) -> paths.Lookup:
        def look(path: str) -> Any:
            if path.startswith("$$"):
                return paths.get(path, self._context | visit.context)
            return paths.get(path, data)

        return look

    def _selected(self, visit: Visit, field_name: str, data: Any) -> Any:
        """Apply InputPath or OutputPath."""
        path = visit.state.get(field_name, "$")
        return {} if path is None else self._lookup(visit, data)(path)

    def _effective_input(self, visit: Visit) -> Any:
        return self._selected(visit, "InputPath", visit.input)

    def _parameters(self, visit: Visit) -> Any:
        data = self._effective_input(visit)
        if "Parameters" not in visit.state:
            return data
        return paths.expand(
            visit.state["Parameters"], self._lookup(visit, data)
        )

    # One function for each type of state.

    def _choose(self, visit: Visit) -> None:
        data = self._effective_input(visit)
        lookup = self._lookup(visit, data)
        for rule in visit.state["Choices"]:
            if choices.holds(rule, lookup):
                self._leave(visit, data, rule["Next"])
                return
        if "Default" not in visit.state:
            raise StateFailed(
                "States.NoChoiceMatched", f"{visit.name} has no way on"
            )
        self._leave(visit, data, visit.state["Default"])

    def _pass(self, visit: Visit) -> None:
        result = visit.state.get("Result", self._parameters(visit))
        self._complete(visit, result)

    def _wait(self, visit: Visit) -> None:
        data = self._effective_input(visit)
        seconds = visit.state.get("Seconds")
        if seconds is None:
            seconds = self._lookup(visit, data)(visit.state["SecondsPath"])
        if isinstance(seconds, bool) or not isinstance(seconds, int):
            raise StateFailed(
                "States.Runtime",
                f"{visit.name} waits for {seconds!r}, which is no integer",
            )
        if seconds < 0:
            raise StateFailed(
                "States.Runtime", f"{visit.name} waits for {seconds} s"
            )
        self._clock.call_later(seconds, lambda: self._woken(visit, data))

    def _woken(self, visit: Visit, data: Any) -> None:
        if self._run.running:
            self._guarded(
                visit, lambda: self._leave(visit, data, visit.state["Next"])
            )

    def _succeed(self, visit: Visit) -> None:
        data = self._effective_input(visit)
        output = self._selected(visit, "OutputPath", data)
        self._record("SucceedStateExited")
        self.end(SUCCEEDED, output=output)

    def _fail(self, visit: Visit) -> None:
        texts: dict[str, str | None] = {}
        for name in ("Error", "Cause"):
            path = visit.state.get(f"{name}Path")
            value = visit.state.get(name)
            if path is not None:
                value = self._lookup(visit, visit.input)(path)
                if not isinstance(value, str):
                    raise StateFailed(
                        "States.Runtime",
                        f"{name}Path of {visit.name} leads to {value!r},"
                        " which is no string",
                    )
            texts[name] = value
        self.end(FAILED, error=texts["Error"], cause=texts["Cause"])

    def _task(self, visit: Visit) -> None:
        """Try a task, the first time or again."""
        if not self._run.running:
            return
        attempt = Attempt(
            clock=self._clock,
            done=lambda result: self._task_done(visit, result),
            failed=lambda error: self._task_failed(visit, error),
        )
        self._attempt = attempt
        waits = visit.state["Resource"] == INVOKE_AND_WAIT
        if waits:
            visit.token = self._service.new_token(attempt)
            self._run.token = visit.token
        request = self._parameters(visit)
        self._within_limit(visit, request)
        self._record("TaskScheduled", "TaskStarted")
        if (seconds := visit.state.get("TimeoutSeconds")) is not None:
            attempt.timer = self._clock.call_later(
                seconds,
                lambda: attempt.fail(TaskFailed("States.Timeout", None)),
            )
        if visit.state["Resource"] == START_EXECUTION:
            self._start_execution(attempt, request)
        else:
            self._invoke(attempt, request["Payload"], waits)

    def _start_execution(self, attempt: Attempt, request: Any) -> None:
        if request["StateMachineArn"] != self._run.machine_arn:
            attempt.fail(
                TaskFailed(
                    "StepFunctions.StateMachineDoesNotExistException",
                    f"no state machine {request['StateMachineArn']}",
                )
            )
            return
        try:
            run = self._service.start(request["Name"], request["Input"])
        except ExecutionAlreadyExists as taken:
            attempt.fail(
                TaskFailed(
                    "StepFunctions.ExecutionAlreadyExistsException",
                    f"Execution Already Exists: '{taken}'",
                )
            )
            return
        attempt.succeed(
            {"ExecutionArn": run.arn, "StartDate": round(run.started * 1000)}
        )

    def _invoke(self, attempt: Attempt, payload: Any, waits: bool) -> None:
        try:
            reply = self._service.invoke(json.loads(json.dumps(payload)))
        except TaskFailed as error:
            attempt.fail(error)
            return
        if not isinstance(reply, Delayed):
            self._replied(attempt, reply, waits)
        elif reply.error is not None:
            self._clock.call_later(
                reply.after, partial(attempt.fail, reply.error)
            )
        else:
            self._clock.call_later(
                reply.after,
                lambda: self._replied(attempt, reply.reply, waits),
            )

    def _replied(self, attempt: Attempt, reply: Any, waits: bool) -> None:
        if waits:
            if attempt.open:
                self._record("TaskSubmitted")
            return
        attempt.succeed(
            {
                "ExecutedVersion": "$LATEST",
                "Payload": json.loads(json.dumps(reply)),
                "StatusCode": 200,
            }
        )

    def _task_done(self, visit: Visit, result: Any) -> None:
        if not self._run.running:
            return
        self._run.token = visit.token = None
        self._record("TaskSucceeded")
        self._guarded(visit, lambda: self._complete(visit, result))

    def _task_failed(self, visit: Visit, error: TaskFailed) -> None:
        if not self._run.running:
            return
        self._run.token = visit.token = None
        timed_out = error.error == "States.Timeout"
        self._record("TaskTimedOut" if timed_out else "TaskFailed")
        self._failed(visit, error)

    # What follows a state.

    def _complete(self, visit: Visit, result: Any) -> None:
        """Merge a result into the input and go on."""
        path = visit.state.get("ResultPath", "$")
        data = paths.put(path, visit.input, result)
        self._leave(visit, data, visit.state.get("Next"))

    def _leave(self, visit: Visit, data: Any, following: str | None) -> None:
        output = self._selected(visit, "OutputPath", data)
        self._within_limit(visit, output)
        self._record(f"{visit.state['Type']}StateExited")
        if following is None:
            self.end(SUCCEEDED, output=output)
        else:
            self._go(following, output)

    def _go(self, following: str, data: Any) -> None:
        self._clock.call_later(0, lambda: self._enter(following, data))

    def _within_limit(self, visit: Visit, data: Any) -> None:
        if (size := encoded_size(data)) > PAYLOAD_LIMIT:
            raise StateFailed(
                "States.DataLimitExceeded",
                f"{visit.name} carries {size} bytes; the limit is"
                f" {PAYLOAD_LIMIT}",
            )

    def _failed(self, visit: Visit, error: TaskFailed) -> None:
        """Retry, catch, or end the execution."""
        if self._attempt is not None:
            self._attempt.close()
        if self._retried(visit, error.error) or self._caught(visit, error):
            return
        self.end(FAILED, error=error.error, cause=error.cause)

    def _retried(self, visit: Visit, error: str) -> bool:
        for index, retrier in enumerate(visit.state.get("Retry", ())):
            if not matches(retrier["ErrorEquals"], error):
                continue
            tried = visit.tries.get(index, 0)
            if tried >= retrier.get("MaxAttempts", 3):
                return False
            visit.tries[index] = tried + 1
            self._run.retries += 1
            pause = retrier.get("IntervalSeconds", 1) * (
                retrier.get("BackoffRate", 2) ** tried
            )
            self._clock.call_later(
                pause,
                lambda: self._guarded(visit, lambda: self._task(visit)),
            )
            return True
        return False

    def _caught(self, visit: Visit, error: TaskFailed) -> bool:
        for catcher in visit.state.get("Catch", ()):
            if not matches(catcher["ErrorEquals"], error.error):
                continue
            output = {"Error": error.error}
            if error.cause is not None:
                output["Cause"] = error.cause
            path = catcher.get("ResultPath", "$")
            data = paths.put(path, visit.input, output)
            self._record(f"{visit.state['Type']}StateExited")
            self._go(catcher["Next"], data)
            return True
        return False

    _WORK: Mapping[str, Callable[["Interpreter", Visit], None]] = {
        "Choice": _choose,
        "Fail": _fail,
        "Pass": _pass,
        "Succeed": _succeed,
        "Task": _task,
        "Wait": _wait,
    }
