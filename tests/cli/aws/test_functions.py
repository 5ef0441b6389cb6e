"""The functions of an installation, over what Lambda answers."""

import io
import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)

from cli.aws.functions import LambdaFunctions
from cli.aws.session import signed_in_clients
from cli.domain.ports import CommandFailed, Refused
from cli.domain.target import EXECUTION, Target


class FakeLambda:
    """A Lambda service that answers, or fails, in turn."""

    def __init__(self, *answers: Any) -> None:
        self.sent: list[tuple[str, Any]] = []
        self._answers = list(answers)

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:
        """Call the function."""
        self.sent.append((FunctionName, json.loads(Payload)))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        payload, failed = answer
        body = {"Payload": io.BytesIO(json.dumps(payload).encode())}
        return {**body, "FunctionError": "Unhandled"} if failed else body


def called(service: FakeLambda, **fields: Any) -> Any:
    def client(name: str, config: Config | None) -> Any:
        return service

    functions = LambdaFunctions(client, Target().function_names())
    return functions.call(EXECUTION, "list_executions", **fields)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Invoke")


def test_an_operation_is_sent_to_the_alias_by_name() -> None:
    service = FakeLambda(({"items": []}, False))

    assert called(service, limit=5) == {"items": []}
    assert service.sent == [
        (
            "dro-execution-handler-dev:live",
            {
                "operation": "list_executions",
                "initiatedBy": "dro",
                "limit": 5,
            },
        )
    ]


def test_an_error_of_the_product_keeps_its_code() -> None:
    message = json.dumps({"error": "NOT_FOUND", "message": "no such plan"})
    service = FakeLambda(
        ({"errorType": "NotFound", "errorMessage": message}, True)
    )

    with pytest.raises(Refused) as error:
        called(service)

    assert (error.value.code, str(error.value)) == (
        "NOT_FOUND",
        "NOT_FOUND: no such plan",
    )


def test_another_error_is_told_with_its_type() -> None:
    told = {"errorType": "KeyError", "errorMessage": "'x'"}

    with pytest.raises(CommandFailed, match="KeyError: 'x'"):
        called(FakeLambda((told, True)))


def test_a_call_whose_process_was_ended_is_sent_again() -> None:
    ended = ({"errorType": "Sandbox.Timedout"}, True)
    service = FakeLambda(ended, ended, ({"items": []}, False))

    assert called(service) == {"items": []}
    assert len(service.sent) == 3


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (refused("ResourceNotFoundException"), "--project"),
        (refused("AccessDeniedException"), "lambda:InvokeFunction"),
        (refused("UnrecognizedClientException"), "Sign in to AWS"),
        (NoCredentialsError(), "Sign in to AWS"),
        (EndpointConnectionError(endpoint_url="http://x"), "--endpoint-url"),
        (refused("TooManyRequestsException"), "TooManyRequests"),
    ],
)
def test_what_cannot_be_asked_is_named_with_cause_and_remedy(
    error: Exception, remedy: str
) -> None:
    with pytest.raises(CommandFailed, match=remedy) as told:
        called(FakeLambda(error))

    assert "dro-execution-handler-dev:live" in str(told.value)
    assert "list_executions" in str(told.value)


def test_an_unknown_profile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(CommandFailed, match="nobody.*list-profiles"):
        signed_in_clients(profile="nobody", region="us-east-1", url="")


def test_a_region_has_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)

    with pytest.raises(CommandFailed, match="--region"):
        signed_in_clients(profile="", region="", url="")


def test_clients_go_to_the_endpoint_and_region_that_were_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111122223333")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")

    client = signed_in_clients(
        profile="", region="eu-west-1", url="http://127.0.0.1:9"
    )("lambda", Config(read_timeout=340))

    assert client.meta.region_name == "eu-west-1"
    assert client.meta.endpoint_url == "http://127.0.0.1:9"
