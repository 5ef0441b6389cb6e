"""Lets the leases of killed processes expire as if their time had passed.

A launch that was cut off is taken up by another process once the lease of
the first has run out, which is the function's own limit of five minutes.
The local cloud cannot scale that: it is wall time inside our code. Here a
lease that nobody touched for seconds is dead, since we killed its holder;
its expiry is moved to now. (Were the holder alive after all, DRS would
refuse the second call: the protocol allows for it.)
"""

import threading
import time
from types import TracebackType
from typing import Any, Self

LOOK_SECONDS = 0.5
DEAD_SECONDS = 4.0


class DeadLeases:
    """Expires dead leases of a history table during a `with` block."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        """Prepare; ``expired`` counts the leases."""
        self.expired = 0
        self._dynamodb = dynamodb
        self._table = table
        self._seen: dict[tuple[str, ...], float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for intent in self._live():
                since = self._seen.setdefault(_held(intent), time.monotonic())
                if time.monotonic() - since > DEAD_SECONDS:
                    self._expire(intent)

    def _live(self) -> list[dict[str, Any]]:
        """Answer the intents whose lease has not run out."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="intentState = :intent AND leaseExpiry > :now",
            ExpressionAttributeValues={
                ":intent": {"S": "INTENT"},
                ":now": {"N": str(int(time.time()))},
            },
        )
        return [intent for page in pages for intent in page["Items"]]

    def _expire(self, intent: dict[str, Any]) -> None:
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key={key: intent[key] for key in ("executionId", "planId")},
                UpdateExpression="SET leaseExpiry = :now",
                ConditionExpression="leaseExpiry = :held"
                " AND intentState = :intent AND attempt = :attempt",
                ExpressionAttributeValues={
                    ":now": {"N": str(int(time.time()) - 1)},
                    ":held": intent["leaseExpiry"],
                    ":intent": {"S": "INTENT"},
                    ":attempt": intent["attempt"],
                },
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return
        self.expired += 1


def _held(intent: dict[str, Any]) -> tuple[str, ...]:
    """Answer what changes whenever somebody touches a lease."""
    return (
        intent["executionId"]["S"],
        intent["planId"]["S"],
        intent["leaseExpiry"]["N"],
        intent["attempt"]["N"],
    )
