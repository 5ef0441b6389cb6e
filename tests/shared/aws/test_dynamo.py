"""How calls of a table travel: patience, refusals, pages, numbers."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from shared.aws.dynamo import Door, plain, stored
from shared.domain.errors import DatabaseError
from tests.support.fakes import FakeClock

KEY = ("e-1", "p-1")


class Planned:
    """A door to a table that answers what a test says."""

    def __init__(self) -> None:
        resource = boto3.resource("dynamodb", region_name="us-east-1")
        table = resource.Table("history")
        self.clock = FakeClock()
        self.door = Door(table, self.clock, "executionId", "planId")
        self.stub = Stubber(table.meta.client)

    def fails(self, operation: str, code: str, times: int = 1) -> None:
        for _ in range(times):
            self.stub.add_client_error(operation, code)

    def cancels(self, *codes: str) -> None:
        # The service names no reason where an action was not to blame.
        reasons = [{"Code": code or "None"} for code in codes]
        self.stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": reasons},
        )

    def writes(self) -> frozenset[int]:
        item = {"executionId": "e-1", "planId": "p-1"}
        return self.door.write([self.door.put(item), self.door.put(item)])


@pytest.fixture
def planned() -> Iterator[Planned]:
    table = Planned()
    with table.stub:
        yield table
        table.stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    "key",
    [
        ("", "p-1"),
        ("e-1", ""),
        ("e" * 2_049, "p-1"),
        ("e-1", "é" * 513),
        ("e-\ud800", "p-1"),
    ],
)
def test_what_can_be_no_key_is_not_there_and_not_asked_for(
    planned: Planned, key: tuple[str, str]
) -> None:
    assert planned.door.get(*key) is None


def test_a_throttled_call_waits_longer_and_longer(planned: Planned) -> None:
    planned.fails("get_item", "ThrottlingException", times=4)
    planned.stub.add_response("get_item", {})

    assert planned.door.get(*KEY) is None

    assert planned.clock.slept == [1, 2, 4, 8]


def test_a_call_throttled_to_the_end_names_table_and_operation(
    planned: Planned, caplog: pytest.LogCaptureFixture
) -> None:
    planned.fails("get_item", "ProvisionedThroughputExceededException", 5)

    with pytest.raises(DatabaseError, match="GetItem on table history"):
        planned.door.get(*KEY)

    (line,) = [r for r in caplog.records if r.msg == "database_error"]
    assert line.__dict__["table"] == "history"
    assert line.__dict__["operation"] == "GetItem"
    assert line.__dict__["error_code"] == "DATABASE_ERROR"


def test_a_refused_call_is_not_repeated(planned: Planned) -> None:
    planned.fails("get_item", "AccessDeniedException")

    with pytest.raises(DatabaseError, match="AccessDenied"):
        planned.door.get(*KEY)

    assert planned.clock.slept == []


def test_reads_are_consistent(planned: Planned) -> None:
    planned.stub.add_response(
        "get_item",
        {"Item": {"n": {"N": "3"}}},
        {
            "TableName": "history",
            "Key": {"executionId": "e-1", "planId": "p-1"},
            "ConsistentRead": True,
        },
    )

    assert planned.door.get(*KEY) == {"n": 3}


def test_a_refused_condition_is_an_answer(planned: Planned) -> None:
    planned.cancels("", "ConditionalCheckFailed")

    assert planned.writes() == {1}


def test_a_refusal_counts_whatever_else_happened(planned: Planned) -> None:
    planned.cancels("TransactionConflict", "ConditionalCheckFailed")

    assert planned.writes() == {1}


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_any_other_reason_is_tried_five_times_more(
    planned: Planned, reason: str
) -> None:
    for _ in range(5):
        planned.cancels("", reason)
    planned.stub.add_response("transact_write_items", {})

    assert planned.writes() == frozenset()

    assert len(planned.clock.slept) == 5
    assert all(
        wait <= 0.1 * 2**n for n, wait in enumerate(planned.clock.slept)
    )


def test_a_conflict_that_stays_is_an_error(planned: Planned) -> None:
    for _ in range(6):
        planned.cancels("", "TransactionConflict")

    with pytest.raises(DatabaseError, match="TransactionConflict"):
        planned.writes()


def test_a_transaction_under_way_is_waited_for(planned: Planned) -> None:
    planned.fails("transact_write_items", "TransactionInProgressException")
    planned.stub.add_response("transact_write_items", {})

    assert planned.writes() == frozenset()


def test_all_pages_of_a_query_are_read(planned: Planned) -> None:
    last = {"executionId": {"S": "e-1"}, "planId": {"S": "p-1"}}
    planned.stub.add_response(
        "query", {"Items": [{"n": {"N": "1"}}], "LastEvaluatedKey": last}
    )
    planned.stub.add_response("query", {"Items": [{"n": {"N": "2"}}]})

    found = list(planned.door.query("status", "PENDING", index="StatusIndex"))

    assert found == [{"n": 1}, {"n": 2}]


def an_item(number: int) -> dict[str, Any]:
    return {"executionId": {"S": f"e-{number}"}, "planId": {"S": "p"}}


def test_keys_left_over_are_asked_for_again(planned: Planned) -> None:
    planned.stub.add_response(
        "batch_get_item",
        {
            "Responses": {"history": [an_item(1)]},
            "UnprocessedKeys": {"history": {"Keys": [an_item(2)]}},
        },
    )
    planned.stub.add_response(
        "batch_get_item", {"Responses": {"history": [an_item(2)]}}
    )

    found = planned.door.get_all([("e-1", "p"), ("e-2", "p")])

    assert set(found) == {("e-1", "p"), ("e-2", "p")}
    assert planned.clock.slept == [1]


def test_keys_left_over_to_the_end_are_an_error(planned: Planned) -> None:
    for _ in range(5):
        planned.stub.add_response(
            "batch_get_item",
            {
                "Responses": {},
                "UnprocessedKeys": {"history": {"Keys": [an_item(2)]}},
            },
        )

    with pytest.raises(DatabaseError, match="unprocessed"):
        planned.door.get_all([("e-1", "p"), ("e-2", "p")])


class Unreachable:
    """A table whose network fails."""

    name = "history"

    def get_item(self, **_request: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://dynamodb")


def test_a_table_that_cannot_be_reached_is_an_error() -> None:
    table: Any = Unreachable()

    with pytest.raises(DatabaseError, match="Could not connect"):
        Door(table, FakeClock(), "executionId", "planId").get(*KEY)


def test_numbers_are_numbers_on_both_sides() -> None:
    assert plain({"a": [Decimal("2"), Decimal("0.5")], "b": {Decimal(1)}}) == {
        "a": [2, 0.5],
        "b": {1},
    }
    assert stored({"a": (0.5, 2, None, "x")}) == {
        "a": [Decimal("0.5"), 2, None, "x"]
    }
