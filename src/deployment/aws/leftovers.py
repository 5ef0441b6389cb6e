"""Removes what a first creation that failed has left in the next one's way.

Tables stay when their stack goes, also when it never came to be. One that is
no older than the failed stack and holds nothing is removed; others are left.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from deployment.aws.account import Account

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def remove_empty_tables(
    account: Account,
    project: str,
    environment: str,
    since: datetime,
    report: Callable[[str], None],
) -> None:
    """Remove an installation's tables that were made since and hold nothing.

    Args:
        account: Where they are.
        project: The first part of their names.
        environment: The last part of their names.
        since: When the creation that failed began.
        report: Is told of each table.
    """
    client = account.tables()
    for name in _named(client, f"{project}-", f"-{environment}"):
        table = client.describe_table(TableName=name)["Table"]
        if table["CreationDateTime"] < since.replace(microsecond=0):
            continue
        if client.scan(TableName=name, Limit=1, ConsistentRead=True)["Items"]:
            report(f"Table {name} holds items and is left as it is.")
            continue
        client.delete_table(TableName=name)
        client.get_waiter("table_not_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1}
        )
        report(f"Table {name}, which was made for nothing, is removed.")


def _named(client: "DynamoDBClient", start: str, end: str) -> Iterator[str]:
    for page in client.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if name.startswith(start) and name.endswith(end):
                yield name
