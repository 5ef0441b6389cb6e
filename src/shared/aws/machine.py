"""The state machine, in Step Functions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import ClientError

from shared.aws.clients import (
    SDK_ERRORS,
    SdkError,
    code_of,
    is_passing,
    unavailable,
)
from shared.domain.errors import DrError
from shared.domain.execution import shortened
from shared.domain.machine import MachineRefused
from shared.domain.ports import MachineRun

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_EXISTS: Final = "ExecutionAlreadyExists"
_NONE: Final = "ExecutionDoesNotExist"
# Each proves that the call started nothing, whatever is tried again.
_REFUSED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "InvalidArn",
        "InvalidDefinition",
        "InvalidExecutionInput",
        "InvalidName",
        "StateMachineDeleting",
        "StateMachineDoesNotExist",
        "ValidationException",
    }
)


class StepFunctionsMachine:
    """One state machine and its executions."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._arn = state_machine_arn

    def start(self, name: str, payload: Mapping[str, Any]) -> str:
        """Start an execution; one of that name already is success.

        Returns:
            The execution's ARN.

        Raises:
            MachineRefused: Nothing was started, nor would be later.
            HandlerUnavailable: The service could not be asked.
        """
        try:
            answer = self._client.start_execution(
                stateMachineArn=self._arn,
                name=name,
                input=msgspec.json.encode(payload).decode(),
            )
        except SDK_ERRORS as error:
            if code_of(error) == _EXISTS:
                return execution_arn(self._arn, name)
            raise self._failure(error) from error
        return answer["executionArn"]

    def describe(self, arn: str) -> MachineRun | None:
        """Return an execution's status, or None where there is none.

        Raises:
            HandlerUnavailable: The service could not be asked.
        """
        try:
            run = self._client.describe_execution(executionArn=arn)
        except SDK_ERRORS as error:
            if code_of(error) == _NONE:
                return None
            raise unavailable("The state machine", error) from error
        return MachineRun(
            run["status"], run.get("error", ""), run.get("cause", "")
        )

    def stop(self, arn: str, cause: str) -> None:
        """Stop an execution; one that has ended is left alone.

        Raises:
            HandlerUnavailable: The service could not be asked.
        """
        try:
            self._client.stop_execution(
                executionArn=arn, cause=shortened(cause)
            )
        except SDK_ERRORS as error:
            if code_of(error) != _NONE:
                raise unavailable("The state machine", error) from error

    def _failure(self, error: SdkError) -> DrError:
        if isinstance(error, ClientError) and not is_passing(error):
            if code_of(error) in _REFUSED:
                return MachineRefused(
                    f"State machine {self._arn} refused to start: {error}"
                )
        return unavailable("The state machine", error)


def execution_arn(state_machine_arn: str, name: str) -> str:
    """Return the ARN that an execution of that name has."""
    parts = state_machine_arn.split(":")
    parts[5] = "execution"
    return ":".join([*parts[:7], name])
