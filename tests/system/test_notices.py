"""What arrives at subscribers of the deployed topics.

The emulator delivers to queues, so a queue stands for every program that
subscribes; what e-mail gets is the rule of ``tests/shared/domain``.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.system.world import System

TOPICS = {
    "execution": "ExecutionNotificationsTopicArn",
    "drs_alert": "DrsAlertsTopicArn",
    "pause": "ExecutionPauseTopicArn",
}
SERVER = "arn:aws:drs:us-east-1:{account}:source-server/s-11111111111111111"


class Inbox:
    """A queue that has subscribed to every topic."""

    def __init__(self, system: System) -> None:
        self._queues = system.client("sqs")
        self._url = self._queues.create_queue(QueueName="inbox")["QueueUrl"]
        self._arn = self._queues.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["QueueArn"]
        )["Attributes"]["QueueArn"]
        self._admits_topics()
        self._topics = system.client("sns")
        self._subscriptions = [
            self._topics.subscribe(
                TopicArn=system.endpoints.outputs[output],
                Protocol="sqs",
                Endpoint=self._arn,
                ReturnSubscriptionArn=True,
            )["SubscriptionArn"]
            for output in TOPICS.values()
        ]
        self.messages: list[Any] = []

    def _admits_topics(self) -> None:
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": self._arn,
            },
        }
        self._queues.set_queue_attributes(
            QueueUrl=self._url, Attributes={"Policy": json.dumps(policy)}
        )

    def close(self) -> None:
        """Leave nothing behind."""
        for arn in self._subscriptions:
            self._topics.unsubscribe(SubscriptionArn=arn)
        self._queues.delete_queue(QueueUrl=self._url)

    def look(self) -> list[Mapping[str, Any]]:
        """Take what has arrived; return all documents so far."""
        while found := self._queues.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages"):
            for message in found:
                self.messages.append(json.loads(message["Body"]))
                self._queues.delete_message(
                    QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"]
                )
        return [json.loads(one["Message"]) for one in self.messages]

    def awaits(
        self, wanted: Callable[[Mapping[str, Any]], bool]
    ) -> Mapping[str, Any]:
        """Wait for a message; return its document."""
        for _ in range(30):
            for document in self.look():
                if wanted(document):
                    return document
            time.sleep(0.5)
        raise AssertionError(f"No such message; there are {self.look()}")


@pytest.fixture
def inbox(system: System) -> Iterator[Inbox]:
    """An inbox for one test."""
    found = Inbox(system)
    yield found
    found.close()


def invoked(system: System, event: Mapping[str, Any]) -> Any:
    """Invoke the notification formatter; answer what it says."""
    reply = system.client("lambda").invoke(
        FunctionName=system.endpoints.functions["notification-formatter"],
        Payload=json.dumps(event),
    )
    return json.load(reply["Payload"])


def a_drs_event(system: System, detail_type: str, state: str) -> Any:
    """Return an event as DRS puts it on the hub's bus."""
    account = system.client("sts").get_caller_identity()["Account"]
    return {
        "source": "aws.drs",
        "detail-type": detail_type,
        "account": account,
        "region": "us-east-1",
        "resources": [SERVER.format(account=account)],
        "detail": {"state": state},
    }


def test_a_whole_run_is_told_to_programs(system: System, inbox: Inbox) -> None:
    drill = system.drill()

    inbox.awaits(lambda told: told["eventType"] == "complete")
    told = [
        one
        for one in inbox.look()
        if one.get("executionId") == drill.execution_id
    ]
    assert sorted(one["eventType"] for one in told) == sorted(
        ["start", *["wave_complete"] * 3, "pause", "resume", "complete"]
    )
    (pause,) = [one for one in told if one["notificationType"] == "pause"]
    assert pause["resumeCommand"] == f"dro resume {drill.execution_id}"
    ends = [one for one in told if one["eventType"] == "complete"]
    assert ends[0]["launched"] == drill.report["launched"]
    (subject,) = {
        one["Subject"]
        for one in inbox.messages
        if "complete" in one["Subject"] and "wave" not in one["Subject"]
    }
    assert subject.isascii() and len(subject) <= 100
    assert drill.record["notifiedAt"]


def test_an_event_of_drs_reaches_people_through_its_rule(
    system: System, inbox: Inbox
) -> None:
    event = a_drs_event(
        system, "DRS Source Server Data Replication Stalled Change", "STALLED"
    )
    put(system, event)

    told = inbox.awaits(
        lambda told: told["eventType"] == "drs_replication_stalled"
    )

    assert told["notificationType"] == "drs_alert"
    assert told["sourceServerIds"] == ["s-11111111111111111"]


def put(system: System, event: Mapping[str, Any]) -> None:
    """Put an event on the bus, as only AWS itself may."""
    request = urllib.request.Request(
        system.endpoints.events_url,
        data=json.dumps(event).encode(),
        method="POST",
    )
    with urllib.request.urlopen(  # nosec B310 # an address of our own
        request, timeout=10
    ) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("kind", TOPICS)
def test_a_request_is_published_on_its_topic(
    system: System, inbox: Inbox, kind: str
) -> None:
    event = {"execution": "start", "drs_alert": "fail", "pause": "pause"}
    reply = invoked(
        system,
        {
            "notificationType": kind,
            "eventType": event[kind],
            "executionId": f"by-hand-{kind}",
        },
    )

    told = inbox.awaits(
        lambda told: told.get("executionId") == f"by-hand-{kind}"
    )

    assert reply["published"] is True
    assert reply["topicArn"] == system.endpoints.outputs[TOPICS[kind]]
    assert told["notificationType"] == kind


def test_a_request_of_an_unknown_type_is_refused(system: System) -> None:
    said = invoked(system, {"notificationType": "sms"})

    assert said["errorType"] == "BadRequest"
    assert json.loads(said["errorMessage"])["field"] == "notificationType"
