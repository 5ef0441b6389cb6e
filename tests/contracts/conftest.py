"""One store in memory and one in DynamoDB, as moto plays it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from tests.contracts.stores import Store
from tests.support.fake_executions import FakeExecutions, FakeLocks
from tests.support.fakes import FakeClock


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


@pytest.fixture(params=["fake"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Return each store in turn."""
    yield a_fake_store()
