"""Tasks of the state machine that wait for an answer."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import ClientError

from shared.aws.clients import SDK_ERRORS, code_of, unavailable
from shared.domain.execution import shortened

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_NOT_VALID: Final = frozenset(
    {"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"}
)
_ERROR_CHARACTERS: Final = 256


class StepFunctionsCallbacks:
    """Tokens of Step Functions."""

    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def succeed(self, token: str, output: Mapping[str, Any]) -> bool:
        """Answer a task; False where the token is not valid any more.

        Raises:
            HandlerUnavailable: The service could not be asked.
        """
        text = msgspec.json.encode(output).decode()
        return _answered(
            lambda: self._client.send_task_success(
                taskToken=token, output=text
            )
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


def _answered(answer: Callable[[], object]) -> bool:
    try:
        answer()
    except SDK_ERRORS as error:
        if isinstance(error, ClientError) and code_of(error) in _NOT_VALID:
            return False
        raise unavailable("The state machine's task", error) from error
    return True
