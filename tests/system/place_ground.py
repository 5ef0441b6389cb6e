"""Groups, plans and accounts that something is wrong with.

They are in other Regions and accounts, lost, too large, or in an execution
that their plan knows nothing of.
"""

from collections.abc import Callable, Mapping
from typing import Any

from local_cloud import cloud
from tests.system.moments import FAR, HUB, Moments
from tests.system.outside import has_servers
from tests.system.world import System

# Two groups of so many servers are more than a wave may have.
CROWD = 2_001
OVER = ("COMPLETED", "PARTIAL", "FAILED")
_STAGED = {"accountId": "666600000000", "externalId": "shop-8"}


class PlaceGround:
    """Makes them over the API, as far as the API lets that be."""

    def __init__(
        self,
        system: System,
        moments: Moments,
        done: Callable[..., Any],
        value: Callable[[str], str],
        until: Callable[..., str],
    ) -> None:
        self._system = system
        self._moments = moments
        self._done = done
        self._value = value
        self._until = until
        self._tables = system.client("dynamodb")
        self._table = system.endpoints.outputs["ProtectionGroupsTableName"]
        self.words: Mapping[str, Callable[[], str]] = {
            "account_of_guest_group": self._account_of_guest_group,
            "crowd": lambda: self._crowd(0),
            "far_group": self._far_group,
            "group_of_retry": self._group_of_retry,
            "guest": lambda: value("new_reachable"),
            "guest_group": self._guest_group,
            "other_plan_name": self._other_plan_name,
            "plan_of_guest_group": lambda: self._plan(value("guest_group")),
            "plan_of_lost_group": self._plan_of_lost_group,
            "second_crowd": lambda: self._crowd(CROWD),
            "second_group": lambda: value("new_group"),
            "staged_account": self._staged_account,
        }

    def _group(self, **more: Any) -> str:
        body = {"groupName": self._value("new_name"), **more}
        return str(self._done("POST /protection-groups", body)["groupId"])

    def _plan(self, *groups: str) -> str:
        waves = [{"protectionGroupId": group} for group in groups]
        body = {"name": self._value("new_name"), "waves": waves}
        return str(self._done("POST /recovery-plans", body)["planId"])

    def _far_group(self) -> str:
        self._moments.far(initialized=True)
        return self._group(region=FAR, serverSelectionTags={"kind": "far"})

    def _guest_group(self) -> str:
        return self._group(
            accountId=self._value("guest"),
            region="us-east-1",
            serverSelectionTags={"kind": "guest"},
        )

    def _account_of_guest_group(self) -> str:
        group = self._value("guest_group")
        found = self._done(f"GET /protection-groups/{group}")
        return str(found["accountId"])

    def _staged_account(self) -> str:
        account = self._value("new_account")
        self._done(
            f"POST /accounts/targets/{account}/staging-accounts",
            {"stagingAccount": _STAGED},
        )
        return account

    def _other_plan_name(self) -> str:
        plan = self._value("new_plan")
        return str(self._done(f"GET /recovery-plans/{plan}")["name"])

    def _crowd(self, first: int) -> str:
        """Have a group of many servers, which DRS has lost since."""
        group = self._value("new_group")
        lost = range(first, first + CROWD)
        self._tables.update_item(
            TableName=self._table,
            Key={"groupId": {"S": group}},
            UpdateExpression="SET sourceServerIds = :lost",
            ExpressionAttributeValues={
                ":lost": {"L": [{"S": f"s-{n:017x}"} for n in lost]}
            },
        )
        return group

    def _plan_of_lost_group(self) -> str:
        """Have a plan whose group is gone, which the API would not do."""
        group = self._value("new_group")
        plan = self._plan(group)
        self._tables.delete_item(
            TableName=self._table, Key={"groupId": {"S": group}}
        )
        return plan

    def _group_of_retry(self) -> str:
        """Have a group that a retry works on, and its plan not any more."""
        server = self._lost_cause()
        group = self._group(region="us-east-1", sourceServerIds=[server])
        plan = self._plan(group)
        route = f"POST /recovery-plans/{plan}/execute"
        run = self._done(route, {"executionType": "DRILL"})["executionId"]
        self._until(run, *OVER)
        wave = {"protectionGroupId": self._value("second_group")}
        self._done(f"PUT /recovery-plans/{plan}", {"waves": [wave]})
        again = {"clientToken": "lost-cause"}
        retry = self._done(f"POST /executions/{run}/retry-failed", again)
        # Its server is never launched, so that it stays there.
        self._until(retry["executionId"], "POLLING")
        return group

    def _lost_cause(self) -> str:
        """Have a server that fails once, and then never gets anywhere."""
        known = {"hostname": "lost-cause", "launchSeconds": 60}
        [server] = has_servers(self._system, HUB, [known])
        cloud.faults(
            self._system.endpoints,
            [
                {"server": server, "launch": "FAILED", "times": 1},
                {"server": server, "launch": "NEVER"},
            ],
        )
        return server
