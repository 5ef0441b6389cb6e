"""The same worlds on moto: real adapters, tables of DynamoDB, EC2 and DRS.

Use it within ``mock_aws``. Service Quotas, which moto lacks, stay the
fake's; the state machine and the peers stay the scenario's.
"""

from functools import cache
from typing import Any

import boto3

from drs_simulator.aws import moto_backend
from drs_simulator.domain.ports import Place
from shared.aws.dynamo import plain
from shared.aws.tables import DynamoExecutions, DynamoLocks
from shared.domain.items import Item
from shared.domain.ports import Executions, Locks
from tests.campaign.troubled_drs import TroubledDrs
from tests.campaign.world import Campaign
from tests.contracts.tables import a_history_table
from tests.support.fake_drs import Call, FakeDrs, HasTime


class MotoDrs(TroubledDrs):
    """DRS and EC2 reached by boto3, in moto."""

    def __init__(self, clock: HasTime, seed: int, page_size: int) -> None:
        super().__init__(clock, seed, page_size)
        self.simulator = moto_backend.simulator()
        self.simulator.clock = lambda: float(clock.now())

    def _answered(
        self, service: str, place: Place, method: str, call: Call
    ) -> Any:
        if service == "service-quotas":
            return super()._answered(service, place, method, call)
        client = _client(service, place.region, place.account)
        return getattr(client, method)(**call.request)


@cache
def _client(service: str, region: str, account: str) -> Any:
    """Return a client that moto takes for one of the account."""
    session: Any = boto3.Session()
    client = session.client(service, region_name=region)

    def named(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = account

    client.meta.events.register(f"before-call.{service}.*", named)
    return client


class MotoCampaign(Campaign):
    """The world of one draw, its stores and services in moto."""

    def new_drs(self, seed: int) -> FakeDrs:
        """Return DRS in moto."""
        return MotoDrs(self.clock, self.drawn.seed, self.drawn.page_size)

    def stores(self) -> tuple[Executions, Locks]:
        """Keep executions and locks in a table of DynamoDB."""
        self._table = a_history_table(f"history-{self.drawn.seed}")
        return (
            DynamoExecutions(self._table, self.clock),
            DynamoLocks(self._table, self.clock),
        )

    def stored(self) -> list[Item]:
        """Return what the table of the executions holds."""
        found: list[Item] = []
        request: dict[str, Any] = {}
        while True:
            page = self._table.scan(**request)
            found.extend(plain(item) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def forget_clients() -> None:
    """Make new clients from now on: a new mock is in force."""
    _client.cache_clear()
