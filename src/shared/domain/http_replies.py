"""What an HTTP answer looks like: headers, and the bodies of errors.

Decides which status and code an error has towards a client, and that no
text of a fault of ours ever leaves.
"""

from typing import Any, Final

from shared.domain.errors import DrError

ALLOWED_HEADERS: Final = "Authorization,Content-Type,X-Correlation-Id"
ALLOWED_METHODS: Final = "GET,POST,PUT,DELETE,OPTIONS"
EXPOSED_HEADERS: Final = "X-Correlation-Id"
_THROTTLED: Final = "THROTTLED"
_FAULTS: Final = frozenset(
    {"INTERNAL_ERROR", "DATABASE_ERROR", "DELETE_FAILED", "CHECK_FAILED"}
)
_OUTAGES: Final = frozenset(
    {"DRS_UNAVAILABLE", "ACCOUNT_UNREACHABLE", "CHECK_UNAVAILABLE"}
)


def headers(origin: str, correlation_id: str) -> dict[str, str]:
    """Return the headers of every answer."""
    return {
        "Content-Type": "application/json",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Allow-Methods": ALLOWED_METHODS,
        "Access-Control-Expose-Headers": EXPOSED_HEADERS,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
        "X-Correlation-Id": correlation_id,
    }


def error_reply(
    error: DrError, correlation_id: str
) -> tuple[int, dict[str, Any]]:
    """Return the status and body of an error."""
    if error.code == _THROTTLED:
        return 429, _shown(error, _THROTTLED)
    if error.status == 503:
        known = error.code in _OUTAGES
        return 503, _shown(error, error.code if known else "CHECK_UNAVAILABLE")
    if error.status >= 500:
        code = error.code if error.code in _FAULTS else "INTERNAL_ERROR"
        return fault(correlation_id, code)
    return error.status, _shown(error, error.code)


def fault(
    correlation_id: str, code: str = "INTERNAL_ERROR"
) -> tuple[int, dict[str, Any]]:
    """Return the status and body of a fault of ours."""
    return 500, {
        "error": code,
        "message": (
            "Something went wrong on our side. Try again; if it goes on, "
            "tell your administrator the correlation id."
        ),
        "correlationId": correlation_id,
    }


def _shown(error: DrError, code: str) -> dict[str, Any]:
    """Return the body of an error that is no fault of ours."""
    body = {**error.body(), "error": code}
    if "code" in body:
        body["code"] = code
    field = body.pop("field", None)
    if field is not None:
        body["details"] = {"field": field}
    return body
