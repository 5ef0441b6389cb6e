"""From an event to the function that answers it.

Decides which shape an event has, which name it asks for, and how an error
leaves a function. What an action does is no business of this module.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final

from shared import log, metrics
from shared.context import correlated
from shared.domain.correlation import KEY, correlation_of
from shared.domain.errors import (
    DrError,
    UnknownAction,
    UnknownEvent,
    UnknownOperation,
)
from shared.domain.execution import Wire
from shared.domain.metrics import Metric
from shared.domain.replies import error_body, public_error
from shared.domain.subject import subject_of
from shared.domain.wire import checked_event, shown

POLL: Final = "poll_wave_status"

type Action[P] = Callable[[Wire, P], Wire]


class Shape(StrEnum):
    """What kind of event a function was invoked with."""

    HTTP = "http"
    EVENT = "event"
    WORKER = "worker"
    ACTION = "action"
    OPERATION = "operation"


def shape(event: object) -> Shape:
    """Return the one shape an event has, tested in the contract's order.

    Raises:
        BadRequest: A value within cannot be carried on.
        UnknownEvent: It has none.
    """
    keys: Mapping[str, Any] = (
        checked_event(event) if isinstance(event, dict) else {}
    )
    if "requestContext" in keys:
        return Shape.HTTP
    if "source" in keys and "detail-type" in keys:
        return Shape.EVENT
    if keys.get("worker") is True:
        return Shape.WORKER
    if "action" in keys:
        return Shape.ACTION
    if "operation" in keys:
        return Shape.OPERATION
    raise UnknownEvent(
        "The event is none that this function answers; it needs 'action', "
        "'operation', 'worker' true, or 'source' with 'detail-type', but has "
        f"{_named(keys)}."
    )


def _named(keys: Mapping[str, Any]) -> str:
    names = sorted(keys)
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(map(shown, names[:10])) + more if names else "no keys"


def dispatch[P](
    event: Wire, ports: P, actions: Mapping[str, Action[P]]
) -> Wire:
    """Answer an action.

    Raises:
        UnknownAction: The function has no such action; it lists its own.
    """
    name = event.get("action")
    if not isinstance(name, str) or name not in actions:
        raise UnknownAction(
            f"There is no action {shown(name)}; there are "
            f"{', '.join(sorted(actions))}."
        )
    with _logged(event, action=name):
        return actions[name](event, ports)


def act[P](event: object, ports: P, actions: Mapping[str, Action[P]]) -> Wire:
    """Answer an event of a function that knows actions and nothing else.

    Raises:
        UnknownEvent: It is no action.
        UnknownAction: The function has no such action.
    """
    asked = shape(event)
    if asked is not Shape.ACTION or not isinstance(event, dict):
        raise UnknownEvent(
            f"This function does not answer {asked} events; send an action."
        )
    return dispatch(event, ports, actions)


def operate[P](
    event: Wire, ports: P, operations: Mapping[str, Action[P]]
) -> Wire:
    """Answer an operation, in an envelope where the event asks for one.

    Raises:
        UnknownOperation: The function has no such operation.
    """
    if event.get("envelope") is True:
        plain = {k: v for k, v in event.items() if k != "envelope"}
        return envelope(lambda: operate(plain, ports, operations))
    name = event.get("operation")
    if not isinstance(name, str) or name not in operations:
        raise UnknownOperation(
            f"There is no operation {shown(name)}; there are "
            f"{', '.join(sorted(operations))}."
        )
    with _logged(event, operation=name):
        asked = {k: v for k, v in event.items() if k != KEY}
        return operations[name](asked, ports)


def envelope(answer: Callable[[], Wire]) -> Wire:
    """Return an answer, or the typed error it ended with, as HTTP would."""
    try:
        with reported():
            status, body = 200, json.dumps(answer())
    except DrError as error:
        status, body = error.status, str(error)
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": body,
    }


@contextmanager
def invoked(
    event: object,
    seen_as: Callable[[DrError], DrError] = public_error,
) -> Iterator[None]:
    """Answer an invocation: its lines have one id, its errors a form."""
    with log.bound(correlation_id=correlated(correlation_of(event))):
        with metrics.measured(), reported(seen_as):
            yield


@contextmanager
def reported(
    seen_as: Callable[[DrError], DrError] = public_error,
) -> Iterator[None]:
    """Let errors leave as Lambda is to report them.

    Lambda takes the class's name as ``errorType`` and ``str()`` as the
    message, which is to be the error's JSON body. A bug leaves with an id
    by which the log tells of it, and with nothing else.
    """
    try:
        yield
    except DrError as error:
        shown = seen_as(error)
        shown.args = (error_body(shown),)
        if shown is error:
            raise
        raise shown from error
    except Exception as error:
        shown = _bug()
        number = shown.details["correlationId"]
        log.exception("bug", correlation_id=number, error_code=shown.code)
        shown.args = (error_body(shown),)
        raise shown from error


def _bug() -> DrError:
    number = correlated("")
    return DrError(
        "Something went wrong within; the log of the function tells what, "
        f"under correlation_id {number}.",
        correlationId=number,
    )


@contextmanager
def _logged(event: Wire, **name: Any) -> Iterator[None]:
    """Log that something was answered, or with which error it ended."""
    begun = time.monotonic()
    number = correlated(correlation_of(event))
    with log.bound(**subject_of(event), correlation_id=number):
        log.event("asked", **name)
        try:
            yield
        except DrError as error:
            log.error(
                "failed",
                **name,
                error_code=error.code,
                reason=error.message,
                duration_ms=_milliseconds(begun),
            )
            raise
        took = _milliseconds(begun)
        log.event("answered", **name, duration_ms=took)
        if name.get("action") == POLL:
            metrics.record(Metric.REQUEST_DURATION, took)


def _milliseconds(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
