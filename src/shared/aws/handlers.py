"""Peers as Lambda functions.

A call is made once: whether to make it again is decided by whoever can
tell what it did. What a peer's error means is decided in
``shared.domain.replies``.
"""

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from shared.aws.clients import (
    SDK_ERRORS,
    code_of,
    is_passing,
    lambda_client,
    unavailable,
)
from shared.context import correlation_id
from shared.domain.correlation import KEY
from shared.domain.errors import DrError, HandlerFailed
from shared.domain.execution import Wire
from shared.domain.replies import peer_error
from shared.domain.subject import subject_of

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_LOG = logging.getLogger("dr.peers")


class LambdaHandler:
    """A peer function, invoked by action name and waited for."""

    def __init__(self, client: "LambdaClient", function_arn: str) -> None:
        self._client = client
        self._arn = function_arn
        self._name = function_name(function_arn)

    def call(self, action: str, payload: Mapping[str, Any]) -> Wire:
        """Return the peer's reply.

        Raises:
            HandlerUnavailable: It could not be reached; try again.
            HandlerFailed: Its reply is not a JSON object.
            DrError: The typed error that the peer raised.
        """
        begun = time.monotonic()
        outcome: dict[str, Any] = {}
        try:
            return self._invoke(signed({"action": action, **payload}))
        except DrError as error:
            outcome = {"error_code": error.code}
            raise
        finally:
            _LOG.log(
                logging.WARNING if outcome else logging.INFO,
                "peer_invoked",
                extra={
                    "peer": self._name,
                    "action": action,
                    **subject_of(payload),
                    "duration_ms": round((time.monotonic() - begun) * 1000),
                    **outcome,
                },
            )

    def _invoke(self, event: Mapping[str, Any]) -> Wire:
        try:
            answer = self._client.invoke(
                FunctionName=self._arn,
                InvocationType="RequestResponse",
                Payload=msgspec.json.encode(event),
            )
            body = answer["Payload"].read()
        except SDK_ERRORS as error:
            if is_passing(error):
                raise unavailable(self._name, error) from error
            raise HandlerFailed(
                f"{self._name} could not be invoked: {error}",
                peerError=code_of(error),
            ) from error
        reply = _decoded(body)
        if "FunctionError" in answer:
            raise _failure(self._name, reply)
        if not isinstance(reply, dict):
            raise HandlerFailed(
                f"{self._name} answered with no JSON object but "
                f"{type(reply).__name__}."
            )
        return reply


def signed(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event with the id by which the log finds its cause."""
    number = correlation_id()
    return {**event, KEY: number} if number else event


def function_name(arn: str) -> str:
    """Return the name of the function that an ARN names."""
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else arn


def _failure(peer: str, reply: object) -> DrError:
    """Return the error of a peer that failed; its trace stays behind."""
    if not isinstance(reply, dict):
        return peer_error(peer, "", "its failure cannot be read")
    kind, message = reply.get("errorType"), reply.get("errorMessage")
    return peer_error(
        peer,
        kind if isinstance(kind, str) else "",
        message if isinstance(message, str) else "",
    )


def _decoded(body: bytes) -> object:
    try:
        return msgspec.json.decode(body or b"null")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


__all__ = ["LambdaHandler", "function_name", "lambda_client"]
