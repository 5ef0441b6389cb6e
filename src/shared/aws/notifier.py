"""People who want to hear of it, reached over topics.

The one wrapper of best-effort work: a notice that did not go out is
logged and counted and stops nothing.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.aws.clients import SDK_ERRORS
from shared.domain.notices import Notice

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

_LOG = logging.getLogger("dr.notifier")


class TopicNotifier:
    """Topics by kind; a kind without an ARN is not told."""

    def __init__(self, client: "SNSClient", topics: Mapping[str, str]) -> None:
        self._client = client
        self._topics = topics
        self.failed = 0

    def send(self, notice: Notice) -> bool:
        """Send, best effort; return whether nothing was lost."""
        arns = [self._topics.get(kind, "") for kind in notice.topics]
        sent = [self._publish(arn, notice) for arn in arns if arn]
        return all(sent)

    def _publish(self, arn: str, notice: Notice) -> bool:
        try:
            self._client.publish(
                TopicArn=arn,
                # A subject may hold no line break or control character.
                Subject=" ".join(notice.subject.split()),
                Message=notice.body,
                MessageAttributes=_attributes(notice),
            )
        except SDK_ERRORS:
            self.failed += 1
            _LOG.exception(
                "notification_failed",
                extra={
                    "execution_id": notice.execution_id,
                    "plan_id": notice.plan_id,
                    "event_type": str(notice.event),
                    "topic": arn,
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
