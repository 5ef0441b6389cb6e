"""The functions: their limits, what they know, and how they are published."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import templates

FUNCTIONS = templates.template("functions")
MAIN = templates.template("main")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the contract says of a function."""

    name: str
    artifact: str
    package: str
    memory: int
    timeout: int
    variables: str


COMMON = (
    "PROTECTION_GROUPS_TABLE RECOVERY_PLANS_TABLE EXECUTION_HISTORY_TABLE"
    " EXECUTION_NOTIFICATIONS_TOPIC_ARN DRS_ALERTS_TOPIC_ARN"
    " EXECUTION_PAUSE_TOPIC_ARN PROJECT_NAME ENVIRONMENT CONSOLE_URL"
)
# Whatever ends executions knows how long they are kept.
ENDS = "EXECUTION_RETENTION_DAYS"
# Whatever answers the API knows who may ask, and from where.
API = "CORS_ALLOWED_ORIGIN RBAC_GROUP_ALIASES"
HANDLERS = f"{COMMON} TARGET_ACCOUNTS_TABLE CROSS_ACCOUNT_EXTERNAL_ID"
EXPECTED = {
    "DrOrchestrationStepFunction": Expected(
        name="dr-orch-sf",
        artifact="dr-orchestration-stepfunction",
        package="orchestration",
        memory=512,
        timeout=360,
        variables=f"{COMMON} {ENDS} EXECUTION_HANDLER_ARN QUERY_HANDLER_ARN",
    ),
    "OrchestrationStepFunctions": Expected(
        name="orch-sf",
        artifact="orchestration-stepfunctions",
        package="orchestration_stepfunctions",
        memory=512,
        timeout=360,
        variables=f"{HANDLERS} {ENDS} STATE_MACHINE_ARN",
    ),
    "ExecutionHandler": Expected(
        name="execution-handler",
        artifact="execution-handler",
        package="execution_handler",
        memory=512,
        timeout=300,
        variables=f"{HANDLERS} {ENDS} {API} STATE_MACHINE_ARN",
    ),
    "QueryHandler": Expected(
        name="query-handler",
        artifact="query-handler",
        package="query_handler",
        memory=256,
        timeout=330,
        variables=f"{HANDLERS} {API} EXECUTION_HANDLER_ARN",
    ),
    "DataManagementHandler": Expected(
        name="data-management-handler",
        artifact="data-management-handler",
        package="data_management_handler",
        memory=512,
        timeout=120,
        variables=(
            "PROTECTION_GROUPS_TABLE RECOVERY_PLANS_TABLE"
            " EXECUTION_HISTORY_TABLE TARGET_ACCOUNTS_TABLE PROJECT_NAME"
            " ENVIRONMENT STATE_MACHINE_ARN CROSS_ACCOUNT_EXTERNAL_ID"
            f" TAG_SYNC_RULE_NAME {API}"
        ),
    ),
    "NotificationFormatter": Expected(
        name="notification-formatter",
        artifact="notification-formatter",
        package="notification_formatter",
        memory=256,
        timeout=60,
        variables=(
            "EXECUTION_NOTIFICATIONS_TOPIC_ARN DRS_ALERTS_TOPIC_ARN"
            " EXECUTION_PAUSE_TOPIC_ARN PROJECT_NAME ENVIRONMENT CONSOLE_URL"
        ),
    ),
    "FrontendDeployer": Expected(
        name="frontend-deployer",
        artifact="frontend-deployer",
        package="frontend_deployer",
        memory=2048,
        timeout=900,
        variables="PROJECT_NAME ENVIRONMENT",
    ),
}
CALLS = [
    ("QueryHandler", "ExecutionHandler"),
    ("DrOrchestrationStepFunction", "ExecutionHandler"),
    ("DrOrchestrationStepFunction", "QueryHandler"),
]
NUMBER_OF_A_LAYER = "99999"
every_function = pytest.mark.parametrize("function", sorted(EXPECTED))


def the(function: str) -> dict[str, Any]:
    """Return the properties of a function."""
    return FUNCTIONS.properties(f"{function}Function")


def variables(function: str) -> dict[str, Any]:
    """Return the environment variables of a function."""
    found: dict[str, Any] = the(function)["Environment"]["Variables"]
    return found


def named_parameters(value: Any) -> set[str]:
    """Return the parameters of the template that a value depends on.

    A layer stands for what it is made of: other content is another layer.
    """
    names = set()
    for part in templates.walk(value):
        if isinstance(part, dict) and "Ref" in part:
            names.add(part["Ref"])
        elif isinstance(part, str):
            names.update(re.findall(r"\$\{(\w+)\}", part))
    for layer in names & set(FUNCTIONS.resources("Lambda::LayerVersion")):
        names |= named_parameters(FUNCTIONS.properties(layer))
    return names & set(FUNCTIONS.parameters)


def test_there_are_seven_functions() -> None:
    found = FUNCTIONS.resources("Lambda::Function")

    assert set(found) == {f"{function}Function" for function in EXPECTED}


@every_function
def test_a_function_has_the_limits_of_the_contract(function: str) -> None:
    properties, expected = the(function), EXPECTED[function]

    assert templates.text(properties["FunctionName"]) == (
        f"${{ProjectName}}-{expected.name}-${{Environment}}"
    )
    assert properties["Runtime"] == "python3.12"
    assert properties["MemorySize"] == expected.memory
    assert properties["Timeout"] == expected.timeout


@every_function
def test_a_function_runs_its_package_from_a_versioned_key(
    function: str,
) -> None:
    properties, expected = the(function), EXPECTED[function]

    assert (
        properties["Handler"] == f"{expected.package}.handler.lambda_handler"
    )
    assert templates.text(properties["Code"]["S3Key"]) == (
        f"lambda/{expected.artifact}/${{{function}Version}}.zip"
    )


@every_function
def test_libraries_come_from_the_layer_alone(function: str) -> None:
    layer = FUNCTIONS.properties("SdkLayer")

    assert the(function)["Layers"] == [{"Ref": "SdkLayer"}]
    assert templates.text(layer["Content"]["S3Key"]) == (
        "layer/sdk/${SdkLayerVersion}.zip"
    )
    assert layer["CompatibleRuntimes"] == ["python3.12"]
    assert layer["CompatibleArchitectures"] == the(function)["Architectures"]


@every_function
def test_a_function_knows_what_the_contract_lists(function: str) -> None:
    assert set(variables(function)) == set(
        EXPECTED[function].variables.split()
    )


@every_function
def test_topics_are_absent_without_notifications(function: str) -> None:
    for name, value in variables(function).items():
        if name.endswith("_TOPIC_ARN"):
            condition, _, otherwise = value["Fn::If"]
            assert condition == "WithNotifications"
            assert otherwise == {"Ref": "AWS::NoValue"}


@every_function
def test_messages_link_to_the_console_where_there_is_one(
    function: str,
) -> None:
    found = variables(function).get("CONSOLE_URL")

    assert found in (
        None,
        {
            "Fn::If": [
                "WithConsole",
                {"Ref": "ConsoleOrigin"},
                {"Ref": "AWS::NoValue"},
            ]
        },
    )


@every_function
def test_peers_are_reached_through_their_alias(function: str) -> None:
    aliases = {
        "EXECUTION_HANDLER_ARN": {"Ref": "ExecutionHandlerAlias"},
        "QUERY_HANDLER_ARN": {"Ref": "QueryHandlerAlias"},
    }
    for name, value in variables(function).items():
        assert value == aliases.get(name, value)


@every_function
def test_every_call_of_a_peer_is_in_the_chain(function: str) -> None:
    peers = {"EXECUTION_HANDLER_ARN", "QUERY_HANDLER_ARN"}
    called = [callee for caller, callee in CALLS if caller == function]

    assert len(peers & set(variables(function))) == len(called)


@every_function
def test_the_alias_live_leads_to_the_published_version(function: str) -> None:
    alias = FUNCTIONS.properties(f"{function}Alias")

    assert alias == {
        "FunctionName": {"Ref": f"{function}Function"},
        "FunctionVersion": {"Fn::GetAtt": [f"{function}Published", "Version"]},
        "Name": "live",
    }
    assert FUNCTIONS.outputs[f"{function}AliasArn"]["Value"] == {
        "Ref": f"{function}Alias"
    }


@every_function
def test_a_version_is_published_whenever_the_function_changes(
    function: str,
) -> None:
    """A version is replaced by a new description, and only a changed
    function can be published: both bear the same description."""
    published = FUNCTIONS.properties(f"{function}Published")
    description = the(function)["Description"]

    assert published["Description"] == description
    assert "${TemplatePrefix}" in templates.text(description)
    names = {"ProjectName", "Environment", "ArtifactBucket"}
    shaping = {
        parameter
        for parameter in named_parameters(the(function))
        if parameter not in names
        and not parameter.endswith(("TableName", "TopicArn", "RoleArn"))
    } | {"SdkLayerVersion"}
    if "DRS_ALERTS_TOPIC_ARN" in variables(function):
        shaping |= {"EnableNotifications"}
    assert shaping <= named_parameters(description)


@every_function
def test_a_description_fits_with_the_longest_values(function: str) -> None:
    text = templates.text(the(function)["Description"])
    text = text.replace("${Aliases}", NUMBER_OF_A_LAYER)
    for parameter in re.findall(r"\$\{(\w+)\}", text):
        text = text.replace(f"${{{parameter}}}", longest(parameter))

    assert len(text) <= 256


def longest(parameter: str) -> str:
    """Return the longest value that the main template admits."""
    declared = MAIN.parameters[parameter]
    if "MaxValue" in declared:
        return str(declared["MaxValue"])
    if "AllowedValues" in declared:
        return max(map(str, declared["AllowedValues"]), key=len)
    repeated = re.search(r"\{\d+,(\d+)\}\$$", declared["AllowedPattern"])
    assert repeated is not None
    return "x" * (int(repeated[1]) + 1)


@every_function
def test_a_function_has_its_log_group_before_it_runs(function: str) -> None:
    logs = FUNCTIONS.properties(f"{function}Logs")
    resource = FUNCTIONS.body["Resources"][f"{function}Function"]

    assert templates.text(logs["LogGroupName"]) == (
        f"/aws/lambda/{templates.text(the(function)['FunctionName'])}"
    )
    assert logs["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert resource["DependsOn"] == f"{function}Logs"


def targets_of_events() -> set[str]:
    """Return the functions that rules of EventBridge invoke."""
    events = templates.template("events")
    return {
        part["Ref"].removesuffix("AliasArn")
        for name in events.resources("Events::Rule")
        for part in templates.walk(events.properties(name)["Targets"])
        if isinstance(part, dict) and "AliasArn" in str(part.get("Ref"))
    }


def behind_custom_resources() -> set[str]:
    """Return the functions that CloudFormation invokes."""
    return {
        resource["Properties"]["ServiceToken"]["Ref"].removesuffix("AliasArn")
        for name in templates.NAMES
        for resource in templates.template(name).body["Resources"].values()
        if resource["Type"].startswith("Custom::")
    }


def test_whatever_is_not_waited_for_has_its_failures_kept() -> None:
    # These also invoke themselves, after a reply.
    themselves = {"ExecutionHandler", "DataManagementHandler"}
    kept = FUNCTIONS.resources("Lambda::EventInvokeConfig")

    assert {name.removesuffix("Delivery") for name in kept} == (
        targets_of_events() | themselves | behind_custom_resources()
    )


@pytest.mark.parametrize(
    "function",
    [
        "ExecutionHandler",
        "DataManagementHandler",
        "NotificationFormatter",
        "FrontendDeployer",
    ],
)
def test_undelivered_background_work_is_kept(function: str) -> None:
    delivery = FUNCTIONS.properties(f"{function}Delivery")

    assert delivery["FunctionName"] == {"Ref": f"{function}Function"}

    assert delivery["Qualifier"] == "live"
    assert delivery["MaximumRetryAttempts"] == 2
    assert delivery["DestinationConfig"] == {
        "OnFailure": {
            "Destination": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
        }
    }


def test_the_state_machine_is_named_without_waiting_for_it() -> None:
    machine = templates.template("statemachine").properties(
        "DROrchestrationStateMachine"
    )
    name = templates.text(machine["StateMachineName"])

    for function in (
        "DataManagementHandler",
        "ExecutionHandler",
        "OrchestrationStepFunctions",
    ):
        arn = templates.text(variables(function)["STATE_MACHINE_ARN"])
        assert arn.endswith(f":stateMachine:{name}")
