"""The functions of one installation, invoked by operation.

A call is sent again only where the function's process was ended, by a crash
or by its time limit: a start bears a token by which its repeat is known, and
every other operation may be repeated.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
)

from cli.domain.ports import CommandFailed, Refused
from shared.domain.replies import ENDED

# Longer than the longest limit of a function, 330 seconds.
_ONCE = Config(read_timeout=340, retries={"total_max_attempts": 1})
_OPERATOR = "dro"
_TRIES = 5
_DENIED = ("AccessDeniedException", "AccessDenied")
_UNSIGNED = (
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "ExpiredTokenException",
)

type ClientFactory = Callable[[str, Config | None], Any]


class LambdaFunctions:
    """Functions by package name, each by what Lambda calls it."""

    def __init__(
        self, client: ClientFactory, names: Mapping[str, str]
    ) -> None:
        self._functions = client("lambda", _ONCE)
        self._names = names

    def call(self, function: str, operation: str, **fields: Any) -> Any:
        """Return what the function answers to the operation.

        Raises:
            Refused: It answered with one of the product's errors.
            CommandFailed: It could not be asked, or broke.
        """
        event = {"operation": operation, "initiatedBy": _OPERATOR, **fields}
        for _ in range(_TRIES):
            payload, failed = self._invoked(function, event)
            if not (failed and _was_ended(payload)):
                break
        if failed:
            raise _refusal(payload)
        return payload

    def _invoked(
        self, function: str, event: Mapping[str, Any]
    ) -> tuple[Any, bool]:
        """Return what the function answered, and whether it is an error."""
        name = self._names[function]
        with _failures(name, str(event["operation"])):
            answer = self._functions.invoke(
                FunctionName=name, Payload=json.dumps(event)
            )
            payload = json.loads(answer["Payload"].read() or b"null")
        return payload, bool(answer.get("FunctionError"))


def _was_ended(payload: Any) -> bool:
    """Tell whether the platform ended the process before it answered."""
    return isinstance(payload, dict) and payload.get("errorType") in ENDED


def _refusal(payload: Any) -> CommandFailed:
    """Read the error that Lambda reports for a handler that raised."""
    told = payload if isinstance(payload, dict) else {}
    message = str(told.get("errorMessage", payload))
    try:
        body = json.loads(message)
    except ValueError:
        body = None
    if isinstance(body, dict) and "error" in body:
        return Refused(str(body["error"]), str(body.get("message", "")))
    return CommandFailed(f"{told.get('errorType', 'Error')}: {message}")


@contextmanager
def _failures(function: str, operation: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CommandFailed(
            f"{function} cannot be asked to {operation}: {error}"
            f"{_remedy(error)}"
        ) from error


def _remedy(error: BotoCoreError | ClientError) -> str:
    """Return what a person can do about it, where that is known."""
    code = ""
    if isinstance(error, ClientError):
        code = str(error.response["Error"].get("Code", ""))
    if code == "ResourceNotFoundException":
        return (
            ". There is no such function here; check --project, "
            "--environment, --region and --profile."
        )
    if code in _DENIED:
        return ". You need lambda:InvokeFunction on it."
    if isinstance(error, NoCredentialsError) or code in _UNSIGNED:
        return ". Sign in to AWS, or name a profile with --profile."
    if isinstance(error, EndpointConnectionError):
        return ". Check --endpoint-url and --region."
    return ""
