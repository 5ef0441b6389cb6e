"""What is measured comes out as lines that CloudWatch takes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from shared import metrics
from shared.context import bound
from shared.domain.metrics import Metric, dimensions_of, unit_of

RUNNING = {"PROJECT_NAME": "dro", "ENVIRONMENT": "test"}
MORE = {"Outcome": "COMPLETED"}


@pytest.fixture
def container() -> Iterator[None]:
    metrics.start("query_handler", RUNNING)
    yield
    metrics._KNOWN.clear()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.usefixtures("container")
def test_each_metric_has_its_unit_and_at_most_two_dimensions(
    metric: Metric, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = {k: v for k, v in MORE.items() if k in dimensions_of(metric)}

    with bound(correlation_id="c-1"), metrics.measured():
        metrics.record(metric, 3, **needed)

    (line,) = lines(capsys)
    (said,) = line["_aws"]["CloudWatchMetrics"]
    assert said["Namespace"] == "DRSOrchestration"
    assert said["Dimensions"] == [list(dimensions_of(metric))]
    assert len(dimensions_of(metric)) <= 2
    (named,) = said["Metrics"]
    assert (named["Name"], named["Unit"]) == (metric, unit_of(metric))
    assert line[metric] == [3.0]
    assert line["Installation"] == "dro-test"
    assert line["correlation_id"] == "c-1"


@pytest.mark.usefixtures("container")
def test_nothing_is_measured_outside_an_invocation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics.record(Metric.SWEEPS)

    assert lines(capsys) == []


def test_a_container_that_is_not_known_measures_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with metrics.measured():
        metrics.record(Metric.SWEEPS)

    assert lines(capsys) == []
