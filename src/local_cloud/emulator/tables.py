"""Closes what the emulator leaves open on tables that a stack makes.

Stock, a stack over an existing table name empties that table without a word,
and the template's expiry and recovery settings are accepted and not applied.
Here the name is refused as on AWS and the settings are applied, on create and
on update.
"""

from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import engine

_TYPE = "AWS::DynamoDB::Table"


def install() -> None:
    """Replace the table provisioner's create and update."""
    handlers = engine.provisioners._RESOURCE_HANDLERS[_TYPE]
    stock_create = handlers["create"]
    stock_update = handlers["update"]

    def create(logical_id: str, props: Mapping[str, Any], stack: str) -> Any:
        _refuse_existing(props.get("TableName"))
        made = stock_create(logical_id, props, stack)
        _apply_settings(made[0], {}, props)
        return made

    def update(
        physical_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        stack: str,
        logical_id: str | None = None,
    ) -> Any:
        done = stock_update(physical_id, old, new, stack, logical_id)
        _apply_settings(done[0], old, new)
        return done

    handlers["create"] = create
    handlers["update"] = update
    # The stock update replaces a renamed table through this name.
    engine.provisioners._ddb_create = create


def _refuse_existing(name: str | None) -> None:
    if name and name in engine.dynamodb._tables:
        raise ValueError(
            f"Resource of type '{_TYPE}' with identifier '{name}' "
            "already exists."
        )


def _apply_settings(
    table: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    for key, apply in (
        ("TimeToLiveSpecification", engine.dynamodb._update_ttl),
        (
            "PointInTimeRecoverySpecification",
            engine.dynamodb._update_continuous_backups,
        ),
    ):
        wanted = new.get(key)
        if wanted and wanted != old.get(key):
            answer = apply({"TableName": table, key: _typed(wanted)})
            if answer[0] >= 400:
                raise ValueError(f"{_TYPE} {table}: {key}: {answer[2]!r}")


def _typed(specification: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the texts that template parameters give into booleans."""
    spelt = {"true": True, "false": False}
    return {
        key: spelt.get(value, value) if isinstance(value, str) else value
        for key, value in specification.items()
    }
