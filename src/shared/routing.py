"""From an event to the function that answers it.

Decides what shape an event has, which function is meant, and how an error
leaves a function that was invoked directly. What the function does is not
known here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from shared import log
from shared.domain.errors import (
    DrError,
    UnknownAction,
    UnknownEvent,
    UnknownOperation,
)
from shared.domain.execution import Wire
from shared.domain.replies import error_body

type Action[Ports] = Callable[[Wire, Ports], Any]


class Shape(StrEnum):
    """What kind of event it is, in the order in which it is tested."""

    HTTP = "requestContext"
    EVENT = "detail-type"
    WORKER = "worker"
    ACTION = "action"
    OPERATION = "operation"


def shape_of(event: Mapping[str, Any]) -> Shape:
    """Return the one shape that the event has.

    Raises:
        UnknownEvent: It has none.
    """
    if "requestContext" in event:
        return Shape.HTTP
    if "source" in event and "detail-type" in event:
        return Shape.EVENT
    if event.get("worker") is True:
        return Shape.WORKER
    if "action" in event:
        return Shape.ACTION
    if "operation" in event:
        return Shape.OPERATION
    raise UnknownEvent(
        "The event is no HTTP request, no event, no background work, no "
        "action and no operation; its keys are "
        f"{sorted(str(key) for key in event)[:10]}."
    )


def dispatch[Ports](
    event: Wire, ports: Ports, actions: Mapping[str, Action[Ports]]
) -> Any:
    """Return the answer of the action that the event names.

    Raises:
        UnknownAction: No action has that name.
    """
    action = actions.get(str(event.get("action")))
    if action is None:
        raise UnknownAction(
            f"There is no action {event.get('action')!r}; there are "
            f"{', '.join(sorted(actions))}."
        )
    return action(event, ports)


def operate[Ports](
    event: Wire, ports: Ports, operations: Mapping[str, Action[Ports]]
) -> Any:
    """Return the answer of the operation that the event names.

    Raises:
        UnknownOperation: No operation has that name.
    """
    operation = operations.get(str(event.get("operation")))
    if operation is None:
        raise UnknownOperation(
            f"There is no operation {event.get('operation')!r}; there are "
            f"{', '.join(sorted(operations))}."
        )
    if event.get("envelope") is not True:
        return operation(event, ports)
    return _enveloped(lambda: operation(event, ports))


def _enveloped(answer: Callable[[], Any]) -> Wire:
    """Return an answer, errors included, in the form of HTTP."""
    try:
        status, body = 200, answer()
    except DrError as error:
        status, body = error.status, error.body()
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": body,
    }


@contextmanager
def reported(as_seen: Callable[[DrError], DrError]) -> Iterator[None]:
    """Let an error leave as its class's name and a JSON error body.

    Args:
        as_seen: Gives the error as this function's caller is to see it.
    """
    try:
        yield
    except DrError as error:
        seen = as_seen(error)
        log.error("request_failed", error_code=error.code, reason=str(error))
        raise type(seen)(
            error_body(seen), code=seen.code, **seen.details
        ) from error
