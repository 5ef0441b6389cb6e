"""Entry point of the notification formatter: wiring, nothing else."""

import os
from functools import cache
from typing import Any

from notification_formatter.ports import Topics
from notification_formatter.publish import publish_event, publish_request
from shared import log, metrics
from shared.aws import wiring
from shared.domain.errors import UnknownEvent
from shared.domain.execution import Wire
from shared.domain.replies import public_error
from shared.domain.wire import checked_event
from shared.routing import invoked
from shared.settings import TopicSettings
from shared.versions import versions


@cache
def topics() -> Topics:
    """Connect the topics once per container."""
    log.start(
        "notification_formatter", versions("notification_formatter", "shared")
    )
    metrics.start("notification_formatter", os.environ)
    return wiring.topics(TopicSettings.read(os.environ))


def lambda_handler(event: Wire, context: Any) -> Any:
    """Answer an event of DRS, or a request to tell people of something."""
    connected = topics()
    with invoked(event, public_error):
        return _answer(checked_event(event), connected)


def _answer(event: Wire, connected: Topics) -> Wire:
    if "source" in event and "detail-type" in event:
        return publish_event(event, connected)
    if "notificationType" in event:
        return publish_request(event, connected)
    raise UnknownEvent(
        "This function answers a request with 'notificationType', or an "
        "event with 'source' and 'detail-type'."
    )
