"""Clients of one endpoint, account and Region."""

from typing import Any

import boto3
from botocore.config import Config

from cli.aws.executions import ClientFactory


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
