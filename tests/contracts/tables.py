"""The tables of the contract, made in moto: keys and indexes exactly."""

from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

REGION = "us-east-1"


def a_history_table(name: str = "dr-execution-history-test") -> "Table":
    """Create the execution history, with both its indexes."""
    return _create(
        name,
        {"executionId": "HASH", "planId": "RANGE"},
        {"StatusIndex": "status", "planIdIndex": "planId"},
    )


def a_simple_table(name: str, key: str) -> "Table":
    """Create a table with a partition key only."""
    return _create(name, {key: "HASH"}, {})


def _create(
    name: str, keys: dict[str, str], indexes: dict[str, str]
) -> "Table":
    attributes = sorted({*keys, *indexes.values()})
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": attribute, "AttributeType": "S"}
            for attribute in attributes
        ],
        "KeySchema": [
            {"AttributeName": attribute, "KeyType": kind}
            for attribute, kind in keys.items()
        ],
    }
    if indexes:
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": [{"AttributeName": of, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, of in indexes.items()
        ]
    resource = boto3.resource("dynamodb", region_name=REGION)
    return resource.create_table(**request)
