"""The door to one DynamoDB table: plain values in, plain values out.

Decides how reads and writes travel: consistent reads, all pages, numbers
as int and float, every write in a transaction whose refusal is an answer,
and how often a throttled or conflicting call is repeated. Which items are
written under which condition is decided by its users.
"""

import logging
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.domain.errors import DatabaseError
from shared.domain.items import Item, ItemKey
from shared.domain.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATUS_INDEX: Final = "StatusIndex"
PLAN_INDEX: Final = "planIdIndex"
ACTIONS_IN_A_TRANSACTION: Final = 100
KEYS_IN_A_BATCH: Final = 100

# The most that a partition key and a sort key can have.
_KEY_BYTES: Final = (2_048, 1_024)
_THROTTLE_WAITS: Final = (1, 2, 4, 8)
_CONFLICT_TRIES: Final = 5
_CONFLICT_WAIT: Final = 0.1
_REFUSED: Final = "ConditionalCheckFailed"
_CANCELLED: Final = "TransactionCanceledException"
_IN_PROGRESS: Final = "TransactionInProgressException"
_THROTTLED: Final = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
    }
)
_NAME = re.compile(r"#(\w+)")
_LOG = logging.getLogger("dr.tables")

type Write = dict[str, Any]


def plain(value: Any) -> Any:
    """Return what the table gave with Decimals as int or float."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral() else float(value)
        case Mapping():
            return {name: plain(inner) for name, inner in value.items()}
        case Set():
            return {plain(inner) for inner in value}
        case list():
            return [plain(inner) for inner in value]
        case _:
            return value


def stored(value: Any) -> Any:
    """Return a value as the table takes it, with floats as Decimals."""
    match value:
        case float():
            return Decimal(str(value))
        case Mapping():
            return {name: stored(inner) for name, inner in value.items()}
        case list() | tuple():
            return [stored(inner) for inner in value]
        case _:
            return value


class Door:
    """One table, asked and written to in the house's way."""

    def __init__(self, table: "Table", clock: Clock, *keys: str) -> None:
        self._table = table
        self._clock = clock
        self._keys = keys

    def get(self, *key: str) -> Item | None:
        """Return an item, read consistently, or None."""
        if not _can_be_a_key(key):
            return None
        reply = self._patiently(
            "GetItem",
            lambda: self._table.get_item(
                Key=self._key(key), ConsistentRead=True
            ),
        )
        item = reply.get("Item")
        return None if item is None else plain(item)

    def get_all(self, keys: Sequence[ItemKey]) -> dict[ItemKey, Item]:
        """Return those of the items that exist, read consistently."""
        found: list[Item] = []
        for chunk in batched(dict.fromkeys(keys), KEYS_IN_A_BATCH):
            if len(chunk) == 1:
                item = self.get(*chunk[0])
                found += [item] if item is not None else []
            else:
                found += self._batch([self._key(key) for key in chunk])
        return {
            (item[self._keys[0]], item[self._keys[1]]): item for item in found
        }

    def query(
        self,
        name: str,
        value: str,
        *,
        prefix: str = "",
        index: str = "",
        attributes: Sequence[str] = (),
        limit: int = 0,
        newest_first: bool = False,
        after: str = "",
    ) -> Iterator[Item]:
        """Yield the items of a partition, all pages.

        Args:
            name: The hash attribute of the table or index.
            value: Its value.
            prefix: What the sort keys begin with.
            index: An index, read as it happens to be by now; without it
                the table is read consistently.
            attributes: Those to read, instead of all.
            limit: The number of items after which to stop.
            newest_first: Whether the order is turned round.
            after: The sort key of this table after which to begin.
        """
        request = _query(name, value, prefix, index, attributes)
        if newest_first:
            request["ScanIndexForward"] = False
        if after:
            request["ExclusiveStartKey"] = self._key((value, after))
        if not limit:
            yield from self._pages("Query", self._table.query, request)
            return
        limited = {**request, "Limit": limit}
        reply = self._patiently("Query", lambda: self._table.query(**limited))
        yield from (plain(item) for item in reply["Items"])

    def scan(self) -> Iterator[Item]:
        """Yield every item of the table, all pages, read consistently."""
        yield from self._pages(
            "Scan", self._table.scan, {"ConsistentRead": True}
        )

    def _pages(
        self,
        operation: str,
        ask: Callable[..., Any],
        request: Mapping[str, Any],
    ) -> Iterator[Item]:
        page = dict(request)
        while True:
            reply = self._patiently(operation, lambda: ask(**page))
            yield from (plain(item) for item in reply["Items"])
            if not reply.get("LastEvaluatedKey"):
                return
            page["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def put(self, item: Item, condition: str = "", **values: Any) -> Write:
        """Return the write that puts an item.

        Conditions spell an attribute's name with ``#`` before it, and the
        name of a value with ``:``.
        """
        return {"Put": self._action({"Item": stored(item)}, condition, values)}

    def update(
        self,
        key: Sequence[str],
        expression: str,
        values: Mapping[str, Any],
        condition: str = "",
    ) -> Write:
        """Return the write that updates an item."""
        action = {"Key": self._key(key), "UpdateExpression": expression}
        return {"Update": self._action(action, condition, values)}

    def delete(
        self, key: Sequence[str], condition: str, **values: Any
    ) -> Write:
        """Return the write that deletes an item."""
        return {
            "Delete": self._action({"Key": self._key(key)}, condition, values)
        }

    def check(
        self, key: Sequence[str], condition: str, **values: Any
    ) -> Write:
        """Return the write that only checks an item."""
        return {
            "ConditionCheck": self._action(
                {"Key": self._key(key)}, condition, values
            )
        }

    def write(self, writes: Sequence[Write]) -> frozenset[int]:
        """Write all or nothing; return which writes refused.

        Raises:
            DatabaseError: The table could not be written to.
        """
        for attempt in range(_CONFLICT_TRIES + 1):
            codes = self._patiently(
                "TransactWriteItems", lambda: self._transact(writes)
            )
            refused = frozenset(
                at for at, code in enumerate(codes) if code == _REFUSED
            )
            if refused or not codes:
                return refused
            if attempt < _CONFLICT_TRIES:
                # Jitter needs no secrecy.
                longest = _CONFLICT_WAIT * 2**attempt
                self._clock.sleep(random.uniform(0, longest))  # nosec B311
        raise self._failure("TransactWriteItems", ", ".join(sorted({*codes})))

    def _transact(self, writes: Sequence[Write]) -> list[str]:
        """Return the reasons of a cancellation, none meaning success."""
        request: Any = list(writes)
        try:
            self._table.meta.client.transact_write_items(TransactItems=request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _IN_PROGRESS:
                return [code]
            if code != _CANCELLED:
                raise
            answer: Mapping[str, Any] = error.response
            reasons = answer.get("CancellationReasons") or [{}]
            return [str(reason.get("Code") or "") for reason in reasons]
        return []

    def _batch(self, keys: list[dict[str, str]]) -> list[Item]:
        name = self._table.name
        found: list[Item] = []
        request: Any = {name: {"Keys": keys, "ConsistentRead": True}}
        waits = iter(_THROTTLE_WAITS)
        while request:
            reply = self._patiently(
                "BatchGetItem",
                lambda: self._table.meta.client.batch_get_item(
                    RequestItems=request
                ),
            )
            found += plain(reply["Responses"].get(name, []))
            request = reply.get("UnprocessedKeys")
            if request:
                wait = next(waits, None)
                if wait is None:
                    raise self._failure("BatchGetItem", "unprocessed keys")
                self._clock.sleep(wait)
        return found

    def _patiently[T](self, operation: str, call: Callable[[], T]) -> T:
        """Call; throttled, wait and call again."""
        for wait in (*_THROTTLE_WAITS, None):
            try:
                return call()
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if wait is None or code not in _THROTTLED:
                    raise self._failure(operation, str(error)) from error
                self._clock.sleep(wait)
            except BotoCoreError as error:
                raise self._failure(operation, str(error)) from error
        raise AssertionError("unreachable")

    def _failure(self, operation: str, why: str) -> DatabaseError:
        _LOG.error(
            "database_error",
            extra={
                "table": self._table.name,
                "operation": operation,
                "error_code": DatabaseError.default_code,
                "reason": why,
            },
        )
        return DatabaseError(
            f"{operation} on table {self._table.name} failed: {why}"
        )

    def _key(self, key: Sequence[str]) -> dict[str, str]:
        return dict(zip(self._keys, key, strict=True))

    def _action(
        self, action: Write, condition: str, values: Mapping[str, Any]
    ) -> Write:
        action["TableName"] = self._table.name
        if condition:
            action["ConditionExpression"] = condition
        names = _NAME.findall(condition + action.get("UpdateExpression", ""))
        if names:
            action["ExpressionAttributeNames"] = {f"#{n}": n for n in names}
        if values:
            action["ExpressionAttributeValues"] = {
                f":{name}": stored(value) for name, value in values.items()
            }
        return action


def _can_be_a_key(key: Sequence[str]) -> bool:
    """Tell whether DynamoDB would look for it; it refuses other keys."""
    try:
        sizes = [len(part.encode()) for part in key]
    except UnicodeEncodeError:
        # JSON can hold half a character; a table cannot.
        return False
    limits = zip(sizes, _KEY_BYTES, strict=False)
    return all(0 < size <= most for size, most in limits)


def _query(
    name: str,
    value: str,
    prefix: str,
    index: str,
    attributes: Sequence[str],
) -> dict[str, Any]:
    names = {"#hash": name}
    request: dict[str, Any] = {
        "KeyConditionExpression": "#hash = :hash",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":hash": value},
    }
    if prefix:
        request["KeyConditionExpression"] += " AND begins_with(planId, :sort)"
        request["ExpressionAttributeValues"][":sort"] = prefix
    if index:
        request["IndexName"] = index
    else:
        request["ConsistentRead"] = True
    if attributes:
        names |= {f"#{attribute}": attribute for attribute in attributes}
        request["ProjectionExpression"] = ", ".join(
            f"#{attribute}" for attribute in attributes
        )
    return request
