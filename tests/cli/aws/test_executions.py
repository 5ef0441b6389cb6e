"""The adapter reads what DynamoDB, Lambda and Step Functions answer."""

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from cli.aws.executions import AwsExecutions, Names
from cli.domain.ports import CommandFailed, MachineRun, Refused
from shared.domain.replies import ENDED
from tests.cli.builders import (
    EXECUTION_ID,
    MACHINE_ARN,
    PLAN_ID,
    a_server,
    a_wave,
    an_item,
)

TABLE = "history"
NAMES = Names(history_table=TABLE, execution_function="execution-handler:live")


class FakeFunctions:
    """A Lambda service with one function."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self._answers: list[dict[str, Any]] = []

    def will_answer(self, payload: object, **also: str) -> None:
        """Answer a call with this payload, the last one from then on."""
        self._answers.append({"payload": payload, **also})

    def will_raise(self, error_type: str, message: str) -> None:
        """Answer a call as Lambda does when a handler raised."""
        self.will_answer(
            {"errorType": error_type, "errorMessage": message},
            FunctionError="Unhandled",
        )

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:
        """Call the function."""
        self.asked.append(FunctionName)
        self.sent.append(json.loads(Payload))
        if not self._answers:
            raise ClientError(
                {"Error": {"Code": "TooManyRequestsException"}}, "Invoke"
            )
        if len(self._answers) > 1:
            answer = dict(self._answers.pop(0))
        else:
            answer = dict(self._answers[0])
        payload = json.dumps(answer.pop("payload")).encode()
        return {**answer, "Payload": io.BytesIO(payload)}


@pytest.fixture(name="functions")
def _functions() -> FakeFunctions:
    return FakeFunctions()


@pytest.fixture(name="executions")
def _executions(
    functions: FakeFunctions, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AwsExecutions]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        boto3.client("dynamodb", "us-east-1").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "executionId", "KeyType": "HASH"},
                {"AttributeName": "planId", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "executionId", "AttributeType": "S"},
                {"AttributeName": "planId", "AttributeType": "S"},
            ],
        )

        def client(name: str, config: Config | None) -> Any:
            if name == "lambda":
                made: Any = config
                assert made.retries == {"total_max_attempts": 1}
                return functions
            service: Any = name
            return boto3.client(service, "us-east-1")

        yield AwsExecutions(client, NAMES)


def store(item: dict[str, Any]) -> None:
    boto3.client("dynamodb", "us-east-1").put_item(
        TableName=TABLE,
        Item={k: TypeSerializer().serialize(v) for k, v in item.items()},
    )


def test_a_start_invokes_the_published_handler_once(
    executions: AwsExecutions, functions: FakeFunctions
) -> None:
    functions.will_answer({"executionId": EXECUTION_ID, "status": "PENDING"})

    assert executions.start(PLAN_ID, "DRILL") == EXECUTION_ID
    assert functions.asked == ["execution-handler:live"]
    [sent] = functions.sent
    assert sent.pop("clientToken")
    assert sent == {
        "operation": "start_execution",
        "planId": PLAN_ID,
        "executionType": "DRILL",
        "initiatedBy": "dro",
    }


def test_resume_and_cancel_name_the_execution(
    executions: AwsExecutions, functions: FakeFunctions
) -> None:
    functions.will_answer({"executionId": EXECUTION_ID})
    executions.resume(EXECUTION_ID)
    functions.will_answer({"executionId": EXECUTION_ID})
    executions.cancel(EXECUTION_ID)

    assert functions.sent == [
        {
            "operation": operation,
            "executionId": EXECUTION_ID,
            "initiatedBy": "dro",
        }
        for operation in ("resume", "cancel_execution")
    ]


def test_a_refusal_keeps_the_handlers_code_and_message(
    executions: AwsExecutions, functions: FakeFunctions
) -> None:
    body = {"error": "SERVER_CONFLICT", "message": "web-1 is busy"}
    functions.will_raise("Conflict", json.dumps(body))

    with pytest.raises(Refused, match="SERVER_CONFLICT: web-1 is busy") as e:
        executions.start(PLAN_ID, "DRILL")

    assert e.value.code == "SERVER_CONFLICT"


@pytest.mark.parametrize("message", ["no module", '"text"', "[1]"])
def test_a_crash_of_the_handler_is_told_with_its_type(
    executions: AwsExecutions, functions: FakeFunctions, message: str
) -> None:
    functions.will_raise("ImportError", message)

    with pytest.raises(CommandFailed, match="ImportError: "):
        executions.start(PLAN_ID, "DRILL")


def test_an_answer_without_an_execution_is_an_error(
    executions: AwsExecutions, functions: FakeFunctions
) -> None:
    functions.will_answer({"statusCode": 200})

    with pytest.raises(CommandFailed, match="names no execution"):
        executions.start(PLAN_ID, "DRILL")


def test_a_call_that_aws_refuses_is_an_error(
    executions: AwsExecutions,
) -> None:
    with pytest.raises(CommandFailed, match="cannot be asked to start"):
        executions.start(PLAN_ID, "DRILL")


@pytest.mark.parametrize("ended", sorted(ENDED))
def test_a_start_whose_process_was_ended_is_the_same_start_again(
    ended: str, executions: AwsExecutions, functions: FakeFunctions
) -> None:
    functions.will_raise(ended, "gone")
    functions.will_answer({"executionId": EXECUTION_ID})

    assert executions.start(PLAN_ID, "DRILL") == EXECUTION_ID

    first, second = functions.sent
    assert first == second
    assert first["clientToken"]


def test_two_starts_are_two(
    executions: AwsExecutions, functions: FakeFunctions
) -> None:
    for _ in range(2):
        functions.will_answer({"executionId": EXECUTION_ID})
        executions.start(PLAN_ID, "DRILL")

    first, second = functions.sent
    assert first["clientToken"] != second["clientToken"]


def test_a_process_that_is_ended_each_time_is_given_up(
    executions: AwsExecutions, functions: FakeFunctions
) -> None:
    functions.will_raise("Runtime.ExitError", "gone")

    with pytest.raises(CommandFailed, match="Runtime.ExitError: gone"):
        executions.resume(EXECUTION_ID)

    assert len(functions.sent) == 5


def test_a_record_is_read_with_its_numbers(executions: AwsExecutions) -> None:
    wave = a_wave(0, "COMPLETED", [a_server("a", "LAUNCHED")])
    store(
        an_item(
            "COMPLETED",
            [wave],
            enteredWaves={0, 1},
            outcome={"share": Decimal("0.5")},
        )
    )

    record = executions.record(EXECUTION_ID, PLAN_ID)

    assert record is not None
    assert record.start_time == 1000
    assert record.entered_waves == {0, 1}
    assert record.outcome == {"share": 0.5}
    assert record.waves[0].server_statuses[0].launch_status == "LAUNCHED"


def test_there_is_no_record_of_an_unknown_execution(
    executions: AwsExecutions,
) -> None:
    assert executions.record("other", PLAN_ID) is None


def test_a_record_of_no_known_form_is_an_error(
    executions: AwsExecutions,
) -> None:
    store(an_item("DANCING"))

    with pytest.raises(CommandFailed, match="cannot be read: .*DANCING"):
        executions.record(EXECUTION_ID, PLAN_ID)


def test_the_servers_of_a_large_execution_are_joined(
    executions: AwsExecutions,
) -> None:
    store(an_item("POLLING", [a_wave(0, "IN_PROGRESS")], large=True))
    for part, name in enumerate(("a", "b")):
        store(
            {
                "executionId": EXECUTION_ID,
                "planId": f"{PLAN_ID}#wave#0#{part}",
                "waveNumber": 0,
                "serverIds": [f"s-{name}"],
                "serverStatuses": [a_server(name, "LAUNCHED")],
            }
        )
    for other in ("1", "0#job#0"):
        store(
            {
                "executionId": EXECUTION_ID,
                "planId": f"{PLAN_ID}#wave#{other}",
                "waveNumber": int(other[0]),
                "serverIds": ["s-c"],
            }
        )

    record = executions.record(EXECUTION_ID, PLAN_ID)

    assert record is not None
    assert record.waves[0].server_ids == ("s-a", "s-b")
    assert [s.server_name for s in record.waves[0].server_statuses] == [
        "a",
        "b",
    ]


def test_a_large_execution_before_its_first_wave_is_read(
    executions: AwsExecutions,
) -> None:
    item = an_item("PENDING", [], large=True)
    del item["waves"]
    store(item)

    record = executions.record(EXECUTION_ID, PLAN_ID)

    assert record is not None
    assert not record.waves


def test_a_table_that_is_not_there_is_an_error(
    executions: AwsExecutions,
) -> None:
    boto3.client("dynamodb", "us-east-1").delete_table(TableName=TABLE)

    with pytest.raises(CommandFailed, match="The execution's record cannot"):
        executions.record(EXECUTION_ID, PLAN_ID)


def test_a_run_of_the_state_machine_is_described(
    executions: AwsExecutions,
) -> None:
    machines = boto3.client("stepfunctions", "us-east-1")
    machine = machines.create_state_machine(
        name="m",
        definition="{}",
        roleArn="arn:aws:iam::123456789012:role/r",
    )["stateMachineArn"]
    arn = machines.start_execution(stateMachineArn=machine)["executionArn"]
    running = executions.machine_run(arn)
    machines.stop_execution(executionArn=arn, error="E", cause="why")

    stopped = executions.machine_run(arn)

    assert running is not None and running.runs
    assert stopped is not None and not stopped.runs
    assert isinstance(stopped, MachineRun)


def test_an_unknown_run_is_none(executions: AwsExecutions) -> None:
    assert executions.machine_run(MACHINE_ARN) is None
