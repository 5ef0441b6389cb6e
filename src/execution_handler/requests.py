"""Reading what people ask: fields, their types and their limits.

Which request is allowed when is decided by the module that answers it.
"""

from shared.domain.errors import BadRequest
from shared.domain.execution import Wire

DIRECT = "system:direct"
MAX_REASON = 500
MAX_TOKEN = 64


def execution_named(event: Wire) -> str:
    """Return the id of the execution that the request is about.

    Raises:
        BadRequest: ``MISSING_FIELD``.
    """
    execution_id = event.get("executionId")
    if not isinstance(execution_id, str) or not execution_id.strip():
        raise _missing("executionId")
    return execution_id.strip()


def user_of(event: Wire) -> str:
    """Return who asks, as a record notes it."""
    return str(event.get("initiatedBy") or DIRECT)


def client_token(event: Wire) -> str:
    """Return the token by which repeats of a request are known, or none.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    value = event.get("clientToken")
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise _of_other_type("clientToken", "a text", value)
    if len(value) > MAX_TOKEN:
        raise BadRequest(
            f"'clientToken' has {len(value)} characters; {MAX_TOKEN} are "
            "allowed.",
            code="INVALID_FORMAT",
            field="clientToken",
        )
    return value


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
    value = event.get("reason")
    if value is None:
        raise _missing("reason")
    if not isinstance(value, str):
        raise _of_other_type("reason", "a text", value)
    text = value.strip()
    if not text:
        raise _missing("reason")
    if len(text) > MAX_REASON:
        raise BadRequest(
            f"'reason' has {len(text)} characters; {MAX_REASON} are allowed.",
            code="INVALID_FORMAT",
            field="reason",
        )
    return text


def _missing(field: str) -> BadRequest:
    return BadRequest(
        f"'{field}' is needed.", code="MISSING_FIELD", field=field
    )


def _of_other_type(field: str, wanted: str, value: object) -> BadRequest:
    return BadRequest(
        f"'{field}' must be {wanted}, not {value!r}.",
        code="INVALID_TYPE",
        field=field,
    )
