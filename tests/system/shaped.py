"""Items as no request makes them, put straight into the tables.

For states that only an older release, a crash or a hand could have left.
"""

import uuid
from collections.abc import Collection
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from tests.system.world import System

PLANS = "recovery-plans"
GROUPS = "protection-groups"
HISTORY = "execution-history"
_KEYS = {PLANS: "planId", GROUPS: "groupId"}


class Shaped:
    """The tables of a system, written to by hand."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._client = system.client("dynamodb")
        self._before: list[tuple[str, dict[str, Any]]] = []
        self._added: list[dict[str, Any]] = []

    def change(self, table: str, key: str, **attributes: Any) -> str:
        """Set attributes of a stored plan or group; return its id."""
        found = self._client.get_item(
            TableName=self._system.endpoints.tables[table],
            Key={_KEYS[table]: {"S": key}},
        )["Item"]
        read = TypeDeserializer().deserialize
        item = {name: read(value) for name, value in found.items()}
        self._before.append((table, item))
        self._put(table, {**item, **attributes})
        return key

    def waves(self, plan: str) -> list[dict[str, Any]]:
        """Return the waves of a stored plan."""
        found = self._client.get_item(
            TableName=self._system.endpoints.tables[PLANS],
            Key={"planId": {"S": plan}},
        )["Item"]
        waves: list[dict[str, Any]] = TypeDeserializer().deserialize(
            found["waves"]
        )
        return waves

    def execution(
        self,
        like: str,
        plan: str = "",
        *,
        without: Collection[str] = (),
        **attributes: Any,
    ) -> str:
        """Store an execution that is like another, of another plan.

        Args:
            like: The execution whose record and snapshot are taken.
            plan: A stored plan whose waves it is to have; without one, of a
                plan that there is not, with the waves of the other.
            without: Attributes that its record has not.
            attributes: Those that its record has instead.
        """
        execution, plan_id = str(uuid.uuid4()), plan or str(uuid.uuid4())
        items = self._system.items(like)
        [record] = [one for one in items if "status" in one]
        [snapshot] = [one for one in items if "snapshotOf" in one]
        waves = self.waves(plan) if plan else snapshot["waves"]
        kept = {k: v for k, v in record.items() if k not in without}
        own = {"executionId": execution, "planId": plan_id}
        part = {"planId": f"{plan_id}#plan", "snapshotOf": plan_id}
        self._add({**kept, **own, **attributes})
        self._add({**snapshot, **own, **part, "waves": waves})
        return execution

    def undo(self) -> None:
        """Put back what was changed, and take away what was added."""
        while self._before:
            self._put(*self._before.pop())
        while self._added:
            item = self._added.pop()
            key = {n: {"S": item[n]} for n in ("executionId", "planId")}
            self._client.delete_item(
                TableName=self._system.endpoints.tables[HISTORY], Key=key
            )

    def _add(self, item: dict[str, Any]) -> None:
        self._added.append(item)
        self._put(HISTORY, item)

    def _put(self, table: str, item: dict[str, Any]) -> None:
        write = TypeSerializer().serialize
        self._client.put_item(
            TableName=self._system.endpoints.tables[table],
            Item={name: write(value) for name, value in item.items()},
        )
