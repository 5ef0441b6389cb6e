"""The tables behind the ports, and how they are connected.

Plans, groups and accounts are read as they are now. The history and its
locks have modules of their own and are named here for those who wire.
"""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from shared.aws.dynamo import Door
from shared.aws.executions import DynamoExecutions
from shared.aws.locks import DynamoLocks
from shared.domain.errors import NotFound
from shared.domain.group import checked_group
from shared.domain.plan import Plan, plan_from_item
from shared.domain.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def table(name: str) -> "Table":
    """Return a table; what throttles is waited for by us, not the SDK."""
    resource = boto3.resource(
        "dynamodb",
        config=Config(
            connect_timeout=5,
            read_timeout=10,
            retries={"mode": "standard", "total_max_attempts": 3},
        ),
    )
    return resource.Table(name)


class DynamoPlans:
    """The recovery plans as they are now."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._door = Door(table, clock, "planId")

    def plan(self, plan_id: str) -> Plan:
        """Return the plan, read consistently."""
        item = self._door.get(plan_id)
        if item is None:
            raise NotFound(
                f"There is no recovery plan {plan_id}.",
                code="RECOVERY_PLAN_NOT_FOUND",
                planId=plan_id,
            )
        return plan_from_item(item)


class DynamoGroups:
    """The protection groups as they are now."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._door = Door(table, clock, "groupId")

    def group(self, group_id: str) -> dict[str, Any]:
        """Return the whole stored group, read consistently."""
        item = self._door.get(group_id)
        if item is None:
            raise NotFound(
                f"There is no protection group {group_id}.",
                code="PROTECTION_GROUP_NOT_FOUND",
                groupId=group_id,
            )
        return checked_group(item)


class DynamoAccounts:
    """The registered target accounts."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._door = Door(table, clock, "accountId")

    def account(self, account_id: str) -> dict[str, Any] | None:
        """Return the account as registered, or None."""
        return self._door.get(account_id)


__all__ = [
    "DynamoAccounts",
    "DynamoExecutions",
    "DynamoGroups",
    "DynamoLocks",
    "DynamoPlans",
    "table",
]
