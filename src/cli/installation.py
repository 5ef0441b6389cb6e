"""The functions of the installation that a command is for, and the way in."""

import os

from cli.api_functions import ApiFunctions
from cli.aws.functions import LambdaFunctions
from cli.aws.session import signed_in_clients
from cli.aws.sign_in import Ask, id_token, pool_client
from cli.domain.ports import Functions
from cli.domain.settings import Chosen
from cli.domain.target import Target
from cli.local import cloud_of

TOKEN = "DRO_TOKEN"  # nosec B105: the name of a variable


def functions_of(target: Target) -> Functions:
    """Return the functions of an account, behind an API, or local ones.

    Raises:
        CommandFailed: The AWS configuration or the token lacks, or no local
            cloud is up.
    """
    if target.api_url:
        return ApiFunctions(target.api_url, os.environ.get(TOKEN, ""))
    if target.local:
        return cloud_of(Chosen(), lambda line: None).functions()
    clients = signed_in_clients(
        profile=target.profile,
        region=target.region,
        url=target.endpoint_url,
    )
    return LambdaFunctions(clients, target.function_names())


def token_of(target: Target, client_id: str, user: str, ask: Ask) -> str:
    """Sign a person in; an empty client is that of the local cloud.

    Raises:
        CommandFailed: They cannot sign in, or no local cloud is up.
    """
    region, url = target.region, target.endpoint_url
    if target.local:
        region, url, client_id = cloud_of(Chosen(), lambda line: None).pool()
    return id_token(pool_client(region=region, url=url), client_id, user, ask)
