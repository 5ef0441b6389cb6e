"""Moto's interpreter as an engine: in this process, its waits cut short."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import DefaultConfig
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import (
    wait_function,
)

from tests.engines import script
from tests.engines.exceptions import error_payload
from tests.engines.on_an_api import OnAnApi

REGION = "us-east-1"
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orchestrator"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"
CONFIG: DefaultConfig = {
    "stepfunctions": {"execute_state_machine": True},
    "lambda": {"use_docker": False},
}


@contextmanager
def moto_engine(folder: Path) -> Iterator[OnAnApi]:
    """Have moto play for as long as the block.

    Its Lambda without containers only plays back replies; here it asks the
    script, and reports an exception as Lambda does.
    """

    def invoke(
        backend: object,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Any,
        response_headers: dict[str, str],
    ) -> bytes:
        found = script.answer(folder, json.loads(body))
        if error := error_payload(found):
            response_headers["x-amz-function-error"] = "Unhandled"
            return error[1].encode()
        sleep(found.get(script.LATE, 0))
        return json.dumps(found.get(script.REPLY)).encode()

    with pytest.MonkeyPatch.context() as patch, mock_aws(config=CONFIG):
        patch.setattr(LambdaSimpleBackend, "invoke", invoke)
        patch.setattr(
            wait_function.WaitFunction, "_wait_interval", _no_interval
        )
        patch.setattr(retrier_decl, "time", _NoTime)
        yield OnAnApi(
            boto3.client("stepfunctions", region_name=REGION),
            folder,
            role=ROLE,
            function=FUNCTION,
        )


class _NoTime:
    """The clock of its retries."""

    @staticmethod
    def sleep(seconds: float) -> None:
        """Wait for nothing."""


def _no_interval(self: object, env: object, wait_seconds: int) -> None:
    """Wait for nothing."""
