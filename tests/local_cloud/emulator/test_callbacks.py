"""A callback task fails when the function that was to keep its token fails."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.conftest import Start
from tests.local_cloud.emulator.test_state_machine_role import (
    a_run,
    arn_of,
    lambda_task,
)
from tests.local_cloud.world import Emulator

WAIT = "lambda:invoke.waitForTaskToken"
RAISES = """
def handler(event, context):
    raise RuntimeError(event["token"])
"""
KILLED = """
import os, signal

def handler(event, context):
    os.kill(os.getpid(), signal.SIGKILL)
"""
ANSWERS_AND_RAISES = """
import os, urllib.request, json

def handler(event, context):
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL"],
        data=json.dumps(
            {"taskToken": event["token"], "output": '"yes"'}
        ).encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "AWSStepFunctions.SendTaskSuccess",
            "Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/"
            "20260101/us-east-1/states/aws4_request, SignedHeaders=host, "
            "Signature=0",
        },
    )
    urllib.request.urlopen(request, timeout=5).read()
    raise RuntimeError("too late")
"""


def waited(emulator: Emulator, source: str) -> Any:
    function = emulator.a_function(source)
    role = emulator.a_role(("lambda:InvokeFunction", arn_of(function)))
    task = lambda_task(function, WAIT)
    return a_run(emulator, role, {**task, "TimeoutSeconds": 3})


def test_a_function_that_raises_fails_its_callback_task(
    emulator: Emulator,
) -> None:
    failure = waited(emulator, RAISES)["failure"]

    assert failure["Error"] == "RuntimeError"


def test_a_function_that_is_killed_fails_its_callback_task(
    emulator: Emulator,
) -> None:
    failure = waited(emulator, KILLED)["failure"]

    assert failure["Error"] == "Runtime.ExitError"


def test_the_token_of_a_failed_task_is_worth_nothing(
    emulator: Emulator,
) -> None:
    failure = waited(emulator, RAISES)["failure"]
    token = json.loads(failure["Cause"])["errorMessage"]

    with pytest.raises(ClientError, match="TaskDoesNotExist"):
        emulator.client("stepfunctions").send_task_success(
            taskToken=token, output="{}"
        )


def test_an_answer_that_came_before_the_error_counts(
    emulator: Emulator,
) -> None:
    assert waited(emulator, ANSWERS_AND_RAISES) == "yes"


def test_the_emulator_still_waits_for_nobody(start_emulator: Start) -> None:
    failure = waited(start_emulator("callbacks"), RAISES)["failure"]

    assert failure["Error"] == "States.Timeout"


def test_what_never_was_a_token_is_told_apart(emulator: Emulator) -> None:
    states = emulator.client("stepfunctions")

    with pytest.raises(ClientError, match="InvalidToken"):
        states.send_task_success(taskToken="of nobody", output="{}")
    with pytest.raises(ClientError, match="InvalidToken"):
        states.send_task_failure(taskToken="of nobody")
