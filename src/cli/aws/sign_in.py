"""Signs a person in to the user pool; answers the token that the API wants.

Cognito asks for more than the password where an administrator has set it, or
where the pool wants a second factor. Nothing is kept.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.domain.ports import CommandFailed

type Ask = Callable[[str], str]

_UNSIGNED: Final = Config(signature_version=UNSIGNED)
# What Cognito asks for, what a person is asked, and where the answer goes.
_CHALLENGES: Final = {
    "NEW_PASSWORD_REQUIRED": ("New password", "NEW_PASSWORD"),
    "SOFTWARE_TOKEN_MFA": ("Code", "SOFTWARE_TOKEN_MFA_CODE"),
}
_MOST_CHALLENGES: Final = 3


def pool_client(*, region: str, url: str) -> Any:
    """Return a client of user pools that needs no AWS credentials.

    Raises:
        CommandFailed: No Region is known.
    """
    session = boto3.session.Session(region_name=region or None)
    if session.region_name is None:
        raise CommandFailed(
            "No AWS Region is known; name the user pool's with --region or "
            "AWS_REGION."
        )
    return session.client(
        "cognito-idp", endpoint_url=url or None, config=_UNSIGNED
    )


def id_token(pools: Any, client_id: str, user: str, ask: Ask) -> str:
    """Sign in and return the id token.

    Args:
        pools: A client of user pools.
        client_id: The pool's client, the stack's output UserPoolClientId.
        user: The person's e-mail address.
        ask: Asks the person for something that is not shown.

    Raises:
        CommandFailed: Cognito refused, or asks for what is not known here.
    """
    try:
        answer = pools.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": ask("Password")},
        )
        for _ in range(_MOST_CHALLENGES):
            if "ChallengeName" not in answer:
                break
            answer = pools.respond_to_auth_challenge(
                **_answered(answer, client_id, user, ask)
            )
    except (BotoCoreError, ClientError) as error:
        raise CommandFailed(f"{user} cannot sign in: {error}") from error
    result = answer.get("AuthenticationResult")
    if not result:
        raise CommandFailed(
            f"{user} cannot sign in: Cognito went on asking for "
            f"{answer.get('ChallengeName')}."
        )
    return str(result["IdToken"])


def _answered(
    answer: Mapping[str, Any], client_id: str, user: str, ask: Ask
) -> Mapping[str, Any]:
    """Return a person's answer to what Cognito asks.

    Raises:
        CommandFailed: It cannot be answered here.
    """
    name = str(answer["ChallengeName"])
    if name not in _CHALLENGES:
        raise CommandFailed(
            f"{user} cannot sign in here: Cognito asks for {name}. Sign in "
            "to the console once, then try again."
        )
    question, field = _CHALLENGES[name]
    known = answer.get("ChallengeParameters", {})
    return {
        "ClientId": client_id,
        "ChallengeName": name,
        "Session": answer["Session"],
        "ChallengeResponses": {
            "USERNAME": str(known.get("USER_ID_FOR_SRP", user)),
            field: ask(question),
        },
    }
