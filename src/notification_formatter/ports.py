"""Everything the notification formatter reaches outside itself."""

from typing import Protocol

from shared.domain.messages import Published
from shared.domain.notices import Notice, NoticeType


class Topics(Protocol):
    """The topics, one by one."""

    def publish(self, kind: NoticeType, notice: Notice) -> Published | None:
        """Publish; return what went out, or None where there is no topic.

        Raises:
            HandlerUnavailable: The topic could not be reached.
        """
