"""Everything the data management handler reaches, in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from data_management_handler.domain.place import Estate, Place
from data_management_handler.operations import OPERATIONS
from data_management_handler.ports import Ports
from shared.domain.errors import DrError
from shared.domain.items import Item
from shared.domain.plan import plan_from_item
from shared.domain.record import (
    Record,
    Reserved,
    ServerStatus,
    WaveEntry,
)
from shared.domain.status import Status, WaveStatus
from shared.routing import operate
from tests.support.fake_catalogue import catalogues
from tests.support.fake_drs import HUB, FakeDrs
from tests.support.fake_executions import FakeExecutions
from tests.support.fake_lookups import FakeLookups, FakeLookupsAt
from tests.support.fakes import FakeAudit, FakeClock, FakeRule, FakeWorker

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
TARGET = "444455556666"
ROLE = f"arn:aws:iam::{TARGET}:role/DRSOrchestrationRole"


class Desk:
    """The handler over fakes; ``asks`` is one invocation."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.drs = FakeDrs(self.clock)
        self.executions = FakeExecutions(self.clock)
        self.lookups = FakeLookupsAt()
        self.trail = FakeAudit(self.executions.items)
        self.worker = FakeWorker()
        self.rule = FakeRule()
        self.groups, self.plans, self.accounts = catalogues(
            self.executions, self.clock
        )
        self.kept: dict[Place, tuple[int, Estate]] = {}
        self.drs.has_servers(REGION, [])
        self.drs.has_servers(OTHER_REGION, [])
        self.ec2().has_type("m5.large")

    def ports(self, seconds: int = 120) -> Ports:
        """Return the ports of an invocation that may take so long."""
        return Ports(
            groups=self.groups,
            plans=self.plans,
            accounts=self.accounts,
            executions=self.executions,
            audit=self.trail,
            drs=self.drs,
            lookups=self.lookups,
            drs_region_names=lambda: frozenset({REGION, OTHER_REGION}),
            clock=self.clock,
            hub_account_id=HUB,
            hub_region=REGION,
            worker=self.worker,
            tag_sync_rule=self.rule,
            deadline=self.clock.now() + seconds,
            kept=self.kept,
        )

    def asks(
        self,
        operation: str,
        object_id: str = "",
        *,
        server: str = "",
        query: Mapping[str, Any] | None = None,
        seconds: int = 120,
        staging: str = "",
        **body: Any,
    ) -> Any:
        """Ask for an operation and return its reply."""
        path = {
            "id": object_id,
            "serverId": server,
            "stagingAccountId": staging,
        }
        event = {
            "operation": operation,
            "initiatedBy": "ann@example.com",
            "body": body,
            "queryParams": dict(query or {}),
            "pathParameters": {name: v for name, v in path.items() if v},
        }
        return operate(event, self.ports(seconds), OPERATIONS)

    def asks_with(self, ports: Ports, operation: str, **body: Any) -> Any:
        """Ask for an operation over other ports."""
        return operate(
            {"operation": operation, "body": body}, ports, OPERATIONS
        )

    def refuses(self, operation: str, *args: Any, **body: Any) -> DrError:
        """Ask for what is refused; nothing may be written but its entry."""
        before = self.everything
        with pytest.raises(DrError) as caught:
            self.asks(operation, *args, **body)
        assert self.everything == before
        return caught.value

    @property
    def everything(self) -> list[Mapping[Any, Item]]:
        """Return all that is stored, the audit trail excepted."""
        kept = {
            key: item
            for key, item in self.executions.items.items()
            if not key[0].startswith("audit#")
        }
        tables = (self.groups, self.plans, self.accounts)
        return [kept, *(dict(table.items) for table in tables)]

    @property
    def audit(self) -> list[Item]:
        """Return the entries written with what was changed."""
        return [
            item
            for key, item in self.executions.items.items()
            if key[0].startswith("audit#")
        ]

    def ec2(self, account: str = HUB, region: str = REGION) -> FakeLookups:
        """Return what configurations may name in an account's Region."""
        return self.lookups.at(account, region)

    def has_servers(
        self, tier: str, count: int = 1, region: str = REGION, **more: Any
    ) -> list[str]:
        """Add servers tagged ``tier``."""
        tags = [{"Name": f"{tier}-{n}", "tier": tier} for n in range(count)]
        return self.drs.has_servers(region, tags, **more)

    def has_group(self, name: str, **attributes: Any) -> Item:
        """Store a group that selects the servers tagged like its name."""
        return self.groups.has(
            {
                "groupId": f"id-{name}",
                "groupName": name,
                "description": "",
                "owner": "",
                "region": REGION,
                "accountId": "",
                "assumeRoleName": "",
                "serverSelectionTags": {"tier": name},
                "sourceServerIds": [],
                "launchConfig": {},
                "servers": [],
                "createdDate": 1,
                "lastModifiedDate": 1,
                "version": 1,
                **attributes,
            }
        )

    def has_plan(self, name: str, *waves: Mapping[str, Any]) -> Item:
        """Store a plan of these waves."""
        return self.plans.has(
            {
                "planId": f"id-{name}",
                "planName": name,
                "description": "",
                "rpo": "",
                "rto": "",
                "waves": [
                    {"waveNumber": number, **wave}
                    for number, wave in enumerate(waves)
                ],
                "createdDate": 1,
                "lastModifiedDate": 1,
                "version": 1,
            }
        )

    def has_account(self, account_id: str = TARGET, **more: Any) -> Item:
        """Register an account."""
        return self.accounts.has(
            {
                "accountId": account_id,
                "accountName": "prod",
                "status": "active",
                "isCurrentAccount": False,
                "roleArn": f"arn:aws:iam::{account_id}:role/Its",
                "externalId": "its-own",
                "assumeRoleName": "Its",
                "stagingAccounts": [],
                "version": 1,
                **more,
            }
        )

    def has_execution(
        self,
        plan: Mapping[str, Any],
        *,
        execution_id: str = "exec-1",
        status: Status = Status.POLLING,
        launched: Sequence[str] = (),
        moving: Sequence[str] = (),
        to_come: Sequence[str] = (),
        **more: Any,
    ) -> Record:
        """Store an execution of a plan with servers in three stages."""
        started = [*launched, *moving]
        entry = WaveEntry(
            wave_number=0,
            wave_name="Database",
            status=WaveStatus.IN_PROGRESS,
            start_time=1,
            region=REGION,
            server_ids=tuple(started),
            server_statuses=tuple(
                ServerStatus(
                    source_server_id=one,
                    server_name=one,
                    hostname=one,
                    launch_status="LAUNCHED" if one in launched else "PENDING",
                )
                for one in started
            ),
        )
        reserved = {0: started, 1: list(to_come)}
        record = Record(
            **{
                "execution_id": execution_id,
                "plan_id": plan["planId"],
                "plan_name": plan["planName"],
                "status": status,
                "start_time": self.clock.now(),
                "waves": (entry,) if started else (),
                "entered_waves": frozenset({0} if started else ()),
                "total_waves": 2,
                "account_context": {"accountId": HUB},
                "reserved": tuple(
                    Reserved(
                        wave_number=number,
                        server_ids=tuple(servers),
                        region=REGION,
                    )
                    for number, servers in reserved.items()
                    if servers
                ),
                **more,
            }
        )
        self.executions.save_plan(record.key, plan_from_item(plan))
        return self.executions.has(record)
