"""Writes protection groups and recovery plans into the tables.

It uses the table code of the handlers, so that an item has one form. What the
items hold is the caller's matter.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.aws.clients import Account
from local_cloud.endpoints import Endpoints
from shared.aws.tables import DynamoGroups, DynamoPlans

type Item = Mapping[str, Any]


class WallClock:
    """The machine's own time."""

    def now(self) -> int:
        """Answer the epoch seconds, rounded down."""
        return int(time.time())

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def put_items(
    endpoints: Endpoints, *, groups: Iterable[Item], plans: Iterable[Item]
) -> None:
    """Store groups and plans whole, over older ones of the same id."""
    account = Account(
        url=endpoints.aws_url,
        account_id=endpoints.account_id,
        region=endpoints.region,
    )
    tables, clock = account.table_resource(), WallClock()
    names = endpoints.tables
    to_groups = DynamoGroups(tables.Table(names["protection-groups"]), clock)
    to_plans = DynamoPlans(tables.Table(names["recovery-plans"]), clock)
    for group in groups:
        to_groups.put_group(group)
    for plan in plans:
        to_plans.put_plan(plan)
