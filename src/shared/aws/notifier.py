"""People who want to hear of it, reached over topics.

``TopicNotifier`` is the one wrapper of best-effort work: a notice that did
not go out is logged and counted and stops nothing.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared import metrics
from shared.aws.clients import SDK_ERRORS, unavailable
from shared.domain.errors import Unavailable
from shared.domain.messages import Published, message_of
from shared.domain.metrics import Metric
from shared.domain.notices import Notice, NoticeType

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

_LOG = logging.getLogger("dr.notifier")


class SnsTopics:
    """Topics by kind; a kind without an ARN is not told."""

    def __init__(
        self,
        client: "SNSClient",
        topics: Mapping[str, str],
        console_url: str = "",
    ) -> None:
        self._client = client
        self._topics = topics
        self._console_url = console_url

    def publish(self, kind: NoticeType, notice: Notice) -> Published | None:
        """Publish; return what went out, or None where there is no topic.

        Raises:
            HandlerUnavailable: The topic could not be reached.
        """
        arn = self._topics.get(kind, "")
        if not arn:
            return None
        message = message_of(notice, kind, self._console_url)
        try:
            reply = self._client.publish(
                TopicArn=arn,
                Subject=message.subject,
                Message=message.by_protocol,
                MessageStructure="json",
                MessageAttributes=_attributes(notice),
            )
        except SDK_ERRORS as error:
            metrics.record(Metric.NOTIFICATIONS_FAILED)
            raise unavailable(f"Topic {arn}", error) from error
        return Published(message_id=reply["MessageId"], topic_arn=arn)


class TopicNotifier:
    """Tells every topic that a notice is for."""

    def __init__(self, topics: SnsTopics) -> None:
        self._topics = topics
        self.failed = 0

    def send(self, notice: Notice) -> bool:
        """Send, best effort; return whether nothing was lost."""
        sent = [self._publish(kind, notice) for kind in notice.topics]
        return all(sent)

    def _publish(self, kind: NoticeType, notice: Notice) -> bool:
        try:
            self._topics.publish(kind, notice)
        except Unavailable:
            self.failed += 1
            _LOG.exception(
                "notification_failed",
                extra={
                    "execution_id": notice.execution_id,
                    "plan_id": notice.plan_id,
                    "event_type": str(notice.event),
                    "topic": str(kind),
                    "failed": self.failed,
                },
            )
            return False
        return True


def _attributes(notice: Notice) -> "dict[str, MessageAttributeValueTypeDef]":
    """Return what subscription filters match on."""
    values = {
        "recoveryPlanId": notice.plan_id,
        "eventType": str(notice.event),
    }
    return {
        name: {"DataType": "String", "StringValue": value}
        for name, value in values.items()
        if value
    }
