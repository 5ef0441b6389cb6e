"""What the clock asks for is done: each schedule's event, as it is deployed.

The target and the input of a rule are read from EventBridge and the target is
invoked with them, as EventBridge does each time; its functions' roles, and
those of the accounts, are enforced.
"""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.system import outside
from tests.system.api import Api
from tests.system.console import Console
from tests.system.waits import until
from tests.system.world import System

HUB = "123456789012"
TARGET = "888811110000"
STAGING = "888822220000"
SECRETS = {TARGET: "clock-target-1", STAGING: "clock-staging-2"}
STAGED = "/accounts/targets/{id}/staging-accounts"


def rule_of(name: str) -> str:
    """Return the full name of a rule."""
    return f"drs-orchestration-{name}-local"


def fires(system: System, name: str) -> None:
    """Deliver what a rule delivers when its time has come."""
    events = system.client("events")
    rule = events.describe_rule(Name=rule_of(name))
    assert rule["State"] == "ENABLED"
    assert rule["ScheduleExpression"].startswith("rate(")
    [target] = events.list_targets_by_rule(Rule=rule_of(name))["Targets"]
    answer = system.client("lambda").invoke(
        FunctionName=target["Arn"],
        InvocationType="Event",
        Payload=target["Input"],
    )
    assert answer["StatusCode"] == 202


def has_instance(system: System, account: str, **tags: str) -> str:
    """Start a tagged EC2 instance, the source of a server."""
    made = (
        system.account(account)
        .machines()
        .run_instances(
            ImageId="ami-12345678",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": k, "Value": v} for k, v in tags.items()],
                }
            ],
        )
    )
    return str(made["Instances"][0]["InstanceId"])


@pytest.fixture(scope="module")
def console(system: System) -> Iterator[Console]:
    """A target account and its staging account, known to the hub."""
    console = Console(Api(system))
    for account, kind in ((TARGET, "target"), (STAGING, "staging")):
        outside.let_the_hub_in(system, account, SECRETS[account], kind)
        outside.has_servers(system, account, [])
    console.ask(
        "POST /accounts/targets",
        {"accountId": TARGET, "externalId": SECRETS[TARGET]},
    )
    yield console
    console.ask("DELETE /accounts/targets/{id}", id=TARGET)


def shown(console: Console, account: str) -> dict[str, Any]:
    """Return an account's servers by host name, as the API shows them."""
    where = f"region={outside.REGION}&accountId={account}"
    answer = console.ask("GET /drs/source-servers", query=where)
    return {server["hostname"]: server for server in answer["servers"]}


def test_the_tags_of_instances_are_copied_in_every_account(
    system: System, console: Console
) -> None:
    for account in (HUB, TARGET):
        instance = has_instance(system, account, Owner=f"team-{account}")
        server = {
            "hostname": f"tagged-{account}",
            "instanceId": instance,
            "originAccountId": account,
            "originRegion": outside.REGION,
        }
        outside.has_servers(system, account, [server])

    fires(system, "tag-sync")

    for account in (HUB, TARGET):
        until(partial(is_owned, console, account))


def is_owned(console: Console, account: str) -> bool:
    """Tell whether the server of an account has its instance's tag."""
    server = shown(console, account)[f"tagged-{account}"]
    return bool(server["tags"].get("Owner") == f"team-{account}")


def test_servers_of_staging_accounts_are_extended(
    system: System, console: Console
) -> None:
    outside.has_servers(
        system, STAGING, [{"hostname": "clock-1"}, {"hostname": "clock-2"}]
    )
    staging = {"accountId": STAGING, "externalId": SECRETS[STAGING]}
    body = {"stagingAccount": staging}
    console.ask(f"POST {STAGED}", body, 201, id=TARGET)
    assert "clock-1" not in shown(console, TARGET)

    fires(system, "staging-sync")

    until(lambda: {"clock-1", "clock-2"} <= shown(console, TARGET).keys())
    fires(system, "staging-sync")
    time.sleep(1)
    assert len(shown(console, TARGET)) == 3


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("find", "ENABLED"),
        ("clean-up", "DISABLED"),
        ("staging-sync", "ENABLED"),
        ("tag-sync", "ENABLED"),
    ],
)
def test_every_schedule_asks_for_what_its_function_can_do(
    name: str, state: str, system: System
) -> None:
    events = system.client("events")
    rule = events.describe_rule(Name=rule_of(name))
    [target] = events.list_targets_by_rule(Rule=rule_of(name))["Targets"]

    answer = system.client("lambda").invoke(
        FunctionName=target["Arn"], Payload=target["Input"]
    )

    assert rule["State"] == state
    assert "FunctionError" not in answer, answer["Payload"].read()
