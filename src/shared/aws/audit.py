"""The audit trail in the table of the executions; it is only added to."""

from collections.abc import Sequence
from itertools import batched, islice
from typing import TYPE_CHECKING
from uuid import uuid4

from shared.aws.dynamo import ACTIONS_IN_A_TRANSACTION
from shared.aws.executions import ABSENT, history
from shared.domain.audit import (
    AuditEntry,
    AuditPage,
    audit_to_item,
    page_of,
    partition,
)
from shared.domain.items import Item
from shared.domain.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class DynamoAudit:
    """The audit trail in DynamoDB."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._door = history(table, clock)
        self._clock = clock

    def write(self, entry: AuditEntry) -> None:
        """Add an entry."""
        item = audit_to_item(entry, str(uuid4()), self._clock.now())
        self.add([item])

    def add(self, items: Sequence[Item]) -> None:
        """Add entries that are items already, in any number."""
        for some in batched(items, ACTIONS_IN_A_TRANSACTION):
            self._door.write([self._door.put(item, ABSENT) for item in some])

    def page(
        self,
        resource_type: str,
        resource_id: str,
        *,
        limit: int,
        after: str = "",
    ) -> AuditPage:
        """Return entries of one resource, newest first."""
        found = self._door.query(
            "executionId",
            partition(resource_type, resource_id),
            newest_first=True,
            after=after,
        )
        return page_of(list(islice(found, limit + 1)), limit)
