"""The account's alias, over IAM on moto."""

import boto3
from moto import mock_aws

from shared.aws.account_names import AliasName


def test_the_alias_is_the_name() -> None:
    with mock_aws():
        client = boto3.client("iam", region_name="us-east-1")
        client.create_account_alias(AccountAlias="dr-hub")

        assert AliasName(client).own() == "dr-hub"


def test_an_account_without_an_alias_has_no_name() -> None:
    with mock_aws():
        client = boto3.client("iam", region_name="us-east-1")

        assert AliasName(client).own() == ""


def test_an_alias_that_may_not_be_read_is_no_failure() -> None:
    client = boto3.client(
        "iam", region_name="us-east-1", endpoint_url="http://127.0.0.1:9"
    )

    assert AliasName(client).own() == ""
