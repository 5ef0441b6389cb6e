"""The audit trail as those reach it who keep it for others to read."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.audit import AuditPage
from shared.domain.items import Item
from shared.domain.ports import Audit


class Trail(Audit, Protocol):
    """The trail of what people asked for, to be added to and read."""

    def add(self, items: Sequence[Item]) -> None:
        """Add entries that are items already, in any number.

        Raises:
            DatabaseError: The trail cannot be written to.
        """

    def page(
        self,
        resource_type: str,
        resource_id: str,
        *,
        limit: int,
        after: str = "",
    ) -> AuditPage:
        """Return entries of one resource, newest first.

        Args:
            resource_type: What kind of thing it is.
            resource_id: Its id.
            limit: At most how many.
            after: Where the page before ended, as it says itself.

        Raises:
            DatabaseError: The trail cannot be read.
        """
