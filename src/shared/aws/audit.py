"""The audit trail in the table of the executions; it is only added to."""

from typing import TYPE_CHECKING
from uuid import uuid4

from shared.aws.executions import ABSENT, history
from shared.domain.audit import AuditEntry, audit_to_item
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
        self._door.write([self._door.put(item, ABSENT)])
