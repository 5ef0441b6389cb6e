"""The entry point of the notification formatter, over SNS on moto."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from notification_formatter import handler
from shared.domain.errors import (
    BadRequest,
    DrError,
    HandlerUnavailable,
    UnknownEvent,
)
from shared.domain.metrics import Metric
from shared.settings import SettingError
from tests.notification_formatter.events import a_drs_event
from tests.support.lambdas import Context
from tests.support.measures import measured

CONTEXT = Context("dr-formatter")
VARIABLES = {
    "execution": "EXECUTION_NOTIFICATIONS_TOPIC_ARN",
    "drs_alert": "DRS_ALERTS_TOPIC_ARN",
    "pause": "EXECUTION_PAUSE_TOPIC_ARN",
}


@pytest.fixture(autouse=True)
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A queue that subscribes to every topic."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("PROJECT_NAME", "dr")
    monkeypatch.setenv("ENVIRONMENT", "test")
    handler.topics.cache_clear()
    with mock_aws():
        queue = boto3.client("sqs").create_queue(QueueName="inbox")["QueueUrl"]
        for kind, variable in VARIABLES.items():
            arn = boto3.client("sns").create_topic(Name=kind)["TopicArn"]
            boto3.client("sns").subscribe(
                TopicArn=arn,
                Protocol="sqs",
                Endpoint="arn:aws:sqs:us-east-1:123456789012:inbox",
            )
            monkeypatch.setenv(variable, arn)
        yield queue
    handler.topics.cache_clear()


def received(queue: str) -> list[Any]:
    reply = boto3.client("sqs").receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10
    )
    return [json.loads(one["Body"]) for one in reply.get("Messages", [])]


def test_an_event_of_drs_arrives_as_a_document_with_filters(
    inbox: str,
) -> None:
    reply = handler.lambda_handler(a_drs_event(), CONTEXT)

    (message,) = received(inbox)
    assert reply["published"] is True
    assert reply["messageId"] == message["MessageId"]
    assert reply["topicArn"].endswith(":drs_alert")
    assert message["Subject"] == "DRS s-11111111111111111: launch failed"
    document = json.loads(message["Message"])
    assert document["eventType"] == "drs_launch_failed"
    assert document["sourceServerIds"] == ["s-11111111111111111"]
    filters = message["MessageAttributes"]
    assert filters["eventType"]["Value"] == "drs_launch_failed"


@pytest.mark.parametrize(
    ("kind", "event"),
    [("execution", "start"), ("drs_alert", "fail"), ("pause", "pause")],
)
def test_each_type_of_request_arrives(
    inbox: str, kind: str, event: str
) -> None:
    reply = handler.lambda_handler(
        {
            "notificationType": kind,
            "eventType": event,
            "executionId": "e-1",
            "recoveryPlanId": "p-1",
        },
        CONTEXT,
    )

    (message,) = received(inbox)
    assert reply["topicArn"] == message["TopicArn"]
    assert message["TopicArn"].endswith(f":{kind}")
    assert json.loads(message["Message"])["notificationType"] == kind
    assert message["MessageAttributes"]["recoveryPlanId"]["Value"] == "p-1"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({}, UnknownEvent),
        ({"operation": "find"}, UnknownEvent),
        ({"source": "aws.ec2", "detail-type": "x"}, UnknownEvent),
        ({"notificationType": "sms"}, BadRequest),
        ({"notificationType": float("nan")}, BadRequest),
        ([], BadRequest),
    ],
)
def test_what_cannot_be_answered_is_raised_with_a_json_body(
    event: Any, kind: type[DrError], inbox: str
) -> None:
    with pytest.raises(kind) as caught:
        handler.lambda_handler(event, CONTEXT)

    assert json.loads(str(caught.value))["error"] == caught.value.code
    assert received(inbox) == []


def test_without_topics_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch, inbox: str
) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable)

    reply = handler.lambda_handler(a_drs_event(), CONTEXT)

    assert reply["published"] is False
    assert received(inbox) == []


def test_a_message_that_its_topic_did_not_take_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler.lambda_handler(a_drs_event(), CONTEXT)
    before = measured(capsys)
    for topic in boto3.client("sns").list_topics()["Topics"]:
        boto3.client("sns").delete_topic(TopicArn=topic["TopicArn"])

    with pytest.raises(HandlerUnavailable):
        handler.lambda_handler(a_drs_event(), CONTEXT)

    assert before == {}
    assert measured(capsys) == {Metric.NOTIFICATIONS_FAILED: [1]}


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROJECT_NAME")

    with pytest.raises(SettingError, match="PROJECT_NAME"):
        handler.lambda_handler(a_drs_event(), CONTEXT)
