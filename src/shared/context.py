"""What the lines of the log within are about, and by which id they belong.

Decides how far a field reaches: to everything called within, threads that
``carried`` work included. Which id an event has is decided in
``domain/correlation``.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, Final

CORRELATION_ID: Final = "correlation_id"
_FIELDS: ContextVar[Mapping[str, Any]] = ContextVar("fields")


def fields() -> Mapping[str, Any]:
    """Return what is bound at the moment."""
    return _FIELDS.get({})


@contextmanager
def bound(**more: Any) -> Iterator[None]:
    """Bind these fields within; what was bound before comes back after."""
    token = _FIELDS.set({**fields(), **more})
    try:
        yield
    finally:
        _FIELDS.reset(token)


def correlated(found: str) -> str:
    """Return the id found, else the one bound, else one made here."""
    return found or correlation_id() or str(uuid.uuid4())


def correlation_id() -> str:
    """Return the id by which everything within belongs together, or none."""
    return str(fields().get(CORRELATION_ID, ""))


def goes_on_as(known: str) -> None:
    """Bind the id of the execution, once it is known, until the end.

    Outside of an invocation nothing would end it, so nothing is bound.
    """
    if known and correlation_id():
        _FIELDS.set({**fields(), CORRELATION_ID: known})


def carried[**P, R](work: Callable[P, R]) -> Callable[P, R]:
    """Return work for threads that is bound as its maker is."""
    context = copy_context()

    def bound_work(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.copy().run(work, *args, **kwargs)

    return bound_work
