"""What the templates give is what the code needs.

Every call that the code makes of DRS and EC2 is in the roles that make it.

The calls are found in the source: ``calls.call("drs", "start_recovery")`` and
``calls.items("ec2", "describe_instances")``.
"""

import ast
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

import pytest

from drs.aws import ec2, jobs, launch_config, quotas, servers, upkeep
from shared import settings
from tests.cfn.test_functions import variables
from tests.cfn.test_roles import actions
from tests.support import templates

PREFIXES = {"service-quotas": "servicequotas"}
TERMINATION = "drs:TerminateRecoveryInstances"


def calls_in(module: ModuleType) -> Iterator[str]:
    """Yield the IAM actions of the calls in a module."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="call" | "items"),
                args=[
                    ast.Constant(value=str(service)),
                    ast.Constant(value=str(method)),
                    *_,
                ],
            ):
                action = "".join(part.title() for part in method.split("_"))
                yield f"{PREFIXES.get(service, service)}:{action}"


CALLS = {
    action
    for module in (ec2, jobs, launch_config, quotas, servers)
    for action in calls_in(module)
}


def test_the_calls_are_found() -> None:
    assert {"drs:StartRecovery", "drs:DescribeJobs"} <= CALLS
    assert {"ec2:DescribeInstances", "servicequotas:GetServiceQuota"} <= CALLS


@pytest.mark.parametrize("action", sorted(CALLS))
def test_the_execution_handler_may_make_every_call(action: str) -> None:
    assert action in actions("ExecutionHandlerRole")


@pytest.mark.parametrize("action", sorted(CALLS - {TERMINATION}))
def test_the_original_orchestrator_may_make_every_call_of_a_run(
    action: str,
) -> None:
    assert action in actions("OriginalOrchestrationRole")


@pytest.mark.parametrize(
    "action",
    sorted(
        action
        for action in CALLS
        if action.split(":")[1].startswith(("Describe", "List"))
        and "LaunchTemplate" not in action
    ),
)
def test_the_query_handler_may_look(action: str) -> None:
    assert action in actions("QueryHandlerRole")


@pytest.mark.parametrize(
    "action",
    sorted(
        CALLS
        - {
            "drs:DescribeJobLogItems",
            "drs:DescribeRecoveryInstances",
            "drs:StartRecovery",
            "drs:TagResource",
            TERMINATION,
        }
    ),
)
def test_the_data_management_handler_may_look_and_configure(
    action: str,
) -> None:
    assert action in actions("DataManagementRole")


def test_the_data_management_handler_may_set_tags_and_extend() -> None:
    target = templates.template("target-account").properties("HubRole")

    assert set(calls_in(upkeep)) == {
        "drs:CreateExtendedSourceServer",
        "drs:TagResource",
    }
    assert "drs:TagResource" in actions("DataManagementRole")
    # The hub is no target, so it extends nothing into itself.
    assert "drs:CreateExtendedSourceServer" in json.dumps(target)


def test_the_data_management_handler_finds_every_variable_it_needs() -> None:
    given = dict.fromkeys(variables("DataManagementHandler"), "1")

    found = settings.DataManagementSettings.read(given)

    assert found.target_accounts_table == "1"
    assert found.topics == {}


def test_the_notification_formatter_finds_every_variable_it_needs() -> None:
    given = dict.fromkeys(variables("NotificationFormatter"), "1")

    found = settings.TopicSettings.read(given)

    assert found.topics == {"execution": "1", "drs_alert": "1", "pause": "1"}
    assert found.console_url == "1"


@pytest.mark.parametrize(
    ("function", "read"),
    [
        ("DrOrchestrationStepFunction", settings.OrchestrationSettings.read),
        ("OrchestrationStepFunctions", settings.ExecutionHandlerSettings.read),
        ("ExecutionHandler", settings.ExecutionHandlerSettings.read),
        ("QueryHandler", settings.QueryHandlerSettings.read),
    ],
)
def test_a_function_finds_every_variable_it_needs(
    function: str,
    read: Callable[[Mapping[str, str]], settings.CommonSettings],
) -> None:
    given = dict.fromkeys(variables(function), "1")

    found = read(given)

    assert found.topics == {"execution": "1", "drs_alert": "1", "pause": "1"}
