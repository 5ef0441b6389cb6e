"""Clients of a local cloud, which act as its account's root.

Nothing is taken from the process's environment, so that a command run with
real credentials at hand still speaks to this machine only.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_stepfunctions.client import SFNClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the emulator, in one Region."""

    url: str
    account_id: str
    region: str
    _session: boto3.session.Session = field(
        default_factory=boto3.session.Session, repr=False
    )

    def stacks(self) -> "CloudFormationClient":
        """Answer CloudFormation."""
        return self._session.client("cloudformation", **self._common())

    def functions(self) -> "LambdaClient":
        """Answer Lambda."""
        return self._session.client("lambda", **self._common())

    def buckets(self) -> "S3Client":
        """Answer S3."""
        return self._session.client("s3", **self._common())

    def tables(self) -> "DynamoDBClient":
        """Answer DynamoDB."""
        return self._session.client("dynamodb", **self._common())

    def table_resource(self) -> "DynamoDBServiceResource":
        """Answer DynamoDB as Python values."""
        return self._session.resource("dynamodb", **self._common())

    def state_machines(self) -> "SFNClient":
        """Answer Step Functions."""
        return self._session.client("stepfunctions", **self._common())

    def machines(self) -> "EC2Client":
        """Answer EC2."""
        return self._session.client("ec2", **self._common())

    def user_pools(self) -> Any:
        """Answer Cognito's user pools."""
        return self._session.client("cognito-idp", **self._common())

    def _common(self) -> Any:
        return {
            "endpoint_url": self.url,
            "region_name": self.region,
            "aws_access_key_id": self.account_id,
            "aws_secret_access_key": "local",
            "config": Config(
                retries={"mode": "standard", "total_max_attempts": 3},
                s3={"addressing_style": "path"},
            ),
        }
