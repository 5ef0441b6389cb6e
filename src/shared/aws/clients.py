"""How the SDK's clients are built, and what their errors mean to us.

A call that must not be made twice by the SDK's own decision is not made
twice: clients of peers have one attempt.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.domain.errors import DrError, HandlerUnavailable

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

CONNECT_TIMEOUT: Final = 10
SDK_ERRORS: Final = (ClientError, BotoCoreError)
type SdkError = ClientError | BotoCoreError

_RETRIED: Final = Config(
    connect_timeout=5,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
)
# What nobody should wait for.
_BRIEF: Final = Config(
    connect_timeout=2,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 2},
)
_THROTTLED: Final = frozenset(
    {
        "CodeArtifactUserPendingException",
        "EC2ThrottledException",
        "ENILimitReachedException",
        "EFSMountTimeoutException",
        "ExecutionLimitExceeded",
        "RequestLimitExceeded",
        "ResourceConflictException",
        "ResourceNotReadyException",
        "SnapStartNotReadyException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def lambda_client(read_timeout: int) -> "LambdaClient":
    """Return a client of peers: one attempt, a read timeout above theirs."""
    return boto3.client(
        "lambda",
        config=Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": 1},
            tcp_keepalive=True,
        ),
    )


def topics_client() -> "SNSClient":
    """Return a client of the notification topics."""
    return boto3.client("sns", config=_RETRIED)


def events_client() -> "EventBridgeClient":
    """Return a client of EventBridge."""
    return boto3.client("events", config=_RETRIED)


def iam_client() -> "IAMClient":
    """Return a client of this account's IAM."""
    return boto3.client("iam", config=_RETRIED)


def organizations_client() -> Any:
    """Return a client of the organisation that this account is in."""
    make: Callable[..., Any] = boto3.client
    return make("organizations", config=_BRIEF)


def states_client() -> "SFNClient":
    """Return a client of the state machine."""
    return boto3.client("stepfunctions", config=_RETRIED)


def code_of(error: SdkError) -> str:
    """Return the error's code, or its class where it has none."""
    if isinstance(error, ClientError):
        return str(error.response["Error"].get("Code", ""))
    return type(error).__name__


def is_passing(error: SdkError) -> bool:
    """Tell whether the same call may succeed a little later."""
    if not isinstance(error, ClientError):
        return True
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    return status >= 500 or status == 429 or code_of(error) in _THROTTLED


def unavailable(what: str, error: SdkError) -> DrError:
    """Return the error of something that could not be asked."""
    return HandlerUnavailable(
        f"{what} could not be reached: {error}", peerError=code_of(error)
    )
