"""Plays our state machine on a virtual clock, with functions of the test.

The definition comes from ``cfn/``; a function is any callable that takes the
payload. Each state is one event of the clock, so several runs and whatever
the test does meanwhile interleave in one order, always the same.

What it does not do: Map, Parallel, heartbeats, JSONata; ``definition.check``
refuses them.
"""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.support.scenario_driver import definition as asl
from tests.support.scenario_driver.attempts import Attempt
from tests.support.scenario_driver.clock import VirtualClock
from tests.support.scenario_driver.errors import (
    CallRefused,
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidExecutionInput,
    InvalidOutput,
    TaskDoesNotExist,
    TaskFailed,
    TaskTimedOut,
)
from tests.support.scenario_driver.interpreter import Interpreter
from tests.support.scenario_driver.run import ABORTED, Run
from tests.support.scenario_driver.sizes import PAYLOAD_LIMIT, encoded_size

MACHINE_ARN = (
    "arn:aws:states:eu-central-1:123456789012"
    ":stateMachine:dro-orchestration-test"
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Driver:
    """The Step Functions service with one state machine in it."""

    def __init__(
        self,
        definition: asl.Definition,
        invoke: Callable[[Any], Any],
        clock: VirtualClock,
        machine_arn: str = MACHINE_ARN,
    ) -> None:
        """Create the service.

        Args:
            definition: The state machine, as ``definition.load`` reads it.
            invoke: Plays the Lambda function: takes the payload, returns
                the reply or a ``Delayed`` one, raises ``TaskFailed``.
            clock: The scenario's time.
            machine_arn: What the machine is called.
        """
        asl.check(definition)
        self.clock = clock
        self.machine_arn = machine_arn
        self.runs: dict[str, Run] = {}
        self._interpreters: dict[str, Interpreter] = {}
        self.definition = definition
        self.invoke = invoke
        self._watchers: list[Callable[[Run], None]] = []
        self._tokens: dict[str, Attempt] = {}

    def on_status_change(self, watcher: Callable[[Run], None]) -> None:
        """Tell ``watcher`` of every start and end, as an event of its own."""
        self._watchers.append(watcher)

    def start(self, name: str, input: Any) -> Run:  # noqa: A002
        """Start an execution; its first state is the clock's next business.

        Raises:
            ExecutionAlreadyExists: The name was used with another input,
                or its execution has ended.
            InvalidExecutionInput: The input is above 256 KiB.
        """
        if _NAME.fullmatch(name) is None:
            raise CallRefused(f"InvalidName: {name!r}")
        arn = self.arn_of(name)
        if (run := self.runs.get(arn)) is not None:
            if run.running and run.input == input:
                return run
            raise ExecutionAlreadyExists(arn)
        if encoded_size(input) > PAYLOAD_LIMIT:
            raise InvalidExecutionInput(f"the input of {name} is too large")
        run = Run(
            arn=arn,
            name=name,
            machine_arn=self.machine_arn,
            input=json.loads(json.dumps(input)),
            started=self.clock.now(),
        )
        self.runs[arn] = run
        interpreter = Interpreter(run=run, service=self)
        self._interpreters[arn] = interpreter
        self.changed(run)
        self.clock.call_later(0, interpreter.begin)
        return run

    def arn_of(self, name: str) -> str:
        """Return the ARN that an execution of this name has."""
        machine = self.machine_arn.replace(":stateMachine:", ":execution:")
        return f"{machine}:{name}"

    def run(self, arn: str) -> Run:
        """Return an execution by its ARN."""
        if arn not in self.runs:
            raise ExecutionDoesNotExist(arn)
        return self.runs[arn]

    def stop_execution(
        self, arn: str, error: str | None = None, cause: str | None = None
    ) -> None:
        """Abort an execution; one that has ended stays as it is."""
        run = self.run(arn)
        if run.running:
            self._interpreters[arn].end(ABORTED, error=error, cause=cause)

    def send_task_success(self, token: str, output: Any) -> None:
        """Answer the task that waits on a token.

        Raises:
            TaskDoesNotExist: No task ever had it.
            TaskTimedOut: Its task is over.
            InvalidOutput: The output is above 256 KiB.
        """
        attempt = self._open_attempt(token)
        if encoded_size(output) > PAYLOAD_LIMIT:
            raise InvalidOutput(f"the output for {token} is too large")
        attempt.succeed(json.loads(json.dumps(output)))

    def send_task_failure(
        self, token: str, error: str = "", cause: str | None = None
    ) -> None:
        """Fail the task that waits on a token.

        Raises:
            TaskDoesNotExist: No task ever had it.
            TaskTimedOut: Its task is over.
        """
        self._open_attempt(token).fail(TaskFailed(error, cause))

    def _open_attempt(self, token: str) -> Attempt:
        if token not in self._tokens:
            raise TaskDoesNotExist(token)
        if not self._tokens[token].open:
            raise TaskTimedOut(token)
        return self._tokens[token]

    def new_token(self, attempt: Attempt) -> str:
        """Hand out a token that answers this attempt of a task."""
        token = f"task-token-{len(self._tokens) + 1}"
        self._tokens[token] = attempt
        return token

    def changed(self, run: Run) -> None:
        """Tell the watchers of a run's new status, as events of their own."""
        for watcher in self._watchers:
            self.clock.call_later(0, partial(watcher, run))
