"""A parameter that chooses another resource's attribute is a change."""

import json
from typing import Any

from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name


def a_template() -> dict[str, Any]:
    return {
        "Parameters": {"Other": {"Type": "String"}},
        "Conditions": {"Other": {"Fn::Equals": [{"Ref": "Other"}, "true"]}},
        "Resources": {
            **{
                name: {
                    "Type": "AWS::SQS::Queue",
                    "Properties": {"QueueName": a_name("queue")},
                }
                for name in ("First", "Second")
            },
            "Chosen": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {
                    "Type": "String",
                    "Value": {
                        "Fn::If": [
                            "Other",
                            {"Fn::GetAtt": ["Second", "Arn"]},
                            {"Fn::GetAtt": ["First", "Arn"]},
                        ]
                    },
                },
            },
        },
    }


def changed(emulator: Emulator) -> list[str]:
    """Choose the other; answer the resources the change set names."""
    stacks, stack = emulator.client("cloudformation"), a_name("stack")

    def chosen(value: str) -> list[dict[str, str]]:
        return [{"ParameterKey": "Other", "ParameterValue": value}]

    stacks.create_stack(
        StackName=stack,
        TemplateBody=json.dumps(a_template()),
        Parameters=chosen("false"),
    )
    assert emulator.settled(stack) == "CREATE_COMPLETE"
    stacks.create_change_set(
        StackName=stack,
        ChangeSetName="other",
        UsePreviousTemplate=True,
        Parameters=chosen("true"),
    )
    told = stacks.describe_change_set(StackName=stack, ChangeSetName="other")
    return [
        each["ResourceChange"]["LogicalResourceId"] for each in told["Changes"]
    ]


def test_the_change_set_names_what_changes(emulator: Emulator) -> None:
    assert changed(emulator) == ["Chosen"]


def test_the_emulator_still_takes_every_attribute_for_the_same(
    start_emulator: Start,
) -> None:
    assert changed(start_emulator("change-sets")) == []
