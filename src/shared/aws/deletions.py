"""Deleting what executions have left in their table, now or later.

Decides in which order items go, and that nothing goes once its record is
not as it was read. Which execution may go is decided by who asks.
"""

from collections.abc import Sequence
from itertools import batched
from typing import Any, Final

from shared.aws.dynamo import ACTIONS_IN_A_TRANSACTION, Door, Write
from shared.domain import items
from shared.domain.record import EXPIRY, Record
from shared.domain.updates import check_deletable

_KEYS: Final = ("executionId", "planId")
# Of the largest items, as many as a transaction of 4 MB may be about.
_AT_ONCE: Final = 10


def as_read(before: Record) -> tuple[str, dict[str, Any]]:
    """Return the condition that a record is as it was read, with values."""
    condition = "attribute_exists(#executionId) AND "
    if before.revision:
        condition += "#revision = :before"
    else:
        condition += "(attribute_not_exists(#revision) OR #revision = :before)"
    return condition, {"before": before.revision}


def delete_execution(door: Door, before: Record) -> bool:
    """Delete an execution that is over, its record last.

    False where the record was changed meanwhile, or is gone.
    """
    check_deletable(before)
    condition, values = as_read(before)
    unchanged = door.check(before.key, condition, **values)
    found = door.query("executionId", before.execution_id, attributes=_KEYS)
    others = [k for k in map(items.key_of, found) if k != before.key]
    for chunk in batched(others, _AT_ONCE):
        if door.write([*(door.delete(key, "") for key in chunk), unchanged]):
            return False
    marker = door.delete(
        items.live_key(before.execution_id),
        "attribute_not_exists(#executionId) OR #ownerExecutionId = :me",
        me=before.execution_id,
    )
    record = door.delete(before.key, condition, **values)
    return not door.write([record, marker])


def expire_with_record(door: Door, before: Record, expires_at: int) -> None:
    """Let the items that belong to a record expire when it does."""
    found = door.query("executionId", before.execution_id, attributes=_KEYS)
    others = [k for k in map(items.key_of, found) if k != before.key]
    for chunk in batched(others, ACTIONS_IN_A_TRANSACTION):
        door.write(
            [
                door.update(
                    key,
                    f"SET #{EXPIRY} = :until",
                    {"until": expires_at},
                    "attribute_exists(#executionId)",
                )
                for key in chunk
            ]
        )


def delete_partition(
    door: Door, execution_id: str, checks: Sequence[Write] = ()
) -> None:
    """Delete what an execution without a record left.

    With ``checks``, up to two, nothing more goes once one of them fails.
    """
    leftovers = door.query("executionId", execution_id, attributes=_KEYS)
    for chunk in batched(leftovers, ACTIONS_IN_A_TRANSACTION - 2):
        deletes = [
            door.delete(items.key_of(i), "attribute_not_exists(#status)")
            for i in chunk
        ]
        if checks and door.write([*deletes, *checks]):
            return
        if not checks:
            door.write(deletes)
