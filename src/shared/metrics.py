"""Record our own metrics, as lines of the log that CloudWatch reads.

Which metrics there are is decided in ``domain/metrics``. A line is written
within an invocation of a function that has said where it runs, and nowhere
else: a script or a test that calls the same code measures nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from shared.context import CORRELATION_ID, correlation_id
from shared.domain.metrics import (
    HANDLER,
    INSTALLATION,
    NAMESPACE,
    Metric,
    dimensions_of,
    unit_of,
)

_KNOWN: Final[dict[str, str]] = {}
_WHERE: Final[ContextVar[Mapping[str, str]]] = ContextVar("where")


def start(handler: str, environment: Mapping[str, str]) -> None:
    """Say which function of which installation this container is.

    A variable that is missing is complained of by the settings.
    """
    parts = (environment.get("PROJECT_NAME"), environment.get("ENVIRONMENT"))
    where = "-".join(part for part in parts if part)
    _KNOWN.update({INSTALLATION: where, HANDLER: handler})


@contextmanager
def measured() -> Iterator[None]:
    """Record within, if the container is known."""
    token = _WHERE.set(dict(_KNOWN))
    try:
        yield
    finally:
        _WHERE.reset(token)


def record(metric: Metric, value: float = 1, **more: str) -> None:
    """Record a value, with the dimensions that the container cannot know."""
    known = {**_WHERE.get({}), **more}
    if INSTALLATION not in known:
        return
    with single_metric(
        name=metric,
        unit=MetricUnit(unit_of(metric)),
        value=value,
        namespace=NAMESPACE,
        default_dimensions={n: known[n] for n in dimensions_of(metric)},
    ) as line:
        line.add_metadata(CORRELATION_ID, correlation_id())
