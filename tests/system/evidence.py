"""What the roles of local clouds hold, and what they were seen to do."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from local_cloud import cloud
from local_cloud.endpoints import Endpoints
from tests.support.privileges import Grant, Seen, grants
from tests.system.asking import asked

# Deployed by a template of its own, under this name in every account.
TARGET_ROLE = "DRSOrchestrationRole"
# The report of privileges, printed when all is over.
REPORT = pytest.StashKey[str]()


@dataclass(slots=True)
class Evidence:
    """Grants and calls of several clouds; roles by their templates' names."""

    held: set[Grant] = field(default_factory=set)
    seen: set[Seen] = field(default_factory=set)

    def take(self, endpoints: Endpoints) -> None:
        """Add what a running cloud tells."""
        decisions = _decisions(endpoints)
        hub = _roles(endpoints)
        targets = {
            (each["account"], TARGET_ROLE): TARGET_ROLE
            for each in decisions
            if each["role"] == TARGET_ROLE
        }
        names = hub | targets
        for (account, physical), name in names.items():
            policies = _policies(endpoints, account, physical)
            self.held.update(grants(name, policies))
        self.seen.update(
            Seen(role=name, action=each["action"], allowed=each["allowed"])
            for each in decisions
            if (name := names.get((each["account"], each["role"])))
        )


def calls(endpoints: Endpoints) -> Counter[tuple[str, str]]:
    """Count what each role of the hub was allowed, by role and action."""
    names = _roles(endpoints)
    counted: Counter[tuple[str, str]] = Counter()
    for each in _decisions(endpoints):
        name = names.get((each["account"], each["role"]))
        if name and each["allowed"]:
            counted[name, each["action"]] += each["count"]
    return counted


def _roles(endpoints: Endpoints) -> dict[tuple[str, str], str]:
    """Answer the hub's roles by account and physical name."""
    return {
        (endpoints.account_id, arn.rsplit("/", 1)[-1]): (
            output.removesuffix("Arn")
        )
        for output, arn in endpoints.outputs.items()
        if output.endswith("RoleArn")
    }


def _decisions(endpoints: Endpoints) -> list[Mapping[str, Any]]:
    return list(asked(endpoints.decisions_url))


def _policies(
    endpoints: Endpoints, account: str, role: str
) -> Iterator[Mapping[str, Any]]:
    known = cloud.environment(endpoints)
    iam: Any = boto3.client(
        "iam",
        region_name=known["AWS_REGION"],
        aws_access_key_id=account,
        aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=known["AWS_ENDPOINT_URL"],
    )
    try:
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    except iam.exceptions.NoSuchEntityException:
        # Its stack was deleted; another cloud has the same role.
        return
    for name in names:
        answer = iam.get_role_policy(RoleName=role, PolicyName=name)
        yield answer["PolicyDocument"]
