"""Clients of one endpoint, account and Region."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from cli.aws.functions import ClientFactory
from cli.domain.ports import CommandFailed


def clients(*, url: str, region: str, access_key: str) -> ClientFactory:
    """Return a factory whose clients take nothing from the environment."""
    session = boto3.session.Session(
        aws_access_key_id=access_key,
        aws_secret_access_key="local",  # nosec B106: no secret of anybody
        region_name=region,
    )

    def client(name: str, config: Config | None) -> Any:
        service: Any = name
        return session.client(service, endpoint_url=url, config=config)

    return client


def signed_in_clients(*, profile: str, region: str, url: str) -> ClientFactory:
    """Return a factory whose clients act as whoever is signed in.

    Args:
        profile: A profile of the AWS configuration, empty for the usual.
        region: A Region, empty for that of the environment or profile.
        url: An endpoint in the place of AWS's own, empty for those.

    Raises:
        CommandFailed: There is no such profile, or no Region is known.
    """
    try:
        session = boto3.session.Session(
            profile_name=profile or None, region_name=region or None
        )
    except BotoCoreError as error:
        raise CommandFailed(
            f"{error}. Name one of `aws configure list-profiles`."
        ) from error
    if session.region_name is None:
        raise CommandFailed(
            "No AWS Region is known; name one with --region or AWS_REGION."
        )

    def client(name: str, config: Config | None) -> Any:
        service: Any = name
        return session.client(service, endpoint_url=url or None, config=config)

    return client
