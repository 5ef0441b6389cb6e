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


def a_deleted_stack(emulator: Emulator) -> set[str]:
    """Delete a stack whose nested one has two queues; answer what is left."""
    bucket, stack = a_name("bucket"), a_name("stack")
    kept, dropped = a_name("kept"), a_name("dropped")
    inner = {
        "Resources": {
            "Kept": {**a_queue(kept, 10), "DeletionPolicy": "Retain"},
            "Dropped": a_queue(dropped, 10),
        }
    }
    buckets = emulator.client("s3")
    buckets.create_bucket(Bucket=bucket)
    buckets.put_object(Bucket=bucket, Key="inner", Body=json.dumps(inner))
    where = f"https://s3.{REGION}.amazonaws.com/{bucket}/inner"
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": where},
    }
    made = emulator.a_stack({"Resources": {"Inner": nested}}, stack)
    assert made == "CREATE_COMPLETE"
    stacks = emulator.client("cloudformation")
    stacks.delete_stack(StackName=stack)
    stacks.get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 1}
    )
    urls = emulator.client("sqs").list_queues()["QueueUrls"]
    names = {url.rpartition("/")[2] for url in urls}
    return {
        word
        for word, name in (("kept", kept), ("dropped", dropped))
        if name in names
    }


def test_what_a_nested_stack_retains_outlives_it(emulator: Emulator) -> None:
    assert a_deleted_stack(emulator) == {"kept"}


def test_the_emulator_still_deletes_what_is_retained(
    start_emulator: Start,
) -> None:
    emulator = start_emulator("nested-stacks")
    # One that stays, so that there are queues to list.
    emulator.client("sqs").create_queue(QueueName=a_name("other"))

    assert a_deleted_stack(emulator) == set()
