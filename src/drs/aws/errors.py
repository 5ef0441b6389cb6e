"""What botocore's errors mean in our words, said here and nowhere else."""

from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
)
from botocore.parsers import ResponseParserError

from drs.domain.errors import (
    ACCESS_DENIED,
    DRS_NOT_INITIALIZED,
    REGION_NOT_ENABLED,
    VALIDATION_ERROR,
    DrsAnswerLost,
    DrsConflict,
    DrsNotFound,
    DrsQuotaExceeded,
    DrsRefused,
    DrsThrottled,
)
from shared.domain.account import AccountContext
from shared.domain.errors import (
    AccountUnreachable,
    DrError,
    DrsUnavailable,
)

type SdkError = ClientError | BotoCoreError | ResponseParserError
SDK_ERRORS: Final = (ClientError, BotoCoreError, ResponseParserError)

_EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
)
_THROTTLED: Final = frozenset(
    {
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_REFUSED: Final = {
    "UninitializedAccountException": DRS_NOT_INITIALIZED,
    "UnrecognizedClientException": REGION_NOT_ENABLED,
    "InvalidClientTokenId": REGION_NOT_ENABLED,
    "AuthFailure": REGION_NOT_ENABLED,
    "OptInRequired": REGION_NOT_ENABLED,
    "AccessDenied": ACCESS_DENIED,
    "AccessDeniedException": ACCESS_DENIED,
    "UnauthorizedOperation": ACCESS_DENIED,
}
_REMEDY: Final = {
    DRS_NOT_INITIALIZED: "Initialise DRS in that Region",
    REGION_NOT_ENABLED: "Enable the Region for the account",
    ACCESS_DENIED: "Allow the action in the role's policy",
    VALIDATION_ERROR: "Correct the request",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: who is asked for what."""

    account: AccountContext
    region: str
    action: str

    def __str__(self) -> str:
        return (
            f"{self.action} in account {self.account.account_id}, "
            f"{self.region}"
        )

    @property
    def details(self) -> dict[str, Any]:
        """Return what every error of this call carries."""
        return {
            "accountId": self.account.account_id,
            "region": self.region,
            "action": self.action,
        }


def is_expired(error: SdkError) -> bool:
    """Tell whether newer credentials would help."""
    return isinstance(error, ClientError) and _code(error) in _EXPIRED


def translated(error: SdkError, call: Call) -> DrError:
    """Return our error for botocore's, naming what was asked."""
    if isinstance(error, ClientError):
        return _of_answer(error, call)
    if isinstance(error, (NoCredentialsError, CredentialRetrievalError)):
        return DrsUnavailable(
            f"No credentials for {call}: {error}.", **call.details
        )
    if isinstance(
        error, (HTTPClientError, ConnectionError, ResponseParserError)
    ):
        return DrsAnswerLost(f"No answer to {call}: {error}", **call.details)
    return _refused(VALIDATION_ERROR, str(error), call)


def unreachable(error: SdkError, account: AccountContext) -> DrError:
    """Return the error of a role that could not be assumed."""
    return AccountUnreachable(
        f"Could not assume {account.role_arn} of account "
        f"{account.account_id}: {error}. Check the role's trust policy and "
        "the external id.",
        accountId=account.account_id,
        roleArn=account.role_arn,
    )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _of_answer(error: ClientError, call: Call) -> DrError:
    code = _code(error)
    answer = error.response
    http = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    text = f"{code}: {answer.get('Error', {}).get('Message', '')}"
    if code in _REFUSED:
        return _refused(_REFUSED[code], text, call)
    if code in _EXPIRED:
        return DrsUnavailable(
            f"The credentials for {call} have expired.", **call.details
        )
    if code in _THROTTLED or http == 429:
        return DrsThrottled(f"{call} is throttled: {text}", **call.details)
    if code == "ConflictException":
        return DrsConflict(f"{call} conflicts: {text}", **call.details)
    if code == "ServiceQuotaExceededException":
        return DrsQuotaExceeded(
            f"{call} exceeds a quota: {text}", **call.details
        )
    if http >= 500 or code == "InternalServerException":
        return DrsAnswerLost(f"{call} failed: {text}", **call.details)
    if _is_missing(code):
        return DrsNotFound(f"{call} found nothing: {text}", **call.details)
    return _refused(VALIDATION_ERROR, text, call)


def _is_missing(code: str) -> bool:
    return code.endswith((".NotFound", ".NotFoundException")) or code in (
        "NoSuchEntity",
        "NoSuchResourceException",
        "ResourceNotFoundException",
    )


def _refused(code: str, text: str, call: Call) -> DrError:
    return DrsRefused(
        f"AWS refused {call}: {text}. {_REMEDY[code]}.",
        code=code,
        **call.details,
    )
