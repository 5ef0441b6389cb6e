"""The names of accounts, over IAM and Organizations on moto."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shared.aws.account_names import AwsAccountNames

REGION = "us-east-1"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def clients() -> Iterator[tuple[Any, Any]]:
    make: Any = boto3.client
    with mock_aws():
        yield (
            make("iam", region_name=REGION),
            make("organizations", region_name=REGION),
        )


def test_the_alias_is_the_name(clients: tuple[Any, Any]) -> None:
    clients[0].create_account_alias(AccountAlias="dr-hub")

    assert AwsAccountNames(*clients).own() == "dr-hub"


def test_an_account_without_an_alias_has_no_name(
    clients: tuple[Any, Any],
) -> None:
    assert AwsAccountNames(*clients).own() == ""


def test_the_organisation_knows_the_names_of_its_accounts(
    clients: tuple[Any, Any],
) -> None:
    organizations = clients[1]
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(
        AccountName="staging-1", Email="staging@example.com"
    )
    account_id = made["CreateAccountStatus"]["AccountId"]

    names = AwsAccountNames(*clients)

    assert names.of(account_id) == "staging-1"
    assert names.of("999900001111") == ""


def test_a_name_that_may_not_be_read_is_no_failure() -> None:
    make: Any = boto3.client
    names = AwsAccountNames(
        *(
            make(service, region_name=REGION, endpoint_url=NOWHERE)
            for service in ("iam", "organizations")
        )
    )

    assert (names.own(), names.of("999900001111")) == ("", "")
