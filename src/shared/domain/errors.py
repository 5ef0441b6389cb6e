"""The errors of the product, one tree, one class per kind of blame.

DrError
├── BadRequest            400  the caller's fault
│   ├── UnknownEvent
│   ├── UnknownAction
│   └── UnknownOperation
├── Unauthenticated       401
├── Forbidden             403
├── NotFound              404
├── MethodNotAllowed      405
├── Conflict              409  the state of things forbids it now
├── LimitExceeded         429
├── Unavailable           503  the other side's fault, worth another try
│   ├── DrsUnavailable
│   ├── CheckUnavailable
│   ├── AccountUnreachable
│   └── HandlerUnavailable
├── HandlerFailed         a peer's reply broke the contract; not retried
├── StateTooLarge         the state outgrew what the state machine carries
└── DatabaseError         DynamoDB refused or could not be asked

Which class answers which HTTP status is said here and nowhere else. The
class's name is the ``errorType`` that Lambda reports, so the state
machine's retry and catch rules match on it.
"""

from typing import Any, ClassVar, Final

MAX_MESSAGE_CHARACTERS: Final = 4_000


class DrError(Exception):
    """An error with a code for programs and a message for people."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(
        self, message: str, /, *, code: str | None = None, **details: Any
    ) -> None:
        self.message = _sayable(message) or type(self).__name__
        super().__init__(self.message)
        self.code = code or self.default_code
        self.details = details

    def body(self) -> dict[str, Any]:
        """Return the error body of the contract."""
        return {**self.details, "error": self.code, "message": self.message}


def _sayable(message: str) -> str:
    """Return a message that JSON can carry and a person can read."""
    said = message.encode(errors="backslashreplace").decode()
    if len(said) <= MAX_MESSAGE_CHARACTERS:
        return said
    return f"{said[: MAX_MESSAGE_CHARACTERS - 1]}…"


class BadRequest(DrError):
    """The request cannot be carried out as it stands."""

    status = 400
    default_code = "INVALID_INVOCATION"


class UnknownEvent(BadRequest):
    """The event has none of the shapes this function answers."""

    default_code = "INVALID_INVOCATION"


class UnknownAction(BadRequest):
    """The action is not one of this function's."""

    default_code = "UNKNOWN_ACTION"


class UnknownOperation(BadRequest):
    """The operation is not one of this function's."""

    default_code = "UNKNOWN_OPERATION"


class Unauthenticated(DrError):
    """Nobody said who asks."""

    status = 401
    default_code = "UNAUTHENTICATED"


class Forbidden(DrError):
    """The caller may not do this."""

    status = 403
    default_code = "FORBIDDEN"


class NotFound(DrError):
    """The named thing does not exist."""

    status = 404
    default_code = "NOT_FOUND"


class MethodNotAllowed(DrError):
    """The path has other methods than this one."""

    status = 405
    default_code = "METHOD_NOT_ALLOWED"


class Conflict(DrError):
    """The state of things forbids the request now."""

    status = 409
    default_code = "CONFLICT"


class LimitExceeded(DrError):
    """A quota leaves no room."""

    status = 429
    default_code = "THROTTLED"


class Unavailable(DrError):
    """The other side could not be asked; another try may succeed."""

    status = 503
    default_code = "CHECK_UNAVAILABLE"


class DrsUnavailable(Unavailable):
    """AWS Elastic Disaster Recovery could not be asked."""

    default_code = "DRS_UNAVAILABLE"


class CheckUnavailable(Unavailable):
    """A check could not be made, so nothing may pass it."""

    default_code = "CHECK_UNAVAILABLE"


class AccountUnreachable(Unavailable):
    """The role of another account could not be assumed."""

    default_code = "ACCOUNT_UNREACHABLE"


class HandlerUnavailable(Unavailable):
    """A peer function could not be reached or answered; try again."""

    default_code = "HANDLER_UNAVAILABLE"


class HandlerFailed(DrError):
    """A peer function answered with something that is no state."""

    default_code = "HANDLER_ERROR"


class StateTooLarge(DrError):
    """The state outgrew what the state machine carries."""

    default_code = "STATE_TOO_LARGE"


class DatabaseError(DrError):
    """DynamoDB refused, or could not be asked."""

    default_code = "DATABASE_ERROR"
