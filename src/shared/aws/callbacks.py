"""Tasks of the state machine that wait for an answer."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import ClientError

from shared.aws.clients import SDK_ERRORS, code_of, unavailable
from shared.domain.errors import BadRequest, DrError
from shared.domain.execution import shortened

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_NO_TOKEN: Final = "InvalidToken"
_NOT_VALID: Final = frozenset({_NO_TOKEN, "TaskDoesNotExist", "TaskTimedOut"})
_ERROR_CHARACTERS: Final = 256
_NONE: Final[Mapping[str, DrError]] = {}


class StepFunctionsCallbacks:
    """Tokens of Step Functions."""

    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def succeed(self, token: str, output: Mapping[str, Any]) -> bool:
        """Answer a task; False where the token is not valid any more.

        Raises:
            BadRequest: ``RESUME_TOKEN_INVALID``: it never was a token.
            HandlerUnavailable: The service could not be asked.
        """
        text = msgspec.json.encode(output).decode()
        return _answered(
            lambda: self._client.send_task_success(
                taskToken=token, output=text
            ),
            {_NO_TOKEN: _no_token()},
        )

    def fail(self, token: str, error: str, cause: str) -> bool:
        """Fail a task; False where the token is not valid any more.

        Raises:
            HandlerUnavailable: The service could not be asked.
        """
        return _answered(
            lambda: self._client.send_task_failure(
                taskToken=token,
                error=error[:_ERROR_CHARACTERS],
                cause=shortened(cause),
            )
        )


def _no_token() -> BadRequest:
    return BadRequest(
        "The pause's token is none of the state machine's, so nothing can "
        "release the pause; cancel the execution.",
        code="RESUME_TOKEN_INVALID",
    )


def _answered(
    answer: Callable[[], object], refusals: Mapping[str, DrError] = _NONE
) -> bool:
    try:
        answer()
    except SDK_ERRORS as error:
        refusal = refusals.get(code_of(error))
        if refusal is not None:
            raise refusal from error
        if isinstance(error, ClientError) and code_of(error) in _NOT_VALID:
            return False
        raise unavailable("The state machine's task", error) from error
    return True
