"""Tables that a stack makes: no silent overwrite, settings applied."""

import json
from typing import Any

from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name


def a_template(table: str, **more: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "TableName": table,
                    "BillingMode": "PAY_PER_REQUEST",
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "AttributeDefinitions": [
                        {"AttributeName": "id", "AttributeType": "S"}
                    ],
                    **more,
                },
            }
        }
    }


def a_filled_table(emulator: Emulator) -> str:
    name = a_name("table")
    tables = emulator.client("dynamodb")
    tables.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    tables.put_item(TableName=name, Item={"id": {"S": "kept"}})
    return name


def items(emulator: Emulator, table: str) -> int:
    return int(emulator.client("dynamodb").scan(TableName=table)["Count"])


def ttl(emulator: Emulator, table: str) -> str:
    answer = emulator.client("dynamodb").describe_time_to_live(TableName=table)
    return str(answer["TimeToLiveDescription"]["TimeToLiveStatus"])


def recovery(emulator: Emulator, table: str) -> str:
    answer = emulator.client("dynamodb").describe_continuous_backups(
        TableName=table
    )
    described = answer["ContinuousBackupsDescription"]
    return str(
        described["PointInTimeRecoveryDescription"][
            "PointInTimeRecoveryStatus"
        ]
    )


SETTINGS = {
    "TimeToLiveSpecification": {"AttributeName": "TTL", "Enabled": True},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
}


def test_a_stack_over_an_existing_table_rolls_back_and_keeps_its_items(
    emulator: Emulator,
) -> None:
    table = a_filled_table(emulator)

    status = emulator.a_stack(a_template(table))

    assert status == "ROLLBACK_COMPLETE"
    assert items(emulator, table) == 1


def test_the_emulator_still_empties_an_existing_table(
    start_emulator: Start,
) -> None:
    stock = start_emulator("tables")
    table = a_filled_table(stock)

    status = stock.a_stack(a_template(table))

    assert status == "CREATE_COMPLETE"
    assert items(stock, table) == 0


def test_expiry_and_recovery_are_applied_on_create(
    emulator: Emulator,
) -> None:
    table = a_name("table")

    emulator.a_stack(a_template(table, **SETTINGS))

    assert ttl(emulator, table) == "ENABLED"
    assert recovery(emulator, table) == "ENABLED"


def test_expiry_and_recovery_are_applied_on_update(
    emulator: Emulator,
) -> None:
    table, stack = a_name("table"), a_name("stack")
    emulator.a_stack(a_template(table), stack)
    emulator.client("dynamodb").put_item(
        TableName=table, Item={"id": {"S": "kept"}}
    )

    emulator.client("cloudformation").update_stack(
        StackName=stack,
        TemplateBody=json.dumps(a_template(table, **SETTINGS)),
    )

    assert emulator.settled(stack) == "UPDATE_COMPLETE"
    assert ttl(emulator, table) == "ENABLED"
    assert recovery(emulator, table) == "ENABLED"
    assert items(emulator, table) == 1


def test_the_emulator_still_ignores_expiry_and_recovery(
    start_emulator: Start,
) -> None:
    stock = start_emulator("tables")
    table = a_name("table")

    stock.a_stack(a_template(table, **SETTINGS))

    assert ttl(stock, table) == "DISABLED"
    assert recovery(stock, table) == "DISABLED"
