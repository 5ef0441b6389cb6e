"""What the table tells of executions while others change them."""

from typing import TYPE_CHECKING, Any

from moto import mock_aws

from shared.aws.executions import DynamoExecutions
from shared.aws.locks import DynamoLocks
from shared.domain.record import Key
from shared.domain.status import ACTIVE, Status
from tests.contracts.stores import a_record
from tests.contracts.tables import a_history_table
from tests.support.fakes import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class Restless:
    """A table whose one record is never in the status that is asked for."""

    def __init__(self, table: "Table", key: Key) -> None:
        self._table = table
        self._key = {"executionId": key.execution_id, "planId": key.plan_id}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def query(self, **request: Any) -> Any:
        """Change the record's status, then ask."""
        asked = request["ExpressionAttributeValues"].values()
        self._table.update_item(
            Key=self._key,
            UpdateExpression="SET #status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":status": next(s for s in sorted(ACTIVE) if s not in asked)
            },
        )
        return self._table.query(**request)


@mock_aws
def test_a_record_that_changes_its_status_meanwhile_is_not_missed() -> None:
    clock = FakeClock()
    table = a_history_table()
    record = a_record(status=Status.POLLING)
    DynamoLocks(table, clock).acquire_plan(record.key, clock.now())
    DynamoExecutions(table, clock).create(record)
    restless: Any = Restless(table, record.key)

    found = DynamoExecutions(restless, clock)

    assert found.with_status(ACTIVE) == []
    assert [one.key for one in found.active()] == [record.key]
