"""The door: whose an access key is, and events of AWS services."""

import json
import time
import urllib.error

import pytest

from local_cloud.programs import ACCOUNT_ID, REGION
from tests.local_cloud.world import Emulator, a_name

ENTRY = {
    "Source": "aws.drs",
    "DetailType": "DRS Source Server Launch Result",
    "Detail": json.dumps({"state": "RECOVERY_LAUNCH_FAILED"}),
}


def a_queue_of_events(emulator: Emulator, source: str) -> str:
    queues = emulator.client("sqs")
    url = str(queues.create_queue(QueueName=a_name("queue"))["QueueUrl"])
    arn = queues.get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    events = emulator.client("events")
    rule = a_name("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def messages(emulator: Emulator, url: str) -> list[dict[str, object]]:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        got = emulator.client("sqs").receive_message(QueueUrl=url)
        if got.get("Messages"):
            return [json.loads(each["Body"]) for each in got["Messages"]]
    return []


def test_a_sessions_key_is_answered_with_its_role(emulator: Emulator) -> None:
    role = emulator.a_role()
    keys = emulator.a_session(role)

    found = emulator.who(keys["AccessKeyId"])

    name = role.rsplit("/", 1)[-1]
    assert found["Arn"] == (
        f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{name}/test"
    )


def test_a_functions_key_is_answered_with_its_execution_role(
    emulator: Emulator,
) -> None:
    role = emulator.a_role()
    name = emulator.a_function(
        "import os\n"
        "def handler(event, context):\n"
        "    return os.environ['AWS_ACCESS_KEY_ID']\n",
        role=role,
    )

    found = emulator.who(emulator.invoke(name))

    assert role.rsplit("/", 1)[-1] in found["Arn"]


def test_an_unknown_key_belongs_to_nobody(emulator: Emulator) -> None:
    assert emulator.who("ASIAUNKNOWN") == {"Arn": None}


def test_an_event_of_an_aws_service_reaches_its_rule(
    emulator: Emulator,
) -> None:
    url = a_queue_of_events(emulator, "aws.drs")

    answer = emulator.ask(
        "/events",
        {
            "source": "aws.drs",
            "detail-type": ENTRY["DetailType"],
            "detail": {"state": "RECOVERY_LAUNCH_FAILED"},
            "account": ACCOUNT_ID,
            "region": REGION,
        },
    )

    [event] = messages(emulator, url)
    assert answer["FailedEntryCount"] == 0
    assert event["detail"] == {"state": "RECOVERY_LAUNCH_FAILED"}
    assert event["account"] == ACCOUNT_ID


def test_the_emulator_still_refuses_such_an_event_from_a_caller(
    emulator: Emulator,
) -> None:
    answer = emulator.client("events").put_events(Entries=[ENTRY])

    assert answer["FailedEntryCount"] == 1


@pytest.mark.parametrize(
    ("path", "body"), [("/events", {"source": "aws.drs"}), ("/else", {})]
)
def test_a_request_that_is_none_is_refused(
    emulator: Emulator, path: str, body: object
) -> None:
    with pytest.raises(urllib.error.HTTPError):
        emulator.ask(path, body)
