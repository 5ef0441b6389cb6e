"""Executions through DynamoDB, Lambda and Step Functions.

Only public APIs are used, so a real account is watched by the same code.
A call is sent again only where the function's process was ended, by a crash
or by its time limit: a start bears a token by which its repeat is known, and
every other operation may be repeated.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.domain.ports import CommandFailed, MachineRun, Refused
from shared.domain.record import Record
from shared.domain.replies import ENDED

# Longer than the execution handler's own limit of 300 seconds.
_ONCE = Config(read_timeout=310, retries={"total_max_attempts": 1})
_OPERATOR = "dro"
_TRIES = 5

type ClientFactory = Callable[[str, Config | None], Any]


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
        self._functions = client("lambda", _ONCE)
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
        for _ in range(_TRIES):
            payload, failed = self._invoked(operation, fields)
            if not (failed and _was_ended(payload)):
                break
        if failed:
            raise _refusal(payload)
        if not isinstance(payload, dict) or "executionId" not in payload:
            raise CommandFailed(
                f"The execution handler's answer to {operation} names no "
                f"execution: {json.dumps(payload)[:200]}"
            )
        return payload

    def _invoked(
        self, operation: str, fields: Mapping[str, str]
    ) -> tuple[Any, bool]:
        """Return what the function answered, and whether it is an error."""
        event = {"operation": operation, "initiatedBy": _OPERATOR, **fields}
        with _failures(
            f"the execution handler cannot be asked to {operation}"
        ):
            answer = self._functions.invoke(
                FunctionName=self._names.execution_function,
                Payload=json.dumps(event),
            )
            payload = json.loads(answer["Payload"].read() or b"null")
        return payload, bool(answer.get("FunctionError"))

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


def _was_ended(payload: Any) -> bool:
    """Tell whether the platform ended the process before it answered."""
    return isinstance(payload, dict) and payload.get("errorType") in ENDED


def _refusal(payload: Any) -> CommandFailed:
    """Read the error that Lambda reports for a handler that raised."""
    told = payload if isinstance(payload, dict) else {}
    message = str(told.get("errorMessage", payload))
    try:
        body = json.loads(message)
    except ValueError:
        body = None
    if isinstance(body, dict) and "error" in body:
        return Refused(str(body["error"]), str(body.get("message", "")))
    return CommandFailed(f"{told.get('errorType', 'Error')}: {message}")


@contextmanager
def _failures(what: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CommandFailed(f"{what[0].upper()}{what[1:]}: {error}") from error
