"""Deploys the production templates into an account, and waits.

It decides keys, parameters and when a stack has failed, and says why it did.
Whether the stack holds what was meant is decided in `readback`.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local_cloud.artifacts import (
    ENVIRONMENT,
    MAIN_TEMPLATE,
    PROJECT,
    Artifacts,
)
from local_cloud.aws.clients import Account

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

STACK = f"{PROJECT}-{ENVIRONMENT}"
_TURN = 0.2
_PATIENCE = 300.0
_STACK_TYPE = "AWS::CloudFormation::Stack"


class DeployFailed(Exception):
    """The stack did not come to a good end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of the stack or of a stack inside it."""

    name: str
    kind: str
    physical_id: str


def deploy(
    account: Account, artifacts: Artifacts, *, original: bool
) -> dict[str, str]:
    """Upload, create or update the stack, and answer its outputs.

    Args:
        account: Where to.
        artifacts: What.
        original: Whether the DRS-direct orchestrator is to be called.

    Raises:
        DeployFailed: The stack was rolled back, or did not end in time.
    """
    bucket = f"{STACK}-artifacts-{account.account_id}"
    upload(account, bucket, artifacts.keys())
    stacks = account.stacks()
    url = (
        f"https://s3.{account.region}.amazonaws.com/{bucket}/"
        f"{artifacts.template_prefix()}/{MAIN_TEMPLATE}"
    )
    parameters = artifacts.parameters(bucket, original=original)
    _create_or_update(stacks, url, parameters)
    _wait(stacks)
    return outputs(account)


def upload(account: Account, bucket: str, files: Mapping[str, Path]) -> None:
    """Put files under keys that hold no other content already."""
    buckets = account.buckets()
    buckets.create_bucket(Bucket=bucket)
    listed = buckets.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {
        item["Key"] for page in listed for item in page.get("Contents", ())
    }
    for key in files.keys() - there:
        buckets.put_object(
            Bucket=bucket, Key=key, Body=files[key].read_bytes()
        )


def outputs(account: Account) -> dict[str, str]:
    """Answer the stack's outputs."""
    [stack] = account.stacks().describe_stacks(StackName=STACK)["Stacks"]
    return {
        each["OutputKey"]: each["OutputValue"]
        for each in stack.get("Outputs", ())
    }


def resources(account: Account, stack: str = STACK) -> Iterator[Resource]:
    """List what a stack and the stacks inside it hold."""
    pages = account.stacks().get_paginator("list_stack_resources")
    for page in pages.paginate(StackName=stack):
        for each in page["StackResourceSummaries"]:
            found = Resource(
                name=each["LogicalResourceId"],
                kind=each["ResourceType"],
                physical_id=each.get("PhysicalResourceId", ""),
            )
            if found.kind == _STACK_TYPE:
                yield from resources(account, found.physical_id)
            else:
                yield found


def _create_or_update(
    stacks: "CloudFormationClient", url: str, parameters: Mapping[str, str]
) -> None:
    request: Any = {
        "StackName": STACK,
        "TemplateURL": url,
        "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in parameters.items()
        ],
    }
    try:
        if _status(stacks) is None:
            stacks.create_stack(**request)
        else:
            stacks.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise DeployFailed(f"Stack {STACK}: {error}") from error


def _wait(stacks: "CloudFormationClient") -> None:
    deadline = time.monotonic() + _PATIENCE
    while (status := _status(stacks)) and status.endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployFailed(
                f"Stack {STACK} is still {status} after {_PATIENCE:g} s."
            )
        time.sleep(_TURN)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        reasons = "\n".join(_reasons(stacks, STACK))
        raise DeployFailed(f"Stack {STACK} is {status}:\n{reasons}")


def _status(stacks: "CloudFormationClient") -> str | None:
    try:
        [stack] = stacks.describe_stacks(StackName=STACK)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return stack["StackStatus"]


def _reasons(stacks: "CloudFormationClient", stack: str) -> Iterator[str]:
    pages = stacks.get_paginator("describe_stack_events")
    for page in pages.paginate(StackName=stack):
        for event in page["StackEvents"]:
            if not event.get("ResourceStatus", "").endswith("_FAILED"):
                continue
            yield (
                f"  {event.get('LogicalResourceId')}: "
                f"{event.get('ResourceStatusReason', 'no reason given')}"
            )
            inner = event.get("PhysicalResourceId")
            # A stack's own events are among its events.
            if (
                inner
                and event.get("ResourceType") == _STACK_TYPE
                and inner != event.get("StackId")
            ):
                yield from _reasons(stacks, inner)
