"""An update inside a nested stack spares what it does not change."""

import json
from typing import Any

from local_cloud.programs import REGION
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name


def a_queue(name: str, seconds: int) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": name, "VisibilityTimeout": seconds},
    }


def an_update(emulator: Emulator) -> str:
    """Change one of two queues of a nested stack; answer how it ended."""
    bucket, stack = a_name("bucket"), a_name("stack")
    buckets = emulator.client("s3")
    buckets.create_bucket(Bucket=bucket)
    still, changed = a_name("still"), a_name("changed")
    parent = {
        "Resources": {
            "Inner": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": f"https://s3.{REGION}.amazonaws.com/"
                    f"{bucket}/KEY"
                },
            }
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": "Inner.Outputs.Arn"}}},
    }
    for seconds in (10, 20):
        inner = {
            "Resources": {
                "Still": a_queue(still, 10),
                "Changed": a_queue(changed, seconds),
            },
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": "Still.Arn"}}},
        }
        key = f"{seconds}.json"
        buckets.put_object(
            Bucket=bucket, Key=key, Body=json.dumps(inner).encode()
        )
        body = json.dumps(parent).replace("KEY", key)
        stacks = emulator.client("cloudformation")
        if seconds == 10:
            stacks.create_stack(StackName=stack, TemplateBody=body)
            assert emulator.settled(stack) == "CREATE_COMPLETE"
        else:
            stacks.update_stack(StackName=stack, TemplateBody=body)
    return emulator.settled(stack)


def test_an_output_of_an_unchanged_resource_survives_the_update(
    emulator: Emulator,
) -> None:
    assert an_update(emulator) == "UPDATE_COMPLETE"


def test_the_emulator_still_forgets_what_it_does_not_change(
    start_emulator: Start,
) -> None:
    assert an_update(start_emulator("nested-stacks")) != "UPDATE_COMPLETE"
