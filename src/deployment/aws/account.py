"""The account and Region that are deployed to.

Credentials and Region are found as every AWS program finds them. What is
missing is said before anything else is done.
"""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployment.domain.errors import NotReachable

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_stepfunctions.client import SFNClient

# What a call of AWS may raise that has no name of its own here.
AWS_ERRORS: Final = (BotoCoreError, ClientError)
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    s3={"addressing_style": "path"},
)


class Account(Protocol):
    """An account, in one Region, and the clients that deploy to it."""

    @property
    def account_id(self) -> str:
        """The account's number."""

    @property
    def region(self) -> str:
        """The Region's name."""

    def stacks(self) -> "CloudFormationClient":
        """Answer CloudFormation."""

    def functions(self) -> "LambdaClient":
        """Answer Lambda."""

    def buckets(self) -> "S3Client":
        """Answer S3."""

    def tables(self) -> "DynamoDBClient":
        """Answer DynamoDB."""

    def state_machines(self) -> "SFNClient":
        """Answer Step Functions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAccount:
    """The account that this process has credentials of."""

    account_id: str
    region: str
    _session: boto3.session.Session = field(repr=False)

    def stacks(self) -> "CloudFormationClient":
        """Answer CloudFormation."""
        return self._session.client("cloudformation", config=_CONFIG)

    def functions(self) -> "LambdaClient":
        """Answer Lambda."""
        return self._session.client("lambda", config=_CONFIG)

    def buckets(self) -> "S3Client":
        """Answer S3."""
        return self._session.client("s3", config=_CONFIG)

    def tables(self) -> "DynamoDBClient":
        """Answer DynamoDB."""
        return self._session.client("dynamodb", config=_CONFIG)

    def state_machines(self) -> "SFNClient":
        """Answer Step Functions."""
        return self._session.client("stepfunctions", config=_CONFIG)


def here(session: boto3.session.Session | None = None) -> AwsAccount:
    """Find the account of this process's credentials.

    Raises:
        NotReachable: There is no Region, there are no credentials, or AWS
            does not accept them.
    """
    try:
        # boto3 itself reads AWS_DEFAULT_REGION only.
        found = session or boto3.session.Session(
            region_name=os.environ.get("AWS_REGION")
        )
        region = found.region_name
        if region is None:
            raise NotReachable(
                "No AWS Region is chosen. Set AWS_REGION, or `region` of the "
                "profile in use. Nothing was changed."
            )
        who: Any = found.client("sts", config=_CONFIG).get_caller_identity()
    except AWS_ERRORS as error:
        raise NotReachable(
            f"AWS cannot be asked whose credentials these are: {error}. Sign "
            "in, for example with `aws sso login`, or set AWS_PROFILE. "
            "Nothing was changed."
        ) from error
    return AwsAccount(account_id=who["Account"], region=region, _session=found)
