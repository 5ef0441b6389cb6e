"""The snapshot of a plan as approved, in items beside its execution.

Decides into which parts a plan is cut and whether they are complete. When
a snapshot is written or deleted is decided elsewhere.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from shared.domain.errors import DatabaseError, NotFound
from shared.domain.items import (
    MAX_ITEM_BYTES,
    Item,
    built,
    checked_size,
    item_bytes,
    read_as,
)
from shared.domain.plan import MAX_WAVES, Plan, PlanWave
from shared.domain.record import Key
from shared.domain.wire import Count


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whole waves of a plan, as one item has them."""

    part: Count
    parts: Annotated[int, msgspec.Meta(ge=1, le=MAX_WAVES)]
    snapshot_of: str
    plan_name: str
    version: Count
    waves: tuple[PlanWave, ...]


def plan_prefix(key: Key) -> str:
    """Return what the sort keys of a plan's snapshot begin with."""
    return f"{key.plan_id}#plan"


def plan_to_items(key: Key, plan: Plan) -> list[Item]:
    """Return the snapshot of a plan, in parts of whole waves.

    Raises:
        DatabaseError: A wave alone is above what an item may have.
    """
    waves: list[dict[str, Any]] = built(plan.waves)
    head = {
        "snapshotOf": plan.plan_id,
        "planName": plan.plan_name,
        "version": plan.version,
    }
    room = MAX_ITEM_BYTES - item_bytes(head) - 1_000
    parts: list[list[dict[str, Any]]] = [[]]
    taken = 0
    for wave in waves:
        size = 1 + item_bytes(wave)
        if parts[-1] and taken + size > room:
            parts.append([])
            taken = 0
        parts[-1].append(wave)
        taken += size
    return [
        checked_size(
            {
                "executionId": key.execution_id,
                "planId": plan_prefix(key) + (f"#{part}" if part else ""),
                "part": part,
                "parts": len(parts),
                **head,
                "waves": some,
            }
        )
        for part, some in enumerate(parts)
    ]


def plan_from_items(key: Key, items: Iterable[Mapping[str, Any]]) -> Plan:
    """Read a plan from its snapshot.

    Raises:
        NotFound: There is none.
        DatabaseError: A part is missing, or an attribute is no plan's.
    """
    parts = sorted(
        (read_as(item, _Part) for item in items), key=lambda item: item.part
    )
    if not parts:
        raise NotFound(
            f"Execution {key.execution_id} has no plan snapshot.",
            code="EXECUTION_NOT_FOUND",
        )
    head = parts[0]
    # A start that was given up may have left more parts under the same id.
    parts = parts[: head.parts]
    if [item.part for item in parts] != list(range(head.parts)):
        raise DatabaseError(
            f"Parts of the plan snapshot of execution {key.execution_id} "
            "are missing; start the plan anew."
        )
    return Plan(
        plan_id=head.snapshot_of,
        plan_name=head.plan_name,
        version=head.version,
        waves=tuple(wave for item in parts for wave in item.waves),
    )
