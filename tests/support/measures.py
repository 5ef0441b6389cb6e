"""Our own metrics, as the log of a function holds them."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared import metrics
from shared.domain.metrics import INSTALLATION, NAMESPACE
from shared.routing import invoked

type Values = dict[str, list[float]]

_WHERE = {"PROJECT_NAME": "dro", "ENVIRONMENT": "test"}


@contextmanager
def a_container(handler: str) -> Iterator[None]:
    """Be a container of a function, within one invocation."""
    metrics.start(handler, _WHERE)
    try:
        with invoked({}):
            yield
    finally:
        metrics._KNOWN.clear()


def measured(capsys: pytest.CaptureFixture[str]) -> Values:
    """Return the values logged since the last look, by their metric.

    A metric with a dimension more has that dimension's value behind its
    name.
    """
    found: Values = defaultdict(list)
    for text in capsys.readouterr().out.splitlines():
        line = json.loads(text) if text.startswith("{") else {}
        for one in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert one["Namespace"] == NAMESPACE
            (dimensions,) = one["Dimensions"]
            assert dimensions[0] == INSTALLATION and line[INSTALLATION]
            more = [str(line[name]) for name in dimensions[1:]]
            for metric in one["Metrics"]:
                found[" ".join([metric["Name"], *more])] += line[
                    metric["Name"]
                ]
    return found
