"""An engine behind the API of Step Functions: asked as AWS would be."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.engines import script
from tests.engines.engines import (
    FUNCTION_ARN,
    Ended,
    Played,
    asked,
    cause,
    entered,
    machine,
    names,
)
from tests.engines.scenarios import ELSEWHERE, Resumed, Scenario

PATIENCE = 30
"""Seconds after which an execution is taken to hang."""


class Hangs(AssertionError):
    """An execution does not end."""


class OnAnApi:
    """Plays scenarios on an engine with this client."""

    def __init__(
        self, client: Any, folder: Path, *, role: str, function: str
    ) -> None:
        """Keep what every scenario needs.

        Args:
            client: Of Step Functions.
            folder: Holds scripts and calls.
            role: The ARN of the machines' role.
            function: The ARN of the function that plays the script.
        """
        self._client = client
        self._folder = folder
        self._role = role
        self._function = function

    def play(self, scenario: Scenario) -> Played:
        """Play a scenario to the end of its last execution."""
        script.write(self._folder, scenario.name, scenario.answers)
        arn = self._machine(scenario)
        if scenario.successor:
            script.write(self._folder, ELSEWHERE.name, ELSEWHERE.answers)
            self._start(arn, scenario.successor, ELSEWHERE.input)
        run = self._start(arn, scenario.name, scenario.input)
        self._end_pauses(scenario, run)
        return Played(
            executions=list(self._ends(scenario, run)),
            calls=[
                asked(c) for c in script.calls(self._folder, scenario.name)
            ],
        )

    def _machine(self, scenario: Scenario) -> str:
        text = json.dumps(machine(scenario))
        made = self._client.create_state_machine(
            name=scenario.name,
            definition=text.replace(FUNCTION_ARN, self._function),
            roleArn=self._role,
        )
        return str(made["stateMachineArn"])

    def _start(self, machine_arn: str, name: str, data: object) -> str:
        started = self._client.start_execution(
            stateMachineArn=machine_arn, name=name, input=json.dumps(data)
        )
        return str(started["executionArn"])

    def _end_pauses(self, scenario: Scenario, run: str) -> None:
        for number, pause in enumerate(scenario.pauses):
            token = self._token(scenario, run, number)
            if isinstance(pause, Resumed):
                self._client.send_task_success(
                    taskToken=token, output=json.dumps(pause.output)
                )
            else:
                self._client.send_task_failure(
                    taskToken=token, error=pause.error, cause=pause.cause
                )

    def _token(self, scenario: Scenario, run: str, number: int) -> str:
        for _ in self._while_running(run):
            tokens = script.tokens(self._folder, scenario.name)
            if len(tokens) > number:
                return tokens[number]
        raise AssertionError(f"{run} ended without its pause {number}")

    def _while_running(self, run: str) -> Iterator[None]:
        end = time.monotonic() + PATIENCE
        while self._found(run)["status"] == "RUNNING":
            if time.monotonic() > end:
                raise Hangs(f"{run} after {self._entered(run)}")
            yield
            time.sleep(0.01)

    def _ends(self, scenario: Scenario, first: str) -> Iterator[Ended]:
        """Wait for each execution; the next has started by then."""
        machine_part = first.removesuffix(scenario.name)
        for name in names(scenario):
            run = f"{machine_part}{name}"
            if name == scenario.successor or not self._exists(run):
                continue
            for _ in self._while_running(run):
                pass
            found = self._found(run)
            yield Ended(
                name=name,
                entered=self._entered(run),
                status=found["status"],
                error=found.get("error"),
                cause=cause(found.get("cause")),
            )

    def _exists(self, run: str) -> bool:
        try:
            self._found(run)
        except self._client.exceptions.ExecutionDoesNotExist:
            return False
        return True

    def _found(self, run: str) -> Any:
        return self._client.describe_execution(executionArn=run)

    def _entered(self, run: str) -> list[str]:
        pages = self._client.get_paginator("get_execution_history")
        return entered(
            [
                event
                for page in pages.paginate(executionArn=run)
                for event in page["events"]
            ]
        )
