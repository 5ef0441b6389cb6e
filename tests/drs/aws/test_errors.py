"""What botocore's errors mean in our words."""

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from drs.aws.errors import Call, is_expired, translated
from drs.domain.errors import (
    DrsAnswerLost,
    DrsConflict,
    DrsNotFound,
    DrsQuotaExceeded,
    DrsRefused,
    DrsThrottled,
    may_repeat,
)
from shared.domain.account import AccountContext
from shared.domain.errors import DrError, DrsUnavailable, Unavailable

CALL = Call(
    account=AccountContext(account_id="444455556666"),
    region="eu-west-1",
    action="drs:StartRecovery",
)


def an_answer(code: str, status: int = 400) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": "because"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "StartRecovery")


@pytest.mark.parametrize(
    ("code", "status", "kind", "our_code"),
    [
        ("ConflictException", 409, DrsConflict, "SERVER_CONFLICT"),
        (
            "ServiceQuotaExceededException",
            402,
            DrsQuotaExceeded,
            "QUOTA_EXCEEDED",
        ),
        ("ThrottlingException", 429, DrsThrottled, "THROTTLED"),
        ("RequestLimitExceeded", 503, DrsThrottled, "THROTTLED"),
        ("Whatever", 429, DrsThrottled, "THROTTLED"),
        ("InternalServerException", 500, DrsAnswerLost, "DRS_UNAVAILABLE"),
        ("ServiceUnavailable", 503, DrsAnswerLost, "DRS_UNAVAILABLE"),
        ("ExpiredTokenException", 400, DrsUnavailable, "DRS_UNAVAILABLE"),
        ("ResourceNotFoundException", 404, DrsNotFound, "NOT_FOUND"),
        ("InvalidLaunchTemplateId.NotFound", 400, DrsNotFound, "NOT_FOUND"),
        (
            "UninitializedAccountException",
            400,
            DrsRefused,
            "DRS_NOT_INITIALIZED",
        ),
        ("UnrecognizedClientException", 403, DrsRefused, "REGION_NOT_ENABLED"),
        ("AuthFailure", 401, DrsRefused, "REGION_NOT_ENABLED"),
        ("AccessDeniedException", 403, DrsRefused, "ACCESS_DENIED"),
        ("UnauthorizedOperation", 403, DrsRefused, "ACCESS_DENIED"),
        ("ValidationException", 400, DrsRefused, "VALIDATION_ERROR"),
    ],
)
def test_every_answer_has_its_meaning(
    code: str, status: int, kind: type[DrError], our_code: str
) -> None:
    error = translated(an_answer(code, status), CALL)

    assert type(error) is kind
    assert error.code == our_code
    assert error.details == {
        "accountId": "444455556666",
        "region": "eu-west-1",
        "action": "drs:StartRecovery",
    }
    assert "drs:StartRecovery in account 444455556666, eu-west-1" in (
        error.message
    )


@pytest.mark.parametrize(
    "lost",
    [
        ReadTimeoutError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
        EndpointConnectionError(endpoint_url="x"),
        ResponseParserError("not json"),
    ],
)
def test_no_answer_may_mean_it_was_done(
    lost: BotoCoreError | ResponseParserError,
) -> None:
    error = translated(lost, CALL)

    assert isinstance(error, DrsAnswerLost)
    assert may_repeat(error)


def test_missing_credentials_are_no_lost_answer() -> None:
    error = translated(NoCredentialsError(), CALL)

    assert type(error) is DrsUnavailable


def test_a_request_of_the_wrong_shape_is_refused() -> None:
    error = translated(ParamValidationError(report="no id"), CALL)

    assert isinstance(error, DrsRefused)
    assert not may_repeat(error)


def test_only_expired_keys_call_for_new_ones() -> None:
    assert is_expired(an_answer("ExpiredToken"))
    assert not is_expired(an_answer("AccessDenied"))
    assert not is_expired(NoCredentialsError())


@pytest.mark.parametrize(
    ("kind", "repeat"),
    [
        (DrsThrottled, True),
        (DrsAnswerLost, True),
        (Unavailable, True),
        (DrsConflict, False),
        (DrsQuotaExceeded, False),
        (DrsNotFound, False),
        (DrsRefused, False),
    ],
)
def test_what_may_pass_may_be_repeated(
    kind: type[DrError], repeat: bool
) -> None:
    assert may_repeat(kind("x")) is repeat
