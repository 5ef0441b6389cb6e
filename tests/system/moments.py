"""What is so for the length of one request of the table of routes.

Each is put back afterwards, so that no other test meets it.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from local_cloud import cloud
from tests.system.api import ADMIN, Api
from tests.system.outside import has_servers
from tests.system.world import System

# Where nothing is but what cases of such moments put there.
FAR = "eu-north-1"
HUB = "123456789012"
RACERS = 6
# Who loses against others does so by chance, and is asked again until then.
BY_CHANCE = ("groups change", "plans change", "accounts change")
TRIES = 30
_RULE = "drs-orchestration-tag-sync-local"

type Moment = AbstractContextManager[None]
type Places = Mapping[str, str]


class Moments:
    """Makes a moment by its name, for what a request's path names."""

    def __init__(
        self, system: System, api: Api, value: Callable[[str], str]
    ) -> None:
        self._system = system
        self._api = api
        self._made: Mapping[str, Callable[[Places], Moment]] = {
            "": lambda places: nullcontext(),
            "DRS is not set up": lambda places: self._not_set_up(),
            "the account is inactive": lambda places: self._inactive(
                value("guest")
            ),
            "the Region is shut": lambda places: self._shut(),
            "the rule is gone": lambda places: self._ruleless(),
            "plans stay": lambda places: self.denied(
                *("DataManagementRoleArn", "dynamodb:DeleteItem"),
                self._table("RecoveryPlansTableName"),
            ),
            "groups change": lambda places: self._racing(
                *("ProtectionGroupsTableName", "groupId", places["id"])
            ),
            "plans change": lambda places: self._racing(
                *("RecoveryPlansTableName", "planId", places["id"])
            ),
            "accounts change": lambda places: self._racing(
                *("TargetAccountsTableName", "accountId", places["id"])
            ),
        }

    def of(self, name: str, places: Places) -> Moment:
        """Return the moment of that name."""
        return self._made[name](places)

    @contextmanager
    def denied(self, role: str, action: str, resource: str) -> Iterator[None]:
        """Forbid a role, by its output's name, to do something."""
        iam = self._system.client("iam")
        arn = self._system.endpoints.outputs[role]
        named = {
            "RoleName": arn.rpartition("/")[2],
            "PolicyName": "for-a-moment",
        }
        denial = {"Effect": "Deny", "Action": action, "Resource": resource}
        policy = {"Version": "2012-10-17", "Statement": [denial]}
        iam.put_role_policy(**named, PolicyDocument=json.dumps(policy))
        try:
            yield
        finally:
            iam.delete_role_policy(**named)

    @contextmanager
    def _inactive(self, account_id: str) -> Iterator[None]:
        self._set(account_id, "inactive")
        try:
            yield
        finally:
            self._set(account_id, "active")

    @contextmanager
    def _not_set_up(self) -> Iterator[None]:
        self.far(initialized=False)
        try:
            yield
        finally:
            self.far(initialized=True)

    @contextmanager
    def _shut(self) -> Iterator[None]:
        before = self._system.control("GET", "faults")["faults"]
        fault = {
            "op": "DescribeSourceServers",
            "error": "UnrecognizedClientException",
            "region": FAR,
            "times": 100,
        }
        cloud.faults(self._system.endpoints, [fault])
        try:
            yield
        finally:
            self._system.control("DELETE", "faults")
            cloud.faults(self._system.endpoints, before)

    @contextmanager
    def _ruleless(self) -> Iterator[None]:
        """Delete the rule that copies tags, and make it again."""
        events = self._system.client("events")
        rule = events.describe_rule(Name=_RULE)
        targets = events.list_targets_by_rule(Rule=_RULE)["Targets"]
        events.remove_targets(Rule=_RULE, Ids=[one["Id"] for one in targets])
        events.delete_rule(Name=_RULE)
        try:
            yield
        finally:
            kept = ("Name", "ScheduleExpression", "State", "Description")
            events.put_rule(**{name: rule[name] for name in kept})
            events.put_targets(Rule=_RULE, Targets=targets)

    @contextmanager
    def _racing(self, table: str, key: str, object_id: str) -> Iterator[None]:
        """Let others change an object faster than a request can."""
        over = threading.Event()
        asked = {
            "TableName": self._system.endpoints.outputs[table],
            "Key": {key: {"S": object_id}},
            "UpdateExpression": "ADD version :one",
            "ConditionExpression": f"attribute_exists({key})",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }

        def race() -> None:
            client = self._system.client("dynamodb")
            try:
                while not over.is_set():
                    client.update_item(**asked)
            except client.exceptions.ConditionalCheckFailedException:
                return

        racers = [threading.Thread(target=race) for _ in range(RACERS)]
        for racer in racers:
            racer.start()
        try:
            yield
        finally:
            over.set()
            for racer in racers:
                racer.join()

    def _table(self, output: str) -> str:
        name = self._system.endpoints.outputs[output]
        return f"arn:aws:dynamodb:us-east-1:{HUB}:table/{name}"

    def far(self, *, initialized: bool) -> None:
        """Have DRS set up in the far Region, or not."""
        has_servers(self._system, HUB, [], region=FAR, initialized=initialized)

    def _set(self, account_id: str, status: str) -> None:
        route, token = f"PUT /accounts/targets/{account_id}", ADMIN
        body = {"status": status}
        told = self._api.ask(route, self._api.tokens[token], body)
        assert told[0] == 200, told
