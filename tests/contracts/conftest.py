"""One store in memory and one in DynamoDB, as moto plays it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from shared.aws.dynamo import plain, stored
from shared.aws.tables import DynamoExecutions, DynamoLocks
from tests.contracts.stores import Store
from tests.contracts.tables import a_history_table
from tests.support.fake_executions import FakeExecutions
from tests.support.fake_locks import FakeLocks
from tests.support.fakes import FakeClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class FakeTable:
    """The items of the fake."""

    def __init__(self, executions: FakeExecutions) -> None:
        self._items = executions.items

    def get(self, key: tuple[str, str]) -> dict[str, Any] | None:
        """Return an item as it lies there."""
        return deepcopy(self._items.get((key[0], key[1])))

    def put(self, item: Mapping[str, Any]) -> None:
        """Put an item as it is."""
        self._items[(item["executionId"], item["planId"])] = dict(item)

    def all(self) -> list[dict[str, Any]]:
        """Return every item."""
        return deepcopy(list(self._items.values()))


def a_fake_store() -> Store:
    """Return the store in memory."""
    clock = FakeClock()
    executions = FakeExecutions(clock)
    return Store(
        executions=executions,
        locks=FakeLocks(executions),
        clock=clock,
        table=FakeTable(executions),
    )

    def all(self) -> list[dict[str, Any]]:
        """Return every item."""
        return deepcopy(list(self._items.values()))


class MotoTable:
    """The items in moto."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def get(self, key: tuple[str, str]) -> dict[str, Any] | None:
        """Return an item as it lies there."""
        item = self._table.get_item(
            Key={"executionId": key[0], "planId": key[1]}
        ).get("Item")
        return None if item is None else plain(item)

    def put(self, item: Mapping[str, Any]) -> None:
        """Put an item as it is."""
        self._table.put_item(Item=stored(item))

    def all(self) -> list[dict[str, Any]]:
        """Return every item."""
        page = self._table.scan()
        found = list(page["Items"])
        while "LastEvaluatedKey" in page:
            page = self._table.scan(ExclusiveStartKey=page["LastEvaluatedKey"])
            found += page["Items"]
        return [plain(item) for item in found]


def a_dynamo_store() -> Store:
    """Return the store in DynamoDB, in a table of its own."""
    clock = FakeClock()
    table = a_history_table()
    return Store(
        executions=DynamoExecutions(table, clock),
        locks=DynamoLocks(table, clock),
        clock=clock,
        table=MotoTable(table),
    )


@pytest.fixture(params=["fake", "dynamo"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Return each store in turn."""
    if request.param == "fake":
        yield a_fake_store()
        return
    with mock_aws():
        yield a_dynamo_store()
