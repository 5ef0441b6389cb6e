"""A state machine can do what its role can, and nothing else."""

import json
import time
from typing import Any

from local_cloud.programs import ACCOUNT_ID, REGION
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name

ECHO = "def handler(event, context): return {'ok': True}"


def lambda_task(function: str, kind: str = "lambda:invoke") -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{kind}",
        "Parameters": {
            "FunctionName": arn_of(function),
            "Payload": {"token.$": "$$.Task.Token"} if "." in kind else {},
        },
        "TimeoutSeconds": 5,
        "End": True,
        "Catch": [
            {
                "ErrorEquals": ["States.ALL"],
                "Next": "Caught",
                "ResultPath": "$.failure",
            }
        ],
    }


def arn_of(function: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}"


def a_run(emulator: Emulator, role: str, task: dict[str, Any]) -> Any:
    machines = emulator.client("stepfunctions")
    made = machines.create_state_machine(
        name=a_name("machine"),
        roleArn=role,
        definition=json.dumps(
            {
                "StartAt": "Task",
                "States": {
                    "Task": task,
                    "Caught": {"Type": "Pass", "End": True},
                },
            }
        ),
    )
    run = machines.start_execution(
        stateMachineArn=made["stateMachineArn"], input="{}"
    )["executionArn"]
    while True:
        found = machines.describe_execution(executionArn=run)
        if found["status"] != "RUNNING":
            return json.loads(found["output"])
        time.sleep(0.05)


def test_a_role_that_allows_the_function_may_invoke_it(
    emulator: Emulator,
) -> None:
    function = emulator.a_function(ECHO)
    role = emulator.a_role(("lambda:InvokeFunction", arn_of(function)))

    output = a_run(emulator, role, lambda_task(function))

    assert output["Payload"] == {"ok": True}


def test_a_role_without_the_function_is_denied_and_the_catch_sees_it(
    emulator: Emulator,
) -> None:
    function = emulator.a_function(ECHO)
    role = emulator.a_role(("lambda:InvokeFunction", arn_of("other")))

    output = a_run(emulator, role, lambda_task(function))

    assert "lambda:InvokeFunction" in output["failure"]["Cause"]
    assert role in output["failure"]["Cause"]


def test_a_callback_task_is_denied_too(emulator: Emulator) -> None:
    function = emulator.a_function(ECHO)

    output = a_run(
        emulator,
        emulator.a_role(),
        lambda_task(function, "lambda:invoke.waitForTaskToken"),
    )

    assert "lambda:InvokeFunction" in output["failure"]["Cause"]


def test_starting_another_execution_needs_its_own_action(
    emulator: Emulator,
) -> None:
    task = lambda_task("unused", "states:startExecution")
    machine = f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:other"
    task["Parameters"] = {"StateMachineArn": machine, "Input": {}}

    output = a_run(emulator, emulator.a_role(), task)

    assert "states:StartExecution" in output["failure"]["Cause"]
    assert machine in output["failure"]["Cause"]


def test_a_kind_of_task_without_a_rule_is_refused_by_name(
    emulator: Emulator,
) -> None:
    task = lambda_task("unused", "sns:publish")
    task["Parameters"] = {"TopicArn": "t", "Message": "m"}

    output = a_run(emulator, emulator.a_role(), task)

    assert "sns:publish" in output["failure"]["Cause"]
    assert "state_machine_role.py" in output["failure"]["Cause"]


def test_the_emulator_still_does_not_enforce_the_role(
    start_emulator: Start,
) -> None:
    stock = start_emulator("state-machine-role")
    function = stock.a_function(ECHO)

    output = a_run(stock, stock.a_role(), lambda_task(function))

    assert output["Payload"] == {"ok": True}
