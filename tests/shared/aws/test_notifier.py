"""How notices reach topics."""

from typing import Any

import pytest

from shared.aws.clients import topics_client
from shared.aws.notifier import SnsTopics, TopicNotifier
from shared.domain.errors import HandlerUnavailable
from shared.domain.messages import Published, message_of
from shared.domain.metrics import Metric
from shared.domain.notices import Notice, NoticeEvent, NoticeType
from tests.shared.aws.stubs import sns_client, stubbed
from tests.support.measures import a_container, measured

TOPICS = {
    kind: f"arn:aws:sns:us-east-1:111122223333:{kind}"
    for kind in ("execution", "drs_alert", "pause")
}


def a_notice(event: NoticeEvent = NoticeEvent.COMPLETE, **more: Any) -> Notice:
    return Notice(
        **{
            "event": event,
            "plan_name": "Three tiers",
            "plan_id": "p-1",
            "execution_id": "e-1",
            "execution_type": "DRILL",
            **more,
        }
    )


def published(kind: str, event: str, **more: Any) -> dict[str, Any]:
    told = a_notice(NoticeEvent(event), **more)
    said = message_of(told, NoticeType(kind))
    return {
        "TopicArn": TOPICS[kind],
        "Subject": f"Drill Three tiers: {event}",
        "Message": said.by_protocol,
        "MessageStructure": "json",
        "MessageAttributes": {
            "recoveryPlanId": {"DataType": "String", "StringValue": "p-1"},
            "eventType": {"DataType": "String", "StringValue": event},
        },
    }


def notifier(client: Any, topics: dict[str, str] = TOPICS) -> TopicNotifier:
    return TopicNotifier(SnsTopics(client, topics))


def test_a_notice_goes_to_its_topic_with_what_filters_need() -> None:
    client = sns_client()
    with stubbed(client) as stub:
        stub.add_response(
            "publish", {"MessageId": "1"}, published("execution", "complete")
        )

        assert notifier(client).send(a_notice())


def test_a_failure_goes_to_the_alerts_too() -> None:
    client = sns_client()
    with stubbed(client) as stub:
        for kind in ("execution", "drs_alert"):
            stub.add_response(
                "publish", {"MessageId": "1"}, published(kind, "fail")
            )

        assert notifier(client).send(a_notice(NoticeEvent.FAIL))


def test_what_was_published_is_named() -> None:
    client = sns_client()
    with stubbed(client) as stub:
        stub.add_response(
            "publish", {"MessageId": "1"}, published("pause", "pause")
        )

        sent = SnsTopics(client, TOPICS).publish(
            NoticeType.PAUSE, a_notice(NoticeEvent.PAUSE)
        )

    assert sent == Published(message_id="1", topic_arn=TOPICS["pause"])


def test_a_message_links_to_the_console() -> None:
    client = sns_client()
    url = "https://console.example"
    said = message_of(a_notice(), NoticeType.EXECUTION, url).by_protocol
    with stubbed(client) as stub:
        expected = {**published("execution", "complete"), "Message": said}
        stub.add_response("publish", {"MessageId": "1"}, expected)

        assert SnsTopics(client, TOPICS, url).publish(
            NoticeType.EXECUTION, a_notice()
        )


def test_without_topics_nothing_is_sent_and_nothing_is_lost() -> None:
    client = sns_client()
    with stubbed(client):
        assert notifier(client, {}).send(a_notice())


def test_an_empty_plan_id_is_left_out_of_the_attributes() -> None:
    client = sns_client()
    expected = published("execution", "complete", plan_id="")
    del expected["MessageAttributes"]["recoveryPlanId"]
    with stubbed(client) as stub:
        stub.add_response("publish", {"MessageId": "1"}, expected)

        assert notifier(client).send(a_notice(plan_id=""))


def test_a_topic_that_cannot_be_reached_is_named() -> None:
    client = sns_client()
    with stubbed(client) as stub:
        stub.add_client_error("publish", "AuthorizationError")

        with pytest.raises(HandlerUnavailable, match=TOPICS["execution"]):
            SnsTopics(client, TOPICS).publish(NoticeType.EXECUTION, a_notice())


def test_a_failed_publish_is_logged_counted_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = sns_client()
    told = notifier(client)
    with stubbed(client) as stub:
        stub.add_client_error("publish", "AuthorizationError")
        stub.add_response("publish", {"MessageId": "1"})

        assert not told.send(a_notice(NoticeEvent.FAIL))

    assert told.failed == 1
    (line,) = [r for r in caplog.records if r.msg == "notification_failed"]
    assert line.exc_info is not None
    assert line.__dict__["execution_id"] == "e-1"


def test_each_message_that_did_not_go_out_is_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = sns_client()
    with stubbed(client) as stub, a_container("execution_handler"):
        stub.add_client_error("publish", "AuthorizationError")
        stub.add_response("publish", {"MessageId": "1"})

        notifier(client).send(a_notice(NoticeEvent.FAIL))

    assert measured(capsys) == {Metric.NOTIFICATIONS_FAILED: [1]}


def test_messages_that_go_out_or_have_no_topic_are_not_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = sns_client()
    with stubbed(client) as stub, a_container("execution_handler"):
        stub.add_response("publish", {"MessageId": "1"})

        notifier(client).send(a_notice())
        notifier(client, {}).send(a_notice())

    assert measured(capsys) == {}


def test_the_topics_client_waits_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    config: Any = topics_client().meta.config

    assert config.retries["total_max_attempts"] > 1
