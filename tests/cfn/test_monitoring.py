"""The alarms and the dashboard: whom they watch, by metrics that exist."""

import json
import re
from typing import Any

import pytest

from shared.domain.metrics import (
    INSTALLATION,
    NAMESPACE,
    Metric,
    dimensions_of,
)
from shared.domain.status import Status
from tests.support import templates

MONITORING = templates.template("monitoring")
FUNCTIONS = templates.template("functions")
ALARMS = {
    name: resource["Properties"]
    for name, resource in MONITORING.resources("CloudWatch::Alarm").items()
}
NAMES = {
    templates.text(one["Properties"]["FunctionName"])
    for one in FUNCTIONS.resources("Lambda::Function").values()
}
HANDLERS = {
    one["Properties"]["Handler"].split(".")[0]
    for one in FUNCTIONS.resources("Lambda::Function").values()
}
# Neither answers requests or polls.
NO_REQUESTS = {"notification_formatter", "frontend_deployer"}


def dimensions(metric: Any) -> dict[str, str]:
    """Return the dimensions of an alarm or of a part of its expression."""
    return {
        one["Name"]: templates.text(one["Value"])
        for one in metric.get("Dimensions", ())
    }


def parts(alarm: Any) -> dict[str, Any]:
    """Return the metrics that an expression is made of, by name."""
    return {
        one["MetricStat"]["Metric"]["MetricName"]: one["MetricStat"]
        for one in alarm.get("Metrics", ())
        if "MetricStat" in one
    }


def rates(threshold: int) -> set[str]:
    """Return the functions whose error rate has an alarm."""
    found = set()
    for alarm in ALARMS.values():
        if parts(alarm) and alarm["Threshold"] == threshold:
            stats = parts(alarm)
            assert set(stats) == {"Errors", "Invocations"}
            (of,) = {
                tuple(sorted(dimensions(one["Metric"]).items()))
                for one in stats.values()
            }
            assert dict(of)["Resource"] == dict(of)["FunctionName"] + ":live"
            found.add(dict(of)["FunctionName"])
    return found


def named(metric: str) -> list[Any]:
    return [one for one in ALARMS.values() if one.get("MetricName") == metric]


@pytest.mark.parametrize("percent", [1, 5])
def test_every_function_has_an_alarm_on_its_errors(percent: int) -> None:
    assert rates(percent) == NAMES


def test_every_function_has_an_alarm_on_throttles() -> None:
    watched = [dimensions(alarm) for alarm in named("Throttles")]

    assert {one["FunctionName"] for one in watched} == NAMES
    assert all(
        one["Resource"] == one["FunctionName"] + ":live" for one in watched
    )
    assert {alarm["Threshold"] for alarm in named("Throttles")} == {0}


@pytest.mark.parametrize("milliseconds", [5000, 10000])
def test_every_function_with_requests_has_an_alarm_on_their_duration(
    milliseconds: int,
) -> None:
    watched = {
        dimensions(alarm)["Handler"]
        for alarm in named(Metric.REQUEST_DURATION)
        if alarm["Threshold"] == milliseconds
        and alarm["ExtendedStatistic"] == "p95"
    }

    assert watched == HANDLERS - NO_REQUESTS


@pytest.mark.parametrize(
    ("metric", "threshold", "compares"),
    [
        (Metric.DRAINS_GIVEN_UP, 0, "GreaterThanThreshold"),
        (Metric.EXECUTIONS_UNPOLLED, 0, "GreaterThanThreshold"),
        (Metric.NOTIFICATIONS_FAILED, 0, "GreaterThanThreshold"),
        (Metric.SWEEPS, 1, "LessThanThreshold"),
        ("ApproximateNumberOfMessagesVisible", 0, "GreaterThanThreshold"),
    ],
)
def test_what_the_contract_calls_critical_has_an_alarm(
    metric: str, threshold: int, compares: str
) -> None:
    (alarm,) = named(metric)

    assert alarm["Threshold"] == threshold
    assert alarm["ComparisonOperator"] == compares


def test_bad_ends_have_alarms_and_others_have_none() -> None:
    outcomes = {dimensions(a)["Outcome"] for a in named("ExecutionsEnded")}

    assert outcomes == {Status.FAILED, Status.TIMEOUT}


def test_the_silence_of_the_sweep_is_an_alarm_and_no_other_silence() -> None:
    (sweep,) = named(Metric.SWEEPS)
    missing = {one["TreatMissingData"] for one in ALARMS.values()}

    assert sweep["TreatMissingData"] == "breaching"
    assert sweep["Period"] * sweep["EvaluationPeriods"] == 300
    assert missing == {"breaching", "notBreaching"}
    assert [
        one
        for one in ALARMS.values()
        if one["TreatMissingData"] == "breaching"
    ] == [sweep]


def test_the_queue_that_is_watched_is_the_one_there_is() -> None:
    (alarm,) = named("ApproximateNumberOfMessagesVisible")
    queues = FUNCTIONS.resources("SQS::Queue").values()

    assert dimensions(alarm)["QueueName"] in {
        templates.text(queue["Properties"]["QueueName"]) for queue in queues
    }


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_of_ours_is_on_a_metric_that_code_records(name: str) -> None:
    alarm = ALARMS[name]
    if alarm.get("Namespace") != NAMESPACE:
        assert alarm.get("Namespace", "AWS/Lambda").startswith("AWS/")
        return

    metric = Metric(alarm["MetricName"])

    assert tuple(dimensions(alarm)) == dimensions_of(metric)
    assert dimensions(alarm)[INSTALLATION] == "${ProjectName}-${Environment}"


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_is_published_and_says_how_bad_it_is(name: str) -> None:
    alarm = ALARMS[name]
    severity = alarm["AlarmDescription"].split(":")[0]

    assert severity in ("Critical", "Warning")
    assert "DrsAlertsTopicArn" in json.dumps(alarm["AlarmActions"])
    assert ("OKActions" in alarm) == (severity == "Critical")
    assert "Warning" not in name or severity == "Warning"


def test_the_dashboard_shows_every_metric_of_ours_and_every_function() -> None:
    (dashboard,) = MONITORING.resources("CloudWatch::Dashboard").values()
    text = templates.text(dashboard["Properties"]["DashboardBody"])
    body = json.loads(text)

    shown = [
        metric
        for widget in body["widgets"]
        for metric in widget["properties"]["metrics"]
    ]
    ours = [one for one in shown if one[0] == NAMESPACE]
    assert {one[1] for one in ours} == set(Metric)
    for one in ours:
        assert tuple(one[2::2]) == dimensions_of(Metric(one[1]))
    for metric in (
        "Invocations",
        "Errors",
        "Duration",
        "Throttles",
        "ConcurrentExecutions",
    ):
        of = {one[3] for one in shown if one[:2] == ["AWS/Lambda", metric]}
        assert of == NAMES
    assert {"p50", "p95", "p99"} <= set(re.findall(r"\bp\d\d\b", text))
