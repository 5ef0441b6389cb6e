"""The errors the service answers, as values the fronts put on the wire.

Decides the status of each error code. Does not decide when one is raised:
that is the operations' part, and they raise only what the service model
lists for the operation.
"""

from collections.abc import Mapping

STATUS: Mapping[str, int] = {
    "AccessDeniedException": 403,
    "ConflictException": 409,
    "InternalServerException": 500,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 402,
    "ThrottlingException": 429,
    "UninitializedAccountException": 400,
    "UnrecognizedClientException": 403,
    "UnsupportedOperation": 501,
    "ValidationException": 400,
}


class ServiceFault(Exception):
    """An error answer of the service: code, message, status and members."""

    def __init__(
        self, code: str, message: str, status: int = 0, **members: str
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or STATUS.get(code, 400)
        self.members = members


class ReplyLost(Exception):
    """The operation was done and its answer never reaches the caller."""

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"the answer to {operation} was lost after the work was done, as"
            " an injected fault asked; the caller sees a closed connection"
        )
        self.operation = operation


class ControlError(ValueError):
    """A document of the control path that cannot be accepted."""


def conflict(message: str, kind: str, resource: str) -> ServiceFault:
    """Return the error for a resource that is busy or not in the state."""
    return ServiceFault(
        "ConflictException", message, resourceType=kind, resourceId=resource
    )


def not_found(kind: str, resource: str) -> ServiceFault:
    """Return the error for a resource this account and Region lack."""
    return ServiceFault(
        "ResourceNotFoundException",
        f"The {kind} {resource} does not exist in this account and Region.",
        resourceType=kind,
        resourceId=resource,
    )


def invalid(message: str) -> ServiceFault:
    """Return the error for a request that can never be accepted."""
    return ServiceFault("ValidationException", message, reason="other")
