"""Small definitions and a service that plays them, for the driver's tests."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.scenario_driver.clock import VirtualClock
from tests.support.scenario_driver.definition import (
    INVOKE,
    INVOKE_AND_WAIT,
    START_EXECUTION,
)
from tests.support.scenario_driver.driver import Driver

DONE: Mapping[str, Any] = {"Type": "Succeed"}


def a_machine(**states: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition of these states; it starts at the first."""
    return {"StartAt": next(iter(states)), "States": states}


def a_task(**fields: Any) -> dict[str, Any]:
    """Return a task that sends its input and keeps the reply alone."""
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": "f", "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "Next": "Done",
    } | fields


def a_callback(**fields: Any) -> dict[str, Any]:
    """Return a task that waits for the answer to its token."""
    return {
        "Type": "Task",
        "Resource": INVOKE_AND_WAIT,
        "Parameters": {
            "FunctionName": "f",
            "Payload": {"token.$": "$$.Task.Token"},
        },
        "ResultPath": "$.answer",
        "Next": "Done",
    } | fields


def a_continuation(**fields: Any) -> dict[str, Any]:
    """Return a task that starts this machine anew."""
    return {
        "Type": "Task",
        "Resource": START_EXECUTION,
        "Parameters": {
            "StateMachineArn.$": "$$.StateMachine.Id",
            "Name.$": "States.Format('{}-cont-{}', $.name, $.number)",
            "Input": {"state.$": "$"},
        },
        "ResultPath": None,
        "Next": "Done",
    } | fields


def a_driver(
    definition: Mapping[str, Any],
    invoke: Callable[[Any], Any] = lambda payload: payload,
) -> Driver:
    """Return a service with a clock of its own."""
    return Driver(definition, invoke, VirtualClock())


class Replies:
    """A function that answers, or fails, as it was told, and remembers."""

    def __init__(self, *replies: Any) -> None:
        """Give the replies in this order, the last one for ever."""
        self.payloads: list[Any] = []
        self._replies = list(replies)

    def __call__(self, payload: Any) -> Any:
        """Give the next reply, or raise it."""
        self.payloads.append(payload)
        reply = self._replies[0]
        if len(self._replies) > 1:
            self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply
