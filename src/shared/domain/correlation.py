"""By which id everything that belongs to an event is found in the log.

A request brings it in a header, a peer and the background beside their
work, the state machine within the state, EventBridge as the event's own.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from shared.domain.subject import subject_of

KEY: Final = "correlation_id"
HEADER: Final = "x-correlation-id"
_FORM: Final = re.compile(r"[0-9A-Za-z._-]{1,128}")


def correlation_of(event: object) -> str:
    """Return the event's id, or that of its execution; empty without."""
    if not isinstance(event, Mapping):
        return ""
    if "requestContext" in event:
        return _of_headers(event.get("headers"))
    places = [event.get(KEY)]
    for name in ("application", "state"):
        inner = event.get(name)
        if isinstance(inner, Mapping):
            places.append(inner.get(KEY))
            places.append(_started(inner.get("Execution")))
    places.append(_started(event.get("started")))
    if "detail-type" in event:
        places.append(event.get("id"))
    places.append(subject_of(event).get("execution_id"))
    return next(filter(None, map(_checked, places)), "")


def _started(execution: object) -> Any:
    """Return the id within the input of the state machine."""
    if isinstance(execution, Mapping):
        return execution.get("CorrelationId")
    return None


def _of_headers(headers: object) -> str:
    if not isinstance(headers, Mapping):
        return ""
    sent = (v for k, v in headers.items() if str(k).lower() == HEADER)
    return next(filter(None, map(_checked, sent)), "")


def _checked(value: Any) -> str:
    """Return the id where it has an id's form, else nothing."""
    if isinstance(value, str) and _FORM.fullmatch(value):
        return value
    return ""
