"""Plans, groups and accounts, on the fakes and on DynamoDB."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from moto import mock_aws

from shared.aws.dynamo import stored
from shared.aws.tables import (
    DynamoAccounts,
    DynamoGroups,
    DynamoPlans,
    table,
)
from shared.domain.errors import NotFound
from shared.domain.plan import plan_from_item
from shared.domain.ports import Accounts, Groups, Plans
from tests.contracts.tables import REGION, a_simple_table
from tests.support.fakes import (
    FakeAccounts,
    FakeClock,
    FakeGroups,
    FakePlans,
)

PLAN = {
    "planId": "p-1",
    "planName": "Three tiers",
    "version": 3,
    "waves": [
        {
            "waveNumber": 0,
            "waveName": "Database",
            "protectionGroupId": "g-1",
            "pauseBeforeWave": True,
            "dependsOnWaves": [],
        }
    ],
    "warnings": ["older"],
}
GROUP = {
    "groupId": "g-1",
    "groupName": "database",
    "region": "us-east-1",
    "launchConfig": {"copyTags": True, "share": 0.5},
    "servers": [{"sourceServerId": "s-1"}],
    "version": 2,
}
ACCOUNT = {"accountId": "444455556666", "accountName": "prod", "roleArn": ""}


class Tables(NamedTuple):
    """The configuration, wherever it lies."""

    plans: Plans
    groups: Groups
    accounts: Accounts


@pytest.fixture(params=["fake", "dynamo"])
def tables(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Tables]:
    """Return each configuration in turn, one object in each table."""
    if request.param == "fake":
        yield Tables(
            FakePlans(plan_from_item(PLAN)),
            FakeGroups(GROUP),
            FakeAccounts(ACCOUNT),
        )
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield _dynamo()


def _dynamo() -> Tables:
    clock = FakeClock()
    for name, key, item in (
        ("plans", "planId", PLAN),
        ("groups", "groupId", GROUP),
        ("accounts", "accountId", ACCOUNT),
    ):
        a_simple_table(name, key).put_item(Item=stored(item))
    return Tables(
        DynamoPlans(table("plans"), clock),
        DynamoGroups(table("groups"), clock),
        DynamoAccounts(table("accounts"), clock),
    )


def test_a_plan_reads_back(tables: Tables) -> None:
    assert tables.plans.plan("p-1") == plan_from_item(PLAN)


def test_a_missing_plan_is_named(tables: Tables) -> None:
    with pytest.raises(NotFound, match="p-2") as caught:
        tables.plans.plan("p-2")

    assert caught.value.code == "RECOVERY_PLAN_NOT_FOUND"
    assert caught.value.details == {"planId": "p-2"}


def test_a_group_reads_back_whole(tables: Tables) -> None:
    assert tables.groups.group("g-1") == GROUP


def test_a_missing_group_is_named(tables: Tables) -> None:
    with pytest.raises(NotFound, match="g-2") as caught:
        tables.groups.group("g-2")

    assert caught.value.code == "PROTECTION_GROUP_NOT_FOUND"
    assert caught.value.details == {"groupId": "g-2"}


def test_an_account_reads_back_and_a_missing_one_is_none(
    tables: Tables,
) -> None:
    assert tables.accounts.account("444455556666") == ACCOUNT
    assert tables.accounts.account("777788889999") is None
