"""Reading what people ask: fields, their types and their limits.

Which request is allowed when is decided by the module that answers it.
"""

from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.wire import id_in, shown, text_in

DIRECT = "system:direct"
MAX_REASON = 500
MAX_TOKEN = 64


def execution_named(event: Wire) -> str:
    """Return the id of the execution that the request is about.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``.
    """
    return id_in(event, "executionId")


def user_of(event: Wire) -> str:
    """Return who asks, as a record notes it."""
    return str(event.get("initiatedBy") or DIRECT)


def client_token(event: Wire) -> str:
    """Return the token by which repeats of a request are known, or none.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    return text_in(event, "clientToken", MAX_TOKEN)


def flag(event: Wire, field: str) -> bool:
    """Return a yes or no, no where it is absent.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    value = event.get(field)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _of_other_type(field, "true or false", value)
    return value


def number(event: Wire, field: str) -> int:
    """Return a whole number.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``.
    """
    value = event.get(field)
    if value is None:
        raise _missing(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _of_other_type(field, "a whole number", value)
    return value


def reason(event: Wire) -> str:
    """Return the reason, which has to be given.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    text = text_in(event, "reason", MAX_REASON).strip()
    if not text:
        raise _missing("reason")
    return text


def _missing(field: str) -> BadRequest:
    return BadRequest(
        f"'{field}' is needed.", code="MISSING_FIELD", field=field
    )


def _of_other_type(field: str, wanted: str, value: object) -> BadRequest:
    return BadRequest(
        f"'{field}' must be {wanted}, not {shown(value)}.",
        code="INVALID_TYPE",
        field=field,
    )
