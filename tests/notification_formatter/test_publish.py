"""What is published, and what is answered."""

import pytest

from notification_formatter.domain.drs_events import STALLED
from notification_formatter.publish import publish_event, publish_request
from shared.domain.errors import HandlerUnavailable
from shared.domain.notices import NoticeType
from tests.notification_formatter.events import a_drs_event
from tests.support.fakes import FakeTopics

REQUEST = {
    "notificationType": "drs_alert",
    "eventType": "fail",
    "executionId": "e-1",
}
NOTHING = {"published": False, "messageId": "", "topicArn": ""}


def test_a_request_goes_to_the_topic_it_names_and_no_other() -> None:
    topics = FakeTopics()

    reply = publish_request(REQUEST, topics)

    assert reply == {
        "published": True,
        "messageId": "message-1",
        "topicArn": "arn:drs_alert",
    }
    ((kind, told),) = topics.published
    assert (kind, told.execution_id) == (NoticeType.DRS_ALERT, "e-1")


def test_an_event_of_drs_is_an_alert() -> None:
    topics = FakeTopics()

    reply = publish_event(a_drs_event(STALLED, "STALLED"), topics)

    assert reply["topicArn"] == "arn:drs_alert"
    assert [kind for kind, _ in topics.published] == [NoticeType.DRS_ALERT]


def test_without_a_topic_nothing_is_sent() -> None:
    topics = FakeTopics(NoticeType.DRS_ALERT)

    assert publish_request(REQUEST, topics) == NOTHING
    assert publish_event(a_drs_event(), topics) == NOTHING
    assert topics.published == []


def test_an_event_that_tells_nothing_is_answered_so() -> None:
    topics = FakeTopics()
    event = a_drs_event(state="RECOVERY_LAUNCH_SUCCEEDED")

    assert publish_event(event, topics) == NOTHING
    assert topics.published == []


def test_a_topic_that_is_down_is_an_error_so_that_delivery_repeats() -> None:
    topics = FakeTopics()
    topics.break_down()

    with pytest.raises(HandlerUnavailable):
        publish_event(a_drs_event(), topics)
