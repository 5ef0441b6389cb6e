"""How notices reach topics."""

from typing import Any

import pytest

from shared.aws.clients import topics_client
from shared.aws.notifier import TopicNotifier
from shared.domain.notices import Notice, NoticeEvent
from tests.shared.aws.stubs import sns_client, stubbed

TOPICS = {
    kind: f"arn:aws:sns:us-east-1:111122223333:{kind}"
    for kind in ("execution", "drs_alert", "pause")
}


def a_notice(event: NoticeEvent = NoticeEvent.COMPLETE, **more: Any) -> Notice:
    return Notice(
        **{
            "event": event,
            "subject": "Drill Three tiers: complete",
            "body": "Execution: e-1",
            "plan_id": "p-1",
            "execution_id": "e-1",
            **more,
        }
    )


def published(kind: str, event: str, **more: Any) -> dict[str, Any]:
    return {
        "TopicArn": TOPICS[kind],
        "Subject": "Drill Three tiers: complete",
        "Message": "Execution: e-1",
        "MessageAttributes": {
            "recoveryPlanId": {"DataType": "String", "StringValue": "p-1"},
            "eventType": {"DataType": "String", "StringValue": event},
        },
        **more,
    }


def test_a_notice_goes_to_its_topic_with_what_filters_need() -> None:
    client = sns_client()
    with stubbed(client) as stub:
        stub.add_response(
            "publish", {"MessageId": "1"}, published("execution", "complete")
        )

        assert TopicNotifier(client, TOPICS).send(a_notice())


def test_a_failure_goes_to_the_alerts_too() -> None:
    client = sns_client()
    with stubbed(client) as stub:
        for kind in ("execution", "drs_alert"):
            stub.add_response(
                "publish", {"MessageId": "1"}, published(kind, "fail")
            )

        assert TopicNotifier(client, TOPICS).send(a_notice(NoticeEvent.FAIL))


def test_without_topics_nothing_is_sent_and_nothing_is_lost() -> None:
    client = sns_client()
    with stubbed(client):
        assert TopicNotifier(client, {}).send(a_notice())


def test_a_line_break_in_a_subject_is_no_reason_to_refuse_it() -> None:
    client = sns_client()
    with stubbed(client) as stub:
        stub.add_response(
            "publish",
            {"MessageId": "1"},
            published("pause", "pause", Subject="Drill a b: pause"),
        )

        notice = a_notice(NoticeEvent.PAUSE, subject="Drill a\nb: pause")
        assert TopicNotifier(client, TOPICS).send(notice)


def test_an_empty_plan_id_is_left_out_of_the_attributes() -> None:
    client = sns_client()
    expected = published("execution", "complete")
    del expected["MessageAttributes"]["recoveryPlanId"]
    with stubbed(client) as stub:
        stub.add_response("publish", {"MessageId": "1"}, expected)

        assert TopicNotifier(client, TOPICS).send(a_notice(plan_id=""))


def test_a_failed_publish_is_logged_counted_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = sns_client()
    notifier = TopicNotifier(client, TOPICS)
    with stubbed(client) as stub:
        stub.add_client_error("publish", "AuthorizationError")
        stub.add_response("publish", {"MessageId": "1"})

        assert not notifier.send(a_notice(NoticeEvent.FAIL))

    assert notifier.failed == 1
    (line,) = [r for r in caplog.records if r.msg == "notification_failed"]
    assert line.exc_info is not None
    assert line.__dict__["execution_id"] == "e-1"


def test_the_topics_client_waits_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    config: Any = topics_client().meta.config

    assert config.retries["total_max_attempts"] > 1
