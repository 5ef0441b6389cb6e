"""Accounts outside the hub: what is deployed into one, what it has."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local_cloud import cloud
from tests.system.world import System

REGION = "us-east-1"
ROLE = "DRSOrchestrationRole"
_STACK = "drs-orchestration-hub-access"
_PATIENCE = 60.0


def let_the_hub_in(
    system: System, account_id: str, external_id: str, kind: str = "target"
) -> None:
    """Deploy the template of target and staging accounts into one."""
    told = system.endpoints.outputs
    roles = [value for name, value in told.items() if name.endswith("RoleArn")]
    parameters = {
        "ProjectName": "drs-orchestration",
        "Environment": "local",
        "HubEventBusArn": told["EventBusArn"],
        "HubRoleArns": ",".join(roles),
        "ExternalId": external_id,
        "AccountKind": kind,
    }
    stacks = system.account(account_id).stacks()
    stacks.create_stack(
        StackName=_STACK,
        TemplateBody=Path("cfn/target-account.yaml").read_text(),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in parameters.items()
        ],
    )
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        [stack] = stacks.describe_stacks(StackName=_STACK)["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return
        time.sleep(0.1)
    raise AssertionError(f"{account_id}: {stack['StackStatus']}")


def has_servers(
    system: System,
    account_id: str,
    servers: Sequence[Mapping[str, Any]],
    *,
    region: str = REGION,
    initialized: bool = True,
) -> Sequence[str]:
    """Set DRS up in a Region of an account; return its new servers' ids."""
    place = {
        "region": region,
        "initialized": initialized,
        "servers": servers,
    }
    answer = cloud.load_estate(
        system.endpoints,
        {"accounts": [{"accountId": account_id, "regions": [place]}]},
    )
    [loaded] = answer["regions"]
    return list(loaded["servers"].values())
