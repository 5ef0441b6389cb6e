"""A change set is shown with the changes inside nested stacks."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from deployment.aws.account import AwsAccount
from deployment.aws.stack import Stack
from deployment.domain.change_sets import losses
from deployment.domain.parameters import Plan

STACK = "dro-dev"
ARN = "arn:aws:cloudformation:eu-west-1:123456789012"
INNER = f"{ARN}:changeSet/inner/1"
PLAN = Plan(values={"A": "1"}, kept=frozenset({"B"}), changed={"A": "0"})


def a_change(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": "Modify",
            "LogicalResourceId": name,
            "ResourceType": kind,
            **more,
        },
    }


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> tuple[Stack, Stubber]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    account = AwsAccount(
        account_id="123456789012",
        region="eu-west-1",
        _session=boto3.session.Session(region_name="eu-west-1"),
    )
    made = Stack(account, "dro", "dev", patience=60.0)
    return made, Stubber(made._client)


def prepared(stubber: Stubber, status: str, reason: str) -> None:
    """Answer what comes before the changes are read."""
    stubber.add_response(
        "describe_stacks",
        {
            "Stacks": [
                {
                    "StackName": STACK,
                    "CreationTime": "2026-01-01",
                    "StackStatus": "UPDATE_COMPLETE",
                }
            ]
        },
    )
    stubber.add_response(
        "create_change_set",
        {},
        {
            "StackName": STACK,
            "ChangeSetName": "deploy-now",
            "ChangeSetType": "UPDATE",
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            "Parameters": [
                {"ParameterKey": "A", "ParameterValue": "1"},
                {"ParameterKey": "B", "UsePreviousValue": True},
            ],
            "IncludeNestedStacks": True,
            "UsePreviousTemplate": True,
        },
    )
    stubber.add_response(
        "describe_change_set", {"Status": status, "StatusReason": reason}
    )


def test_a_table_that_is_replaced_inside_is_seen(
    stack: tuple[Stack, Stubber],
) -> None:
    made, stubber = stack
    prepared(stubber, "CREATE_COMPLETE", "")
    nested = a_change(
        "TablesStack", "AWS::CloudFormation::Stack", ChangeSetId=INNER
    )
    table = a_change("Plans", "AWS::DynamoDB::Table", Replacement="True")
    stubber.add_response("describe_change_set", {"Changes": [nested]})
    stubber.add_response(
        "describe_change_set", {"Changes": [table]}, {"ChangeSetName": INNER}
    )

    with stubber:
        change_set = made.prepare(PLAN, None, "now")

    assert change_set is not None
    assert [row.path for row in change_set.rows] == [
        "TablesStack",
        "TablesStack/Plans",
    ]
    assert losses(change_set.rows) == [
        "TablesStack/Plans (AWS::DynamoDB::Table) would be replaced"
    ]


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit others.",
        "No updates are to be performed.",
    ],
)
def test_a_change_set_without_changes_is_dropped(
    stack: tuple[Stack, Stubber], reason: str
) -> None:
    made, stubber = stack
    prepared(stubber, "FAILED", reason)
    stubber.add_response("delete_change_set", {})

    with stubber:
        assert made.prepare(PLAN, None, "now") is None
