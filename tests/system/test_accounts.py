"""Two target accounts and a staging account, each with its own way in.

Both targets have servers of the same ids. Every role is that of the deployed
template, and the emulator checks its trust and the external id; calls are
counted by the account in which they landed.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.system import ledger, outside
from tests.system.api import Api
from tests.system.console import Console
from tests.system.ledger import Called
from tests.system.world import System

ONE = "444455556666"
TWO = "555566667777"
STAGING = "666677778888"
HUB = "123456789012"
SECRETS = {ONE: "shop-one-7", TWO: "shop-two-8", STAGING: "shop-staging-9"}
ACCOUNT = "/accounts/targets/{id}"
STAGED = f"{ACCOUNT}/staging-accounts"
READING = ("", "/realtime", "/recovery-instances", "/job-logs")
EVERY_RUN = {
    "DescribeInstances",
    "DescribeJobs",
    "DescribeRecoveryInstances",
    "DescribeSourceServers",
    "GetLaunchConfiguration",
    "GetServiceQuota",
    "StartRecovery",
}
EVERY_PLACE = {
    "CreateLaunchTemplateVersion",
    "DescribeInstanceTypes",
    "DescribeLaunchTemplateVersions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "GetInstanceProfile",
    "GetLaunchConfiguration",
    "ListInstanceProfiles",
    "ModifyLaunchTemplate",
    "UpdateLaunchConfiguration",
}


class Estate:
    """The accounts as a person sets them up, over the API."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.console = Console(Api(system))
        for account in (ONE, TWO):
            outside.let_the_hub_in(system, account, SECRETS[account])
            outside.has_servers(system, account, servers("web", 1, 2))
            outside.has_servers(system, account, servers("db", 3, 4))
            self.console.ask(
                "POST /accounts/targets",
                {"accountId": account, "externalId": SECRETS[account]},
            )
        outside.let_the_hub_in(system, STAGING, SECRETS[STAGING], "staging")
        outside.has_servers(system, STAGING, servers("staged", 5, 6))
        self._plans = {account: self._plan(account) for account in (ONE, TWO)}

    def _plan(self, account: str) -> str:
        groups = [
            self.console.group(
                f"{tier}-{account}",
                serverSelectionTags={"tier": tier},
                accountId=account,
                launchConfig={"copyTags": True},
            )
            for tier in ("db", "web")
        ]
        return self.console.plan(f"plan-{account}", groups)

    def start(self, account: str) -> str:
        """Start the plan of an account."""
        return self.console.start(self._plans[account])

    def refused(self, account: str) -> Any:
        """Try to start the plan of an account that lets nobody in."""
        body = {"planId": self._plans[account], "executionType": "DRILL"}
        return self.console.ask("POST /executions", body, 503)

    def registers(self, account: str, external_id: str) -> None:
        """Change the external id that is sent to an account."""
        body = {"externalId": external_id}
        self.console.ask(f"PUT {ACCOUNT}", body, id=account)

    def validated(self, account: str) -> Any:
        """Ask whether an account lets the hub in."""
        return self.console.ask(f"POST {ACCOUNT}/validate", id=account)

    def instances(self, account: str) -> set[str]:
        """Answer the ids of an account's EC2 instances."""
        known = self.system.account(account).machines().describe_instances()
        return {
            instance["InstanceId"]
            for reservation in known["Reservations"]
            for instance in reservation["Instances"]
        }


def choices(estate: Estate, kind: str, account: str) -> set[str]:
    """Answer what a person may choose from for servers of an account."""
    answer = estate.console.ask(
        f"GET /ec2/{kind}",
        query=f"region={outside.REGION}&accountId={account}",
    )
    [rows] = answer.values()
    return {row["value"] for row in rows}


def servers(tier: str, *numbers: int) -> list[dict[str, Any]]:
    """Return servers whose ids both targets have."""
    return [
        {
            "sourceServerID": f"s-{number:0>17}",
            "hostname": f"{tier}-{number}",
            "tags": {"Name": f"{tier}-{number}", "tier": tier},
            "launchSeconds": 300,
        }
        for number in numbers
    ]


@pytest.fixture(scope="module", params=["system", "direct"])
def estate(request: pytest.FixtureRequest) -> Iterator[Estate]:
    """The same accounts under each orchestrator."""
    system: System = request.getfixturevalue(request.param)
    # What the clock does in between would be counted too.
    rules = system.client("events")
    names = [f"drs-orchestration-{n}-sync-local" for n in ("staging", "tag")]
    for name in names:
        rules.disable_rule(Name=name)
    yield Estate(system)
    for name in names:
        rules.enable_rule(Name=name)


def is_of_role(call: Called) -> bool:
    """Tell whether a call was made with the role of where it landed."""
    role = f"arn:aws:sts::{call.account}:assumed-role/{outside.ROLE}/"
    return call.caller.startswith(role)


def test_every_account_lets_the_hub_in(estate: Estate) -> None:
    for account in (ONE, TWO):
        seen = estate.validated(account)
        assert seen["overallStatus"] == "success", seen


def test_a_plan_runs_with_the_credentials_of_its_account_only(
    estate: Estate,
) -> None:
    before = {a: estate.instances(a) for a in (HUB, ONE, TWO)}
    ledger.forget(estate.system)

    run = estate.start(TWO)
    ended = estate.console.ended(run)
    for part in READING:
        estate.console.ask(f"GET /executions/{{id}}{part}", id=run)
    made = {a: estate.instances(a) - before[a] for a in before}
    gone = estate.console.terminated(run)

    assert ended["status"] == "COMPLETED", ended
    assert gone["totalTerminated"] == 4
    calls = ledger.called(estate.system)
    assert ledger.accounts(calls) == {TWO}
    assert all(map(is_of_role, calls))
    assert EVERY_RUN <= ledger.operations(calls)
    # DRS itself has launched where it was asked to.
    assert {account: len(new) for account, new in made.items()} == {
        HUB: 0,
        ONE: 0,
        TWO: 4,
    }


def test_servers_are_placed_in_what_their_account_has(estate: Estate) -> None:
    system, console = estate.system, estate.console
    place = outside.a_place(system, TWO)
    [first, second] = outside.has_servers(system, TWO, servers("placed", 7, 8))
    ledger.forget(system)

    subnets = choices(estate, "subnets", TWO)
    groups = choices(estate, "security-groups", TWO)
    choices(estate, "instance-profiles", TWO)
    types = choices(estate, "instance-types", TWO)
    group = console.ask(
        "POST /protection-groups",
        {
            "groupName": f"placed-{TWO}",
            "region": outside.REGION,
            "accountId": TWO,
            "sourceServerIds": [first, second],
            "launchConfig": place,
        },
    )
    here = {"id": group["groupId"], "serverId": first}
    free, reserved = (
        console.ask(
            "POST /protection-groups/{id}/servers/{serverId}/validate-ip",
            {"staticPrivateIp": address, "subnetId": place["subnetId"]},
            **here,
        )
        for address in ("10.9.1.77", "10.9.1.2")
    )

    calls = ledger.called(system)
    assert group["launchConfigApplyResults"]["applied"] == 2
    assert (free["valid"], reserved["error"]) == (True, "IP_RESERVED")
    assert place["subnetId"] in subnets
    assert set(place["securityGroupIds"]) <= groups
    assert place["instanceType"] in types
    assert ledger.accounts(calls) == {TWO}
    assert all(map(is_of_role, calls))
    assert EVERY_PLACE <= ledger.operations(calls)
    # The hub has no such place, and DRS launches into it where it is.
    assert place["subnetId"] not in choices(estate, "subnets", HUB)
    assert outside.launched_into(system, TWO)[place["subnetId"]] == 2


def test_plans_of_two_accounts_run_side_by_side(estate: Estate) -> None:
    """Servers of the same id are others in another account."""
    ledger.forget(estate.system)

    runs = {account: estate.start(account) for account in (ONE, TWO)}
    ended = {a: estate.console.ended(run) for a, run in runs.items()}

    assert {e["status"] for e in ended.values()} == {"COMPLETED"}
    calls = ledger.called(estate.system)
    assert ledger.accounts(calls) == {ONE, TWO}
    assert all(map(is_of_role, calls))
    for run in runs.values():
        assert estate.console.terminated(run)["totalTerminated"] == 4


@pytest.mark.parametrize("wrong", ["shop-nobody-0", SECRETS[ONE]])
def test_a_wrong_external_id_is_refused_and_nothing_is_called(
    wrong: str, estate: Estate
) -> None:
    ledger.forget(estate.system)
    estate.registers(TWO, wrong)
    try:
        seen = estate.validated(TWO)
        refusal = estate.refused(TWO)
    finally:
        estate.registers(TWO, SECRETS[TWO])

    role = f"arn:aws:iam::{TWO}:role/{outside.ROLE}"
    assert ledger.called(estate.system) == []
    assert seen["overallStatus"] == "error"
    [row] = seen["validationResults"]
    assert (row["service"], row["status"]) == ("sts", "error")
    assert refusal["error"] == "ACCOUNT_UNREACHABLE"
    for text in (row["message"], refusal["message"]):
        assert TWO in text and role in text and "external id" in text
    assert (refusal["accountId"], refusal["roleArn"]) == (TWO, role)
    # Nothing is kept of the refusal.
    run = estate.start(TWO)
    assert estate.console.ended(run)["status"] == "COMPLETED"
    estate.console.terminated(run)


def test_the_external_id_alone_lets_nobody_in(estate: Estate) -> None:
    """Neither the hub's root nor a role of the hub that is not named."""
    system = estate.system
    asked = {
        "RoleArn": f"arn:aws:iam::{ONE}:role/{outside.ROLE}",
        "RoleSessionName": "stranger",
        "ExternalId": SECRETS[ONE],
    }
    for caller in (system.client("sts"), outside.a_stranger(system)):
        with pytest.raises(ClientError) as refused:
            caller.assume_role(**asked)
        assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_servers_of_a_staging_account_are_extended_and_recovered(
    estate: Estate,
) -> None:
    console = estate.console
    staging = {"accountId": STAGING, "externalId": SECRETS[STAGING]}
    # This one looks into every account, to say what there would be in all.
    seen = console.ask(
        "POST /staging-accounts/validate",
        {**staging, "region": outside.REGION},
    )
    ledger.forget(estate.system)

    body = {"stagingAccount": staging}
    console.ask(f"POST {STAGED}", body, 201, id=ONE)
    synced = console.ask(f"POST {STAGED}/sync", id=ONE)
    group = console.group(
        "staged", serverSelectionTags={"tier": "staged"}, accountId=ONE
    )
    run = console.start(console.plan("staged", [group]))

    ended = console.ended(run)
    calls = ledger.called(estate.system)
    assert (seen["valid"], seen["currentServers"]) == (True, 2)
    assert (synced["extended"], synced["failed"]) == (2, 0)
    assert ended["status"] == "COMPLETED"
    assert console.terminated(run)["totalTerminated"] == 2
    assert ledger.accounts(calls) == {ONE, STAGING}
    assert all(map(is_of_role, calls))
    there = [call for call in calls if call.account == STAGING]
    assert ledger.operations(there) <= {"DescribeSourceServers"}


def test_a_staging_account_with_a_wrong_external_id_is_not_valid(
    estate: Estate,
) -> None:
    body = {
        "accountId": STAGING,
        "externalId": SECRETS[ONE],
        "region": outside.REGION,
    }

    seen = estate.console.ask("POST /staging-accounts/validate", body)

    assert (seen["valid"], seen["roleAccessible"]) == (False, False)
    assert STAGING in seen["error"]


def test_a_staging_account_nobody_registered_goes_by_its_name(
    estate: Estate,
) -> None:
    """The organisation tells it to its management account, the hub."""
    system, console = estate.system, estate.console
    target, staging = outside.a_member(system, "Shop"), outside.a_member(
        system, "Replicas"
    )
    outside.let_the_hub_in(system, target, "shop-three-1")
    outside.let_the_hub_in(system, staging, "replicas-2", "staging")
    outside.has_servers(system, target, [])
    outside.has_servers(system, staging, servers("replica", 9))
    named = {"accountId": target, "externalId": "shop-three-1"}
    console.ask("POST /accounts/targets", named)
    body = {"accountId": staging, "externalId": "replicas-2"}
    console.ask(f"POST {STAGED}", {"stagingAccount": body}, 201, id=target)
    synced = console.ask(f"POST {STAGED}/sync", id=target)
    route = f"DELETE {STAGED}/{{stagingAccountId}}"
    console.ask(route, id=target, stagingAccountId=staging)

    seen = console.ask(f"GET {STAGED}/discover", id=target)

    console.ask(f"DELETE {ACCOUNT}", id=target)
    assert synced["extended"] == 1
    [row] = seen["stagingAccounts"]
    assert (row["accountId"], row["accountName"]) == (staging, "Replicas")
    assert row["alreadyConfigured"] is False
