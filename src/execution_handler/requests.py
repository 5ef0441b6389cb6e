"""Reading what people ask: fields, their types and their limits.

Which request is allowed when is decided by the module that answers it.
"""

from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.routes import Request
from shared.domain.wire import id_in, missing, text_in, wrong_type

MAX_REASON = 500
MAX_TOKEN = 64


def about(request: Request) -> Wire:
    """Return which execution a request is about, and who asks."""
    return {
        "executionId": request.path["id"],
        "initiatedBy": request.identity.name,
    }


def execution_named(event: Wire) -> str:
    """Return the id of the execution that the request is about.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``.
    """
    return id_in(event, "executionId")


def client_token(event: Wire) -> str:
    """Return the token by which repeats of a request are known, or none.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    if event.get("clientToken") is None:
        return ""
    token = text_in(event, "clientToken", MAX_TOKEN)
    if not token.strip():
        raise BadRequest(
            f"'clientToken' must have 1 to {MAX_TOKEN} characters; "
            "leave it out where no repeat is to be recognised.",
            code="INVALID_FORMAT",
            field="clientToken",
        )
    return token


def flag(event: Wire, field: str) -> bool:
    """Return a yes or no, no where it is absent.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    value = event.get(field)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise wrong_type(field, "true or false", value)
    return value


def number(event: Wire, field: str) -> int:
    """Return a whole number.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``.
    """
    value = event.get(field)
    if value is None:
        raise missing(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(field, "a whole number", value)
    return value


def reason(event: Wire) -> str:
    """Return the reason, which has to be given.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    text = text_in(event, "reason", MAX_REASON).strip()
    if not text:
        raise missing("reason")
    return text
