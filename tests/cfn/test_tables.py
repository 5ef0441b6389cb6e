"""The tables, exactly as the data lies in them."""

from typing import Any

import pytest

from tests.support import templates

TABLES = templates.template("tables")
KEYS = {
    "ProtectionGroupsTable": ("protection-groups", ["groupId HASH"]),
    "RecoveryPlansTable": ("recovery-plans", ["planId HASH"]),
    "ExecutionHistoryTable": (
        "execution-history",
        ["executionId HASH", "planId RANGE"],
    ),
    "TargetAccountsTable": ("target-accounts", ["accountId HASH"]),
}
INDEXES = {
    "ExecutionHistoryTable": {
        "StatusIndex": ["status HASH"],
        "planIdIndex": ["planId HASH"],
    }
}


def keys_of(part: dict[str, Any]) -> list[str]:
    """Return a key schema in one line a key."""
    return [
        f"{key['AttributeName']} {key['KeyType']}" for key in part["KeySchema"]
    ]


def test_there_are_four_tables() -> None:
    assert set(TABLES.resources("DynamoDB::Table")) == set(KEYS)


@pytest.mark.parametrize("table", sorted(KEYS))
def test_a_table_has_its_name_and_keys(table: str) -> None:
    properties = TABLES.properties(table)
    name, keys = KEYS[table]

    assert templates.text(properties["TableName"]) == (
        f"${{ProjectName}}-{name}-${{Environment}}"
    )
    assert keys_of(properties) == keys
    assert {
        definition["AttributeType"]
        for definition in properties["AttributeDefinitions"]
    } == {"S"}


@pytest.mark.parametrize("table", sorted(KEYS))
def test_a_table_has_its_indexes_and_they_hold_everything(table: str) -> None:
    indexes = TABLES.properties(table).get("GlobalSecondaryIndexes", [])

    assert {
        index["IndexName"]: keys_of(index) for index in indexes
    } == INDEXES.get(table, {})
    for index in indexes:
        assert index["Projection"] == {"ProjectionType": "ALL"}


@pytest.mark.parametrize("table", sorted(KEYS))
def test_a_table_outlives_its_stack(table: str) -> None:
    resource = TABLES.body["Resources"][table]

    assert resource["DeletionPolicy"] == "Retain"
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("table", sorted(KEYS))
def test_a_table_is_encrypted_restorable_and_paid_by_use(table: str) -> None:
    properties = TABLES.properties(table)

    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True
    }
    assert properties["TimeToLiveSpecification"] == {
        "AttributeName": "TTL",
        "Enabled": True,
    }
