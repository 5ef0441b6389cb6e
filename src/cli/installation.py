"""The functions of the installation that a command is for."""

from cli.aws.functions import LambdaFunctions
from cli.aws.session import signed_in_clients
from cli.domain.ports import Functions
from cli.domain.settings import Chosen
from cli.domain.target import Target
from cli.local import cloud_of


def functions_of(target: Target) -> Functions:
    """Return the functions of an account, or of the local cloud.

    Raises:
        CommandFailed: The AWS configuration lacks something, or no local
            cloud is up.
    """
    if target.local:
        return cloud_of(Chosen(), lambda line: None).functions()
    clients = signed_in_clients(
        profile=target.profile,
        region=target.region,
        url=target.endpoint_url,
    )
    return LambdaFunctions(clients, target.function_names())
