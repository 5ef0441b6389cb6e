"""Executions through DynamoDB, Lambda and Step Functions.

Only public APIs are used, so a real account is watched by the same code.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from cli.aws.functions import ClientFactory, LambdaFunctions
from cli.domain.ports import CommandFailed, MachineRun
from shared.domain.record import Record

_EXECUTION = "execution-handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What one deployment is called; the function by its alias's ARN."""

    history_table: str
    execution_function: str


class AwsExecutions:
    """The executions of one account and Region."""

    def __init__(self, client: ClientFactory, names: Names) -> None:
        self._names = names
        self._tables = client("dynamodb", None)
        self._functions = LambdaFunctions(
            client, {_EXECUTION: names.execution_function}
        )
        self._machines = client("stepfunctions", None)

    def start(self, plan_id: str, execution_type: str) -> str:
        """Start the plan and return the execution's id."""
        body = self._operation(
            "start_execution",
            planId=plan_id,
            executionType=execution_type,
            clientToken=uuid.uuid4().hex,
        )
        return str(body["executionId"])

    def resume(self, execution_id: str) -> None:
        """Release the pause that the execution is in."""
        self._operation("resume", executionId=execution_id)

    def cancel(self, execution_id: str) -> None:
        """Ask for the execution's end."""
        self._operation("cancel_execution", executionId=execution_id)

    def record(self, execution_id: str, plan_id: str) -> Record | None:
        """Return the stored record, the servers of every wave joined."""
        with _failures("the execution's record cannot be read"):
            answer = self._tables.get_item(
                TableName=self._names.history_table,
                Key={
                    "executionId": {"S": execution_id},
                    "planId": {"S": plan_id},
                },
                ConsistentRead=True,
            )
        if "Item" not in answer:
            return None
        item = _plain(answer["Item"])
        if item.get("large"):
            self._join(item)
        try:
            return msgspec.convert(item, Record, strict=False)
        except msgspec.ValidationError as error:
            raise CommandFailed(
                f"The record of {execution_id} cannot be read: {error}."
            ) from error

    def machine_run(self, arn: str) -> MachineRun | None:
        """Return the run of the state machine, if there is one."""
        with _failures("Step Functions cannot be asked"):
            try:
                run = self._machines.describe_execution(executionArn=arn)
            except self._machines.exceptions.ExecutionDoesNotExist:
                return None
        return MachineRun(
            arn=arn,
            status=run["status"],
            error=run.get("error", ""),
            cause=run.get("cause", ""),
        )

    def _operation(self, operation: str, **fields: str) -> dict[str, Any]:
        payload = self._functions.call(_EXECUTION, operation, **fields)
        if not isinstance(payload, dict) or "executionId" not in payload:
            raise CommandFailed(
                f"The execution handler's answer to {operation} names no "
                f"execution: {json.dumps(payload)[:200]}"
            )
        return payload

    def _join(self, item: dict[str, Any]) -> None:
        """Put the servers of large waves back into the waves' entries."""
        pages = self._tables.get_paginator("query").paginate(
            TableName=self._names.history_table,
            KeyConditionExpression="executionId = :e "
            "AND begins_with(planId, :p)",
            ExpressionAttributeValues={
                ":e": {"S": item["executionId"]},
                ":p": {"S": f"{item['planId']}#wave#"},
            },
        )
        with _failures("the execution's servers cannot be read"):
            parts = [_plain(part) for page in pages for part in page["Items"]]
        waves = item.get("waves", ())
        entries = {entry["waveNumber"]: entry for entry in waves}
        for part in parts:
            entry = entries.get(part.get("waveNumber"))
            if entry is None or "serverStatuses" not in part:
                continue
            for key in ("serverIds", "serverStatuses"):
                entry[key] = [*entry.get(key, ()), *part.get(key, ())]


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    read = TypeDeserializer().deserialize
    return {key: _numbers(read(value)) for key, value in item.items()}


def _numbers(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral() else float(value)
        case dict():
            return {key: _numbers(inner) for key, inner in value.items()}
        case list() | set():
            return [_numbers(inner) for inner in value]
    return value


@contextmanager
def _failures(what: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CommandFailed(f"{what[0].upper()}{what[1:]}: {error}") from error
