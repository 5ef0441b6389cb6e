"""Accounts outside the hub: what is deployed into one, what it has."""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3

from local_cloud import cloud
from tests.system.world import System

REGION = "us-east-1"
ROLE = "DRSOrchestrationRole"
# The functions that work in other accounts; no other role is let in.
_LET_IN = (
    "DataManagementRoleArn",
    "ExecutionHandlerRoleArn",
    "OriginalOrchestrationRoleArn",
    "QueryHandlerRoleArn",
)
_STACK = "drs-orchestration-hub-access"
_PATIENCE = 60.0


def let_the_hub_in(
    system: System, account_id: str, external_id: str, kind: str = "target"
) -> None:
    """Deploy the template of target and staging accounts into one."""
    told = system.endpoints.outputs
    roles = [told[name] for name in _LET_IN]
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


def a_stranger(system: System) -> Any:
    """Answer STS as a role of the hub that may assume any role there is."""
    iam = system.client("iam")
    allows = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust = {**allows, "Principal": {"AWS": system.endpoints.account_id}}
    made = iam.create_role(
        RoleName="stranger",
        AssumeRolePolicyDocument=_policy(trust),
    )
    iam.put_role_policy(
        RoleName="stranger",
        PolicyName="any",
        PolicyDocument=_policy({**allows, "Resource": "*"}),
    )
    session = system.client("sts").assume_role(
        RoleArn=made["Role"]["Arn"], RoleSessionName="stranger"
    )["Credentials"]
    return boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=system.endpoints.aws_url,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


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


def a_member(system: System, name: str) -> str:
    """Have the hub's organisation make an account; answer its id."""
    made = system.client("organizations").create_account(
        AccountName=name, Email=f"{name.lower()}@example.org"
    )
    return str(made["CreateAccountStatus"]["AccountId"])


def a_place(system: System, account: str) -> dict[str, Any]:
    """Make in an account what a launch configuration may name."""
    ec2, iam = system.client("ec2", account), system.client("iam", account)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(CidrBlock="10.9.1.0/24", VpcId=vpc)
    group = ec2.create_security_group(
        GroupName="placed", Description="Placed", VpcId=vpc
    )
    iam.create_instance_profile(InstanceProfileName="placed")
    return {
        "subnetId": subnet["Subnet"]["SubnetId"],
        "securityGroupIds": [group["GroupId"]],
        "instanceProfileName": "placed",
        "instanceType": "m5.large",
        "copyTags": True,
    }


def launched_into(system: System, account: str) -> Counter[str]:
    """Count an account's launch templates by the subnet that they name."""
    ec2 = system.client("ec2", account)
    templates = ec2.describe_launch_templates()["LaunchTemplates"]
    found: Counter[str] = Counter()
    for template in templates:
        [version] = ec2.describe_launch_template_versions(
            LaunchTemplateId=template["LaunchTemplateId"],
            Versions=["$Default"],
        )["LaunchTemplateVersions"]
        data = version["LaunchTemplateData"]
        found.update(
            one["SubnetId"]
            for one in data.get("NetworkInterfaces", ())
            if "SubnetId" in one
        )
    return found
