"""What roles were allowed and refused is told."""

import json

import pytest
from botocore.exceptions import ClientError

from local_cloud.programs import ACCOUNT_ID
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name

QUEUES = f"arn:aws:sqs:us-east-1:{ACCOUNT_ID}"


def told_of(emulator: Emulator, role_arn: str) -> dict[str, tuple[bool, int]]:
    """Answer what the door tells of a role, by action."""
    name = role_arn.rsplit("/", 1)[-1]
    return {
        each["action"]: (each["allowed"], each["count"])
        for each in emulator.ask("/decisions")
        if each["role"] == name and each["account"] == ACCOUNT_ID
    }


def test_each_action_of_a_role_is_told_with_its_answer(
    emulator: Emulator,
) -> None:
    queue = a_name("queue")
    role = emulator.a_role(("sqs:CreateQueue", f"{QUEUES}:{queue}"))
    queues = emulator.client("sqs", emulator.a_session(role))

    queues.create_queue(QueueName=queue)
    queues.create_queue(QueueName=queue)
    with pytest.raises(ClientError, match="AccessDenied"):
        queues.list_queues()

    assert told_of(emulator, role) == {
        "sqs:CreateQueue": (True, 2),
        "sqs:ListQueues": (False, 1),
    }


def test_what_the_simulator_asks_in_a_roles_place_is_told(
    emulator: Emulator,
) -> None:
    role = emulator.a_role(("drs:DescribeJobs", "*"))

    emulator.client("iam").simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["drs:DescribeJobs", "drs:StartRecovery"],
    )

    assert told_of(emulator, role) == {
        "drs:DescribeJobs": (True, 1),
        "drs:StartRecovery": (False, 1),
    }


def test_what_a_resource_says_of_a_role_is_not_told(
    emulator: Emulator,
) -> None:
    queue = a_name("queue")
    role = emulator.a_role(("sqs:GetQueueAttributes", f"{QUEUES}:{queue}"))
    url = emulator.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": f"{QUEUES}:{queue}",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    emulator.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps(policy)}
    )

    queues = emulator.client("sqs", emulator.a_session(role))
    queues.get_queue_attributes(QueueUrl=url)

    name = role.rsplit("/", 1)[-1]
    [told] = [
        each for each in emulator.ask("/decisions") if each["role"] == name
    ]
    assert (told["action"], told["allowed"], told["count"]) == (
        "sqs:GetQueueAttributes",
        True,
        1,
    )


def test_the_root_of_the_account_is_not_told_of(emulator: Emulator) -> None:
    emulator.client("sqs").list_queues()

    assert all(each["role"] for each in emulator.ask("/decisions"))


def test_the_emulator_still_tells_nothing(start_emulator: Start) -> None:
    emulator = start_emulator("decisions")
    role = emulator.a_role(("sqs:ListQueues", "*"))

    emulator.client("sqs", emulator.a_session(role)).list_queues()

    assert emulator.ask("/decisions") == []
