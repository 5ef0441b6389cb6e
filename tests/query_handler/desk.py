"""Everything that look-ups reach, in memory; three accounts in one estate."""

from collections.abc import Mapping
from typing import Any

import pytest

from query_handler.operations import OPERATIONS
from query_handler.ports import Lookups
from query_handler.routes import ROUTES
from shared.domain.account import AccountContext
from shared.domain.errors import AccountUnreachable, DrError
from shared.domain.items import Item
from shared.domain.ports import Clock
from shared.domain.rbac import Role
from shared.http import answer
from shared.routing import operate
from tests.support.api_document import check_answer
from tests.support.fake_catalogue import catalogues
from tests.support.fake_drs import HUB, FakeDrs
from tests.support.fake_executions import FakeExecutions
from tests.support.fake_lookups import FakeLookupsAt
from tests.support.fakes import FakeAccountNames, FakeAudit, FakeClock
from tests.support.requests import a_front, a_request, body_of

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
EMPTY_REGION = "ap-south-1"
TARGET = "444455556666"
STAGING = "777788889999"
UNKNOWN = "999900001111"


class Guarded(FakeDrs):
    """DRS of accounts whose roles may refuse to let anybody in."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.contexts: list[AccountContext] = []
        self.closed: set[str] = set()

    def client(
        self,
        service: str,
        region: str,
        account: AccountContext | None = None,
        *,
        once: bool = False,
    ) -> Any:
        """Return a client, for those who are let in."""
        assert account is not None
        self.contexts.append(account)
        if account.account_id in self.closed:
            raise AccountUnreachable(
                f"Could not assume {account.role_arn}.",
                accountId=account.account_id,
                roleArn=account.role_arn,
            )
        return super().client(service, region, account, once=once)

    def context_of(self, account_id: str) -> AccountContext:
        """Return the one way in which an account was entered."""
        [found] = {c for c in self.contexts if c.account_id == account_id}
        return found


class Desk:
    """The handler over fakes; ``asks`` and ``gets`` are one invocation."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.drs = Guarded(self.clock)
        self.ec2 = FakeLookupsAt()
        self.names = FakeAccountNames("hub")
        self.trail = FakeAudit()
        self.groups, self.plans, self.accounts = catalogues(
            FakeExecutions(self.clock), self.clock
        )
        self.kept: dict[Any, tuple[int, Any]] = {}
        for account in (HUB, TARGET, STAGING):
            self.drs.has_servers(REGION, [], account=account)

    def ports(self, seconds: int = 23) -> Lookups:
        """Return the ports of an invocation that may take so long."""
        return Lookups(
            groups=self.groups,
            plans=self.plans,
            accounts=self.accounts,
            names=self.names,
            drs=self.drs,
            ec2=self.ec2,
            drs_region_names=lambda: frozenset(
                {REGION, OTHER_REGION, EMPTY_REGION}
            ),
            audit=self.trail,
            clock=self.clock,
            hub_account_id=HUB,
            hub_region=REGION,
            deadline=self.clock.now() + seconds,
            kept=self.kept,
        )

    def asks(self, operation: str, **params: Any) -> Any:
        """Ask for an operation and return its reply."""
        return self.invokes({"operation": operation, "queryParams": params})

    def invokes(self, event: dict[str, Any]) -> Any:
        """Send an event and return its reply."""
        return operate(event, self.ports(), OPERATIONS)

    def hurries(self, seconds: int, operation: str, **params: Any) -> Any:
        """Ask for an operation that has so many seconds."""
        event = {"operation": operation, "queryParams": params}
        return operate(event, self.ports(seconds), OPERATIONS)

    def refuses(self, operation: str, **params: Any) -> DrError:
        """Ask for an operation that is refused."""
        with pytest.raises(DrError) as caught:
            self.asks(operation, **params)
        return caught.value

    def gets(
        self,
        route: str,
        *,
        status: int = 200,
        role: str = Role.READ_ONLY,
        body: object = None,
        path: Mapping[str, str] | None = None,
        **query: str,
    ) -> Any:
        """Make a request and return its body, held to the API's document.

        Args:
            route: Method and template.
            status: The status that is expected.
            role: The caller's.
            body: The request's.
            path: Values of the path's parameters.
            query: The query's parameters.
        """
        method, template = route.split(" ")
        asked = template.format(**(path or {}))
        event = a_request(method, asked, role=role, query=query, body=body)
        reply = answer(event, self.ports(), ROUTES, a_front(self.trail))
        assert reply["statusCode"] == status, reply["body"]
        check_answer(route, status, body_of(reply))
        return body_of(reply)

    def has_servers(
        self,
        tier: str,
        count: int = 1,
        region: str = REGION,
        account: str = HUB,
        **more: Any,
    ) -> list[str]:
        """Add servers tagged ``tier``."""
        tags = [{"Name": f"{tier}-{n}", "tier": tier} for n in range(count)]
        return self.drs.has_servers(region, tags, account=account, **more)

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
