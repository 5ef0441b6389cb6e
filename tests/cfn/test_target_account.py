"""The role by which a target or staging account lets the hub in."""

import json
import re
from typing import Any

import pytest

from shared.domain.account import DEFAULT_EXTERNAL_ID, DEFAULT_ROLE_NAME
from tests.cfn.test_roles import actions as actions_of
from tests.support import templates

TARGET = templates.template("target-account")
ROLE = TARGET.properties("HubRole")
STAGING, RECOVERY = ROLE["Policies"]
# What the hub's functions ask of their own account only.
OF_THE_HUB = {"iam:ListAccountAliases"}


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy."""
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def actions(policy: dict[str, Any]) -> set[str]:
    """Return what a policy allows."""
    return {
        action
        for statement in statements(policy)
        for action in templates.many(statement["Action"])
    }


RECOVERS = statements(RECOVERY["Fn::If"][1])
EVERY = [*statements(STAGING), *RECOVERS]


def test_it_has_the_one_name_that_the_hub_may_assume() -> None:
    assert ROLE["RoleName"] == DEFAULT_ROLE_NAME


def test_the_hubs_functions_are_let_in_with_the_external_id() -> None:
    (trust,) = ROLE["AssumeRolePolicyDocument"]["Statement"]

    assert trust["Principal"] == {"AWS": {"Ref": "HubRoleArns"}}
    assert trust["Action"] == "sts:AssumeRole"
    assert trust["Condition"] == {
        "StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}
    }
    assert TARGET.parameters["ExternalId"]["Default"] == DEFAULT_EXTERNAL_ID


@pytest.mark.parametrize(
    ("arn", "fits"),
    [
        ("", True),
        ("arn:aws:iam::111122223333:role/dro-query-QueryHandlerRole", True),
        ("arn:aws-cn:iam::111122223333:role/path/name", True),
        ("arn:aws:iam::111122223333:root", False),
        ("111122223333", False),
        ("*", False),
    ],
)
def test_a_role_is_trusted_and_no_whole_account(arn: str, fits: bool) -> None:
    pattern = TARGET.parameters["HubRoleArns"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, arn)) is fits


def test_it_is_made_in_one_region_only() -> None:
    resource = TARGET.body["Resources"]["HubRole"]

    assert resource["Condition"] == "LetsHubIn"
    assert TARGET.parameters["HubRoleArns"]["Default"] == ""


def test_a_staging_account_shows_its_servers_and_lets_them_be_tagged() -> None:
    assert RECOVERY["Fn::If"][0] == "IsTarget"
    assert RECOVERY["Fn::If"][2] == {"Ref": "AWS::NoValue"}
    assert actions(STAGING) == {
        "drs:DescribeSourceServers",
        "drs:TagResource",
        "ec2:DescribeInstances",
    }


@pytest.mark.parametrize(
    "role",
    [
        "DataManagementRole",
        "ExecutionHandlerRole",
        "OriginalOrchestrationRole",
        "QueryHandlerRole",
    ],
)
def test_a_target_allows_what_the_hub_allows_its_functions(role: str) -> None:
    services = ("drs", "ec2", "iam", "servicequotas")

    there = actions(STAGING) | actions(RECOVERY["Fn::If"][1])

    assert actions_of(role, *services) - OF_THE_HUB <= there


def test_it_allows_by_name_and_writes_to_named_resources() -> None:
    reads = ("Describe", "Get", "List")
    for statement in EVERY:
        asked = templates.many(statement["Action"])
        assert statement["Effect"] == "Allow"
        assert not [one for one in asked if "*" in one]
        if statement["Resource"] == "*":
            assert all(
                one.split(":")[1].startswith(reads) for one in asked
            ), statement["Sid"]


def test_instances_are_changed_by_drs_in_our_name_only() -> None:
    [launches] = [
        one for one in RECOVERS if "ec2:RunInstances" in one["Action"]
    ]
    [passes] = [one for one in RECOVERS if one["Action"] == "iam:PassRole"]

    assert launches["Condition"] == {"Bool": {"aws:ViaAWSService": "true"}}
    assert passes["Condition"] == {
        "StringEquals": {
            "iam:PassedToService": ["drs.amazonaws.com", "ec2.amazonaws.com"]
        }
    }


def test_nothing_of_it_reaches_beyond_drs_and_what_it_uses() -> None:
    services = {
        action.split(":")[0]
        for statement in EVERY
        for action in templates.many(statement["Action"])
    }

    assert services == {"drs", "ec2", "iam", "servicequotas"}


def test_its_policies_fit() -> None:
    assert len(json.dumps(EVERY, separators=(",", ":"))) < 10_240
