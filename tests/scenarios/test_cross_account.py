"""Two target accounts and a staging account: each plan works in its own."""

from collections import Counter
from typing import Any

import pytest

from shared.domain.errors import AccountUnreachable, Conflict, NotFound
from shared.domain.plan import plan_from_item
from shared.domain.record import Record
from shared.domain.status import Status
from tests.support.fake_drs import HUB
from tests.support.world import Orchestrator, World

REGION = "us-east-1"
FAR = "eu-west-1"
ONE = "444455556666"
TWO = "777788889999"
STAGING = "222233334444"


class Estate(World):
    """Both targets have servers of the same ids; one has extended ones."""

    def __init__(self, kind: Orchestrator) -> None:
        super().__init__(kind)
        self.has_target(ONE)
        self.has_target(TWO)
        self.extends(self.servers_of(STAGING, FAR, "staged"), ONE)
        self.has_account_plan(ONE)
        self.has_account_plan(TWO)
        self.drs.calls.clear()

    def has_target(self, account: str) -> None:
        """Register an account that lets in by its own role and secret."""
        role = f"arn:aws:iam::{account}:role/Recovery-{account[:4]}"
        secret = f"secret-{account}"
        self.drs.trusts(account, role, secret)
        self.accounts.put(
            {
                "accountId": account,
                "status": "active",
                "roleArn": role,
                "assumeRoleName": role.rpartition("/")[2],
                "externalId": secret,
            }
        )
        for region in (REGION, FAR):
            self.servers_of(account, region, region)

    def servers_of(self, account: str, region: str, tier: str) -> list[str]:
        """Add two servers, whose ids other accounts have too."""
        specs: list[dict[str, Any]] = [
            {
                "sourceServerID": f"s-{number:0>17}",
                "hostname": f"{tier}-{number}",
                "tags": {"Name": f"{tier}-{number}", "tier": tier},
            }
            for number in (1, 2)
        ]
        self.drs.simulator.load_estate(
            {
                "accounts": [
                    {
                        "accountId": account,
                        "regions": [{"region": region, "servers": specs}],
                    }
                ]
            }
        )
        return [
            f"arn:aws:drs:{region}:{account}:source-server/"
            f"{spec['sourceServerID']}"
            for spec in specs
        ]

    def extends(self, arns: list[str], account: str) -> None:
        """Extend a staging account's servers into a target."""
        for arn in arns:
            self.drs.simulator.call(
                account,
                FAR,
                "CreateExtendedSourceServer",
                {"sourceServerArn": arn},
            )

    def has_account_plan(self, account: str) -> None:
        """Store a plan of two waves in two Regions of an account."""
        tiers = {REGION: REGION, FAR: FAR}
        waves = []
        for region, tier in tiers.items():
            group = f"{account}-{region}"
            self.groups.put(
                {
                    "groupId": group,
                    "groupName": group,
                    "region": region,
                    "accountId": account,
                    "serverSelectionTags": {"tier": tier},
                    "launchConfig": {"copyTags": True},
                }
            )
            waves.append({"protectionGroupId": group})
        if account == ONE:
            self.groups.put(
                {
                    "groupId": "staged",
                    "groupName": "staged",
                    "region": FAR,
                    "accountId": account,
                    "serverSelectionTags": {"tier": "staged"},
                }
            )
            waves.append({"protectionGroupId": "staged"})
        item = {
            "planId": account,
            "planName": account,
            "version": 1,
            "waves": waves,
        }
        self.plans.put(plan_from_item(item))

    def begins(self, account: str) -> str:
        """Start the plan of an account."""
        return str(self.begun(account)["executionId"])

    def begun(self, account: str) -> dict[str, Any]:
        """Start the plan of an account and return the answer."""
        return self.operate(
            "start_execution", planId=account, executionType="DRILL"
        )

    @property
    def called(self) -> Counter[str]:
        """Return how often each account was called."""
        return Counter(call.account for call in self.drs.calls)


@pytest.fixture(params=["generic", "direct"])
def estate(request: pytest.FixtureRequest) -> Estate:
    kind: Orchestrator = request.param
    return Estate(kind)


def launched(record: Record) -> int:
    return int(record.outcome["launched"])


def test_a_plan_works_in_its_own_account_only(estate: Estate) -> None:
    record = estate.finishes(estate.begins(TWO))

    assert record.status is Status.COMPLETED
    assert launched(record) == 4
    assert set(estate.called) == {TWO}
    operations = {call.operation for call in estate.drs.calls}
    assert {
        "DescribeSourceServers",
        "DescribeJobs",
        "DescribeRecoveryInstances",
        "GetServiceQuota",
        "StartRecovery",
        "UpdateLaunchConfiguration",
        "DescribeInstances",
    } <= operations


def test_servers_extended_from_a_staging_account_are_the_targets(
    estate: Estate,
) -> None:
    record = estate.finishes(estate.begins(ONE))

    assert record.status is Status.COMPLETED
    assert launched(record) == 6
    assert set(estate.called) == {ONE}


def test_plans_of_two_accounts_run_side_by_side(estate: Estate) -> None:
    """Servers of the same id are others in another account."""
    runs = {account: estate.begins(account) for account in (ONE, TWO)}
    ended = {account: estate.finishes(run) for account, run in runs.items()}

    assert {record.status for record in ended.values()} == {Status.COMPLETED}
    assert set(estate.called) == {ONE, TWO}
    for account in (ONE, TWO):
        regions = [
            estate.drs.simulator.state.region(account, region)
            for region in (REGION, FAR)
        ]
        jobs = [job for region in regions for job in region.jobs.values()]
        ids = {job.tags["DRSOrchestration:ExecutionId"] for job in jobs}
        assert ids == {runs[account]}


def test_reads_and_terminations_stay_in_the_account(estate: Estate) -> None:
    execution = estate.begins(TWO)
    estate.finishes(execution)
    estate.drs.calls.clear()

    for operation in (
        "get_execution_details",
        "get_recovery_instances",
        "get_job_logs",
        "terminate_instances",
        "get_termination_status",
    ):
        estate.operate(operation, executionId=execution)

    assert set(estate.called) == {TWO}
    assert estate.record(execution).terminate_jobs


def test_a_job_in_one_account_is_not_in_the_way_in_another(
    estate: Estate,
) -> None:
    estate.drs.foreign_job(["s-1"], REGION, account=ONE)

    with pytest.raises(Conflict) as caught:
        estate.begins(ONE)
    record = estate.finishes(estate.begins(TWO))

    assert caught.value.code == "SERVER_CONFLICT"
    assert record.status is Status.COMPLETED


@pytest.mark.parametrize(
    "wrong",
    [
        {"externalId": "secret-of-another"},
        {"externalId": ""},
        {"roleArn": f"arn:aws:iam::{TWO}:role/Unknown"},
    ],
)
def test_a_wrong_way_in_is_refused_and_leaves_nothing(
    estate: Estate, wrong: dict[str, str]
) -> None:
    account = estate.accounts.account(TWO)
    assert account is not None
    estate.accounts.put({**account, **wrong})
    before = set(estate.executions.items)

    with pytest.raises(AccountUnreachable) as caught:
        estate.begins(TWO)

    assert caught.value.code == "ACCOUNT_UNREACHABLE"
    assert caught.value.status == 503
    assert TWO in caught.value.message
    assert "external id" in caught.value.message
    assert caught.value.details["accountId"] == TWO
    assert estate.drs.calls == []
    assert set(estate.executions.items) == before


def test_an_account_that_lets_in_no_more_stops_no_other(
    estate: Estate,
) -> None:
    """The run waits in vain, and ends; the other account's goes on."""
    locked_out, other = estate.begins(ONE), estate.begins(TWO)
    estate.runs_until(lambda: len(estate.drs.jobs_started) >= 2)
    estate.drs.trusts(ONE, "arn:aws:iam::444455556666:role/New", "new")

    assert estate.finishes(other).status is Status.COMPLETED
    record = estate.finishes(locked_out)

    assert record.status is not Status.COMPLETED
    assert HUB not in estate.called


@pytest.mark.parametrize("status", ["inactive", None])
def test_an_account_that_is_not_in_use_is_refused(
    estate: Estate, status: str | None
) -> None:
    if status:
        estate.accounts.put({"accountId": TWO, "status": status})
    else:
        estate.accounts.forget(TWO)

    with pytest.raises(NotFound) as caught:
        estate.begins(TWO)

    assert caught.value.code == "TARGET_ACCOUNT_NOT_FOUND"
    assert estate.drs.calls == []
