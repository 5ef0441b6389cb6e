"""The core's ports to the state machine, on the driver."""

from collections.abc import Mapping
from typing import Any

from shared.domain.ports import MachineRun
from tests.support.scenario_driver.driver import Driver
from tests.support.scenario_driver.errors import (
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    TaskDoesNotExist,
    TaskTimedOut,
)


class DrivenMachine:
    """The ``Machine`` port."""

    def __init__(self, driver: Driver) -> None:
        """Speak to the driver's state machine."""
        self._driver = driver

    def start(self, name: str, payload: Mapping[str, Any]) -> str:
        """Start an execution; one of that name already is success."""
        try:
            return self._driver.start(name, dict(payload)).arn
        except ExecutionAlreadyExists:
            return self._driver.arn_of(name)

    def describe(self, arn: str) -> MachineRun | None:
        """Return an execution's status, or None where there is none."""
        try:
            run = self._driver.run(arn)
        except ExecutionDoesNotExist:
            return None
        return MachineRun(run.status, run.error or "", run.cause or "")

    def stop(self, arn: str, cause: str) -> None:
        """Stop an execution; one that has ended is left alone."""
        try:
            self._driver.stop_execution(arn, cause=cause)
        except ExecutionDoesNotExist:
            return


class DrivenCallbacks:
    """The ``Callbacks`` port."""

    def __init__(self, driver: Driver) -> None:
        """Answer the tasks of the driver's executions."""
        self._driver = driver

    def succeed(self, token: str, output: Mapping[str, Any]) -> bool:
        """Answer a task; False where the token is not valid any more."""
        try:
            self._driver.send_task_success(token, dict(output))
        except (TaskDoesNotExist, TaskTimedOut):
            return False
        return True

    def fail(self, token: str, error: str, cause: str) -> bool:
        """Fail a task; False where the token is not valid any more."""
        try:
            self._driver.send_task_failure(token, error, cause)
        except (TaskDoesNotExist, TaskTimedOut):
            return False
        return True
