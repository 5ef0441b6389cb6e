"""No caller gives up before what it has called may end.

Every time is read where it takes effect: in the templates, in the state
machine and in the clients as they are made. They are then what the contract
says, each one, and the chain holds.
"""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cli.aws.executions import AwsExecutions, Names
from drs.aws import session
from execution_handler import drain, launch
from shared.aws import wiring
from shared.settings import HTTP_BUDGET_SECONDS
from tests.support import templates
from tests.support.scenario_driver.definition import INVOKE

FUNCTIONS = {
    "generic orchestrator": "DrOrchestrationStepFunctionFunction",
    "direct orchestrator": "OrchestrationStepFunctionsFunction",
    "query handler": "QueryHandlerFunction",
    "execution handler": "ExecutionHandlerFunction",
}
PEERS: Mapping[str, Callable[[str], Any]] = {
    "query handler": wiring.query_handler,
    "execution handler": wiring.execution_handler,
}
CONTRACT = {
    "task": 390,
    "generic orchestrator": 360,
    "direct orchestrator": 360,
    "query handler": 330,
    "execution handler": 300,
    "read of the query handler": 340,
    "read of the execution handler": 310,
    "connection to the query handler": 10,
    "connection to the execution handler": 10,
    "read of the command line": 340,
    "connection to DRS": 10,
    "read of DRS": 60,
    "call of DRS": 70,
    "lease needed to call DRS": 70,
}
# Each pair: what has to end first, and what it ends before.
CALLS = [
    ("generic orchestrator", "task"),
    ("direct orchestrator", "task"),
    ("query handler", "read of the query handler"),
    ("execution handler", "read of the execution handler"),
    ("query handler", "read of the command line"),
    ("execution handler", "read of the command line"),
]
WAITS = [
    ("execution handler", "query handler"),
    ("execution handler", "generic orchestrator"),
    ("query handler", "generic orchestrator"),
]


@pytest.fixture(name="configs")
def _configs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of each client that waits for a function, as made."""
    made: dict[str, Any] = {}
    for peer, make in PEERS.items():

        def client(service: str, *, config: Config, of: str = peer) -> object:
            assert service == "lambda"
            made[of] = config
            return object()

        monkeypatch.setattr(boto3, "client", client)
        make("arn:aws:lambda:eu-central-1:123456789012:function:peer:live")
    AwsExecutions(
        lambda service, config: made.setdefault(f"{service} of dro", config),
        Names(history_table="history", execution_function="execution"),
    )
    return {
        **{peer: made[peer] for peer in PEERS},
        "command line": made["lambda of dro"],
    }


@pytest.fixture(name="times")
def _times(configs: Mapping[str, Any]) -> dict[str, int]:
    """Every time of the chain, in seconds."""
    functions = templates.template("functions")
    [task] = {
        state["TimeoutSeconds"]
        for state in templates.state_machine()["States"].values()
        if state.get("Resource") == INVOKE
    }
    once: Any = session.ONE_ATTEMPT
    return {
        "task": task,
        **{
            name: functions.properties(resource)["Timeout"]
            for name, resource in FUNCTIONS.items()
        },
        **{f"read of the {p}": c.read_timeout for p, c in configs.items()},
        **{
            f"connection to the {p}": c.connect_timeout
            for p, c in configs.items()
            if p in PEERS
        },
        "connection to DRS": once.connect_timeout,
        "read of DRS": once.read_timeout,
        "call of DRS": drain.CALL_SECONDS,
        "lease needed to call DRS": launch.LEASE_NEEDED_TO_CALL,
    }


def test_every_time_is_the_contracts(times: Mapping[str, int]) -> None:
    assert times == CONTRACT


@pytest.mark.parametrize(("callee", "caller"), CALLS)
def test_a_callee_ends_before_its_caller_gives_up(
    callee: str, caller: str, times: Mapping[str, int]
) -> None:
    assert times[callee] < times[caller]


@pytest.mark.parametrize(("peer", "caller"), WAITS)
def test_a_caller_lives_to_hear_that_its_peer_is_late(
    peer: str, caller: str, times: Mapping[str, int]
) -> None:
    longest = times[f"connection to the {peer}"] + times[f"read of the {peer}"]

    assert longest < times[caller]


def test_a_launch_is_over_before_its_lease(times: Mapping[str, int]) -> None:
    call = times["connection to DRS"] + times["read of DRS"]

    assert call <= times["call of DRS"] <= times["lease needed to call DRS"]
    assert times["lease needed to call DRS"] < times["execution handler"]
    assert times["lease needed to call DRS"] < times["direct orchestrator"]


def test_no_call_that_is_waited_for_is_made_twice_by_the_sdk(
    configs: Mapping[str, Any],
) -> None:
    clients: list[Any] = [
        *configs.values(),
        session.ONE_ATTEMPT,
    ]

    assert {one.retries["total_max_attempts"] for one in clients} == {1}


def test_a_request_is_answered_before_the_api_gives_up() -> None:
    body = templates.template("api").properties("Api")["Body"]

    limits = {
        integration["timeoutInMillis"]
        for path in body["paths"].values()
        for operation in path.values()
        if (integration := operation["x-amazon-apigateway-integration"])[
            "type"
        ]
        == "aws_proxy"
    }

    assert limits == {29_000}
    assert HTTP_BUDGET_SECONDS == 25
    for function in FUNCTIONS.values():
        given = templates.template("functions").properties(function)
        variables = given["Environment"]["Variables"]
        assert "HTTP_BUDGET_SECONDS" not in variables
