"""What a peer function's answer means.

Decides which of our errors a peer's failure becomes, whether it is worth
another try, and whether a reply is a state that may replace ours. How the
peer is reached is not known here.
"""

from collections.abc import Iterator

import msgspec

from shared.domain.errors import (
    BadRequest,
    DatabaseError,
    DrError,
    HandlerFailed,
    HandlerUnavailable,
    Unavailable,
)
from shared.domain.execution import Execution, Wire, from_wire
from shared.domain.status import RunStatus
from shared.domain.wire import checked_event, json_object, shown

ENDED = frozenset(
    {"Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory"}
)
"""The platform ended the peer; what it did is found by another try."""
_STATUSES = frozenset(str(status) for status in RunStatus)
_PUBLIC = DrError.__module__
_NAMED = ("error", "message", "code")


def checked_state(reply: object, execution_id: str) -> Wire:
    """Return the reply, known to be a state of this execution.

    Raises:
        HandlerFailed: It is not.
    """
    if not isinstance(reply, dict):
        raise HandlerFailed(
            f"The reply for execution {execution_id} is no JSON object but "
            f"{type(reply).__name__}."
        )
    if reply.get("execution_id") != execution_id:
        raise HandlerFailed(
            f"The reply for execution {execution_id} is about execution "
            f"{shown(reply.get('execution_id'))}."
        )
    status = reply.get("status")
    if not isinstance(status, str) or status not in _STATUSES:
        raise HandlerFailed(
            f"The reply for execution {execution_id} has the unknown status "
            f"{shown(status)}."
        )
    return reply


def state_of_reply(reply: object, execution_id: str) -> Execution:
    """Return the state that a peer replied with.

    Raises:
        HandlerFailed: It is none of this execution.
    """
    try:
        return from_wire(checked_event(checked_state(reply, execution_id)))
    except BadRequest as error:
        raise HandlerFailed(
            f"The reply for execution {execution_id} cannot be read: "
            f"{error.message}"
        ) from error


def error_body(error: DrError) -> str:
    """Return the message that a peer reads an error from."""
    return msgspec.json.encode(error.body(), enc_hook=str).decode()


def peer_error(peer: str, error_type: str, message: str) -> DrError:
    """Return the error that a peer's failure is for its caller.

    Args:
        peer: The peer's name, for the message.
        error_type: The class's name, as Lambda reports it.
        message: A JSON error body, or whatever the runtime wrote.
    """
    kind = dict(_classes()).get(error_type)
    body = json_object(message)
    text = str(body.get("message") or message or "it gave no reason")
    if _was_ended(error_type, message):
        return HandlerUnavailable(f"{peer} was ended: {text}")
    # The root of the tree is what a bug leaves as.
    if kind is None or kind is DrError:
        return HandlerFailed(
            f"{peer} failed with {error_type or 'no error type'}: {text}",
            errorType=error_type,
        )
    code = str(body.get("error") or kind.default_code)
    if issubclass(kind, Unavailable):
        return HandlerUnavailable(f"{peer}: {text}", peerError=code)
    details = {k: v for k, v in body.items() if k not in _NAMED}
    return kind(text, code=code, **details)


def _was_ended(error_type: str, message: str) -> bool:
    return error_type in ENDED or (
        not error_type and "Task timed out" in message
    )


def _classes(
    root: type[DrError] = DrError,
) -> Iterator[tuple[str, type[DrError]]]:
    yield root.__name__, root
    for kind in root.__subclasses__():
        yield from _classes(kind)


def public_error(error: DrError) -> DrError:
    """Return the error as the nearest class that every function knows.

    Lambda reports a class by its name, and a caller that does not load the
    library which defines the class could not tell what it means.
    """
    kind: type[DrError] = next(
        cls for cls in type(error).__mro__ if cls.__module__ == _PUBLIC
    )
    return kind(error.message, code=error.code, **error.details)


def retryable_error(error: DrError) -> DrError:
    """Return the error as the state machine is to see it.

    What another try may mend has the one name its retry rule knows.
    """
    if isinstance(error, HandlerUnavailable):
        return error
    if isinstance(error, Unavailable | DatabaseError):
        return HandlerUnavailable(
            error.message, **{**error.details, "peerError": error.code}
        )
    return public_error(error)
