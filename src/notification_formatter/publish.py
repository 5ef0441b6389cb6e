"""Publishing what a request or an event of DRS is to tell.

A topic that does not exist is no failure: nothing is sent. A topic that
cannot be reached is one, so that the delivery of an event is repeated.
"""

from notification_formatter.domain.drs_events import notice_of_event
from notification_formatter.domain.requests import notice_of
from notification_formatter.ports import Topics
from shared import log
from shared.domain.execution import Wire
from shared.domain.notices import Notice, NoticeType


def publish_request(event: Wire, topics: Topics) -> Wire:
    """Publish what a request describes.

    Raises:
        BadRequest: The request is none.
        HandlerUnavailable: The topic could not be reached.
    """
    kind, told = notice_of(event)
    return _published(kind, told, topics)


def publish_event(event: Wire, topics: Topics) -> Wire:
    """Publish an event of DRS as an alert, where there is one to give.

    Raises:
        UnknownEvent: The event is not one that is answered.
        HandlerUnavailable: The topic could not be reached.
    """
    told = notice_of_event(event)
    if told is None:
        return _reply(published=False)
    return _published(NoticeType.DRS_ALERT, told, topics)


def _published(kind: NoticeType, told: Notice, topics: Topics) -> Wire:
    sent = topics.publish(kind, told)
    log.event(
        "notice_published",
        execution_id=told.execution_id,
        event_type=str(told.event),
        topic=str(kind),
        published=sent is not None,
    )
    if sent is None:
        return _reply(published=False)
    return _reply(
        published=True, message_id=sent.message_id, topic_arn=sent.topic_arn
    )


def _reply(
    *, published: bool, message_id: str = "", topic_arn: str = ""
) -> Wire:
    return {
        "published": published,
        "messageId": message_id,
        "topicArn": topic_arn,
    }
