"""Signing in, over what Cognito answers."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.aws.sign_in import id_token, pool_client
from cli.domain.ports import CommandFailed

TOKEN = {"AuthenticationResult": {"IdToken": "the-token"}}
ANN = "ann@example.com"


class FakePools:
    """User pools that answer, or fail, in turn."""

    def __init__(self, *answers: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answers = list(answers)

    def initiate_auth(self, **request: Any) -> Any:
        """Begin."""
        return self._answered(request)

    def respond_to_auth_challenge(self, **request: Any) -> Any:
        """Go on."""
        return self._answered(request)

    def _answered(self, request: dict[str, Any]) -> Any:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def challenge(name: str) -> dict[str, Any]:
    return {
        "ChallengeName": name,
        "Session": "s-1",
        "ChallengeParameters": {"USER_ID_FOR_SRP": "sub-1"},
    }


def signed_in(pools: FakePools) -> str:
    return id_token(pools, "client-1", ANN, lambda question: f"<{question}>")


def test_a_password_is_answered_with_the_token() -> None:
    pools = FakePools(TOKEN)

    assert signed_in(pools) == "the-token"
    [request] = pools.asked
    assert request["ClientId"] == "client-1"
    assert request["AuthParameters"] == {
        "USERNAME": ANN,
        "PASSWORD": "<Password>",
    }


@pytest.mark.parametrize(
    ("name", "field", "question"),
    [
        ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", "<Code>"),
        ("NEW_PASSWORD_REQUIRED", "NEW_PASSWORD", "<New password>"),
    ],
)
def test_what_cognito_asks_for_is_asked_of_the_person(
    name: str, field: str, question: str
) -> None:
    pools = FakePools(challenge(name), TOKEN)

    assert signed_in(pools) == "the-token"
    assert pools.asked[1] == {
        "ClientId": "client-1",
        "ChallengeName": name,
        "Session": "s-1",
        "ChallengeResponses": {"USERNAME": "sub-1", field: question},
    }


def test_what_cannot_be_answered_here_is_said() -> None:
    with pytest.raises(CommandFailed, match="asks for MFA_SETUP"):
        signed_in(FakePools(challenge("MFA_SETUP")))


def test_an_end_without_a_token_is_said() -> None:
    again = [challenge("SOFTWARE_TOKEN_MFA")] * 4

    with pytest.raises(CommandFailed, match="went on asking"):
        signed_in(FakePools(*again))


def test_a_refusal_is_said() -> None:
    error = ClientError(
        {"Error": {"Code": "NotAuthorizedException", "Message": "no"}},
        "InitiateAuth",
    )

    with pytest.raises(CommandFailed, match="ann@example.com cannot sign in"):
        signed_in(FakePools(error))


def test_a_pool_is_in_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(CommandFailed, match="No AWS Region is known"):
        pool_client(region="", url="")
