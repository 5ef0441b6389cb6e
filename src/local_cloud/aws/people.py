"""Users of a local cloud, one for each role, ready to sign in.

The pool is the deployed one, so that tokens are those of production. The
password is no secret: the pool is on this machine and holds nobody else.
"""

from collections.abc import Mapping
from typing import Final

from local_cloud.aws.clients import Account

PASSWORD: Final = "Local-cloud-1"  # nosec B105: of users that exist here only
DOMAIN: Final = "example.com"

# Role -> who has it. The last one has none.
PEOPLE: Final[Mapping[str, str]] = {
    "DRSOrchestrationAdmin": f"admin@{DOMAIN}",
    "DRSRecoveryManager": f"recovery-manager@{DOMAIN}",
    "DRSPlanManager": f"plan-manager@{DOMAIN}",
    "DRSOperator": f"operator@{DOMAIN}",
    "DRSReadOnly": f"read-only@{DOMAIN}",
    "": f"nobody@{DOMAIN}",
}


def add_people(account: Account, pool_id: str) -> None:
    """Add to a pool every user that it does not have."""
    pools = account.user_pools()
    pages = pools.get_paginator("list_users").paginate(UserPoolId=pool_id)
    there = {
        attribute["Value"]
        for page in pages
        for user in page["Users"]
        for attribute in user.get("Attributes", ())
        if attribute["Name"] == "email"
    }
    for role, email in PEOPLE.items():
        if email in there:
            continue
        pools.admin_create_user(
            UserPoolId=pool_id,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": email},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        pools.admin_set_user_password(
            UserPoolId=pool_id,
            Username=email,
            Password=PASSWORD,
            Permanent=True,
        )
        if role:
            pools.admin_add_user_to_group(
                UserPoolId=pool_id, Username=email, GroupName=role
            )


def id_token(account: Account, client_id: str, email: str) -> str:
    """Sign a user in and answer the token that the API wants."""
    reply = account.user_pools().initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )
    return str(reply["AuthenticationResult"]["IdToken"])
