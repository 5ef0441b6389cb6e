"""Clients that answer what a test says, checked by botocore's own model."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.response import StreamingBody
from botocore.stub import Stubber

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

REGION = "us-east-1"


def lambda_client() -> "LambdaClient":
    return boto3.client("lambda", region_name=REGION)


def sns_client() -> "SNSClient":
    return boto3.client("sns", region_name=REGION)


def states_client() -> "SFNClient":
    return boto3.client("stepfunctions", region_name=REGION)


@contextmanager
def stubbed(client: Any) -> Iterator[Stubber]:
    """Let every planned call happen, and no other."""
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def an_answer(body: object, error: str = "") -> dict[str, Any]:
    """Return what Lambda answers with."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer: dict[str, Any] = {
        "StatusCode": 200,
        "Payload": StreamingBody(io.BytesIO(text), len(text)),
    }
    if error:
        answer["FunctionError"] = error
    return answer
