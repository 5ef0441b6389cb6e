"""What holds for every template."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint import api  # type: ignore[import-untyped]

from tests.support import templates

EMULATOR_WORDS = re.compile(
    r"localhost|127\.0\.0\.1|ministack|localstack|moto\b|simulator"
    r"|AWS_ENDPOINT_URL|endpoint_url",
    re.IGNORECASE,
)
NESTED = {
    name: resource["Properties"]
    for name, resource in templates.template("main")
    .resources("CloudFormation::Stack")
    .items()
}


def the_child(stack: str) -> templates.Template:
    """Return the template of a nested stack of the main one."""
    url = templates.text(NESTED[stack]["TemplateURL"])
    return templates.template(url.rpartition("/")[2].removesuffix(".yaml"))


def findings(path: Path) -> list[str]:
    """Return what cfn-lint has to say about a template."""
    return [str(match) for match in api.lint_file(path)]


def with_definition(folder: Path, definition: Any) -> Path:
    """Write a template that holds a state machine's definition inline."""
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": "arn:aws:iam::123456789012:role/machine",
                    "Definition": definition,
                    "DefinitionSubstitutions": {
                        "OrchestrationLambdaArn": "arn:aws:lambda:eu-west-1"
                        ":123456789012:function:orchestrator:live"
                    },
                },
            }
        },
    }
    path = folder / "inline.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_every_template_is_known_to_these_tests() -> None:
    found = {path.stem for path in templates.CFN.glob("*.yaml")}

    assert found == set(templates.NAMES)


@pytest.mark.parametrize("name", templates.NAMES)
def test_cfn_lint_finds_nothing(name: str) -> None:
    assert findings(templates.template(name).path) == []


def test_cfn_lint_finds_nothing_in_the_state_machine(tmp_path: Path) -> None:
    path = with_definition(tmp_path, templates.state_machine())

    assert findings(path) == []


def test_cfn_lint_finds_a_fault_planted_in_the_state_machine(
    tmp_path: Path,
) -> None:
    definition = templates.state_machine()
    del definition["States"]["WaitForWaveUpdate"]["Next"]

    assert findings(with_definition(tmp_path, definition)) != []


@pytest.mark.parametrize("name", templates.NAMES)
def test_no_template_uses_anchors(name: str) -> None:
    path = templates.template(name).path
    marks = (yaml.AnchorToken, yaml.AliasToken)

    tokens = yaml.scan(path.read_text(encoding="utf-8"))

    assert [token for token in tokens if isinstance(token, marks)] == []


@pytest.mark.parametrize(
    "path", sorted(templates.CFN.rglob("*.*")), ids=lambda path: path.name
)
def test_no_template_knows_of_an_emulator(path: Path) -> None:
    found = EMULATOR_WORDS.search(path.read_text(encoding="utf-8"))

    assert found is None


def test_every_other_template_is_nested_once_by_a_path_style_address() -> None:
    addresses = sorted(
        templates.text(stack["TemplateURL"]) for stack in NESTED.values()
    )

    assert addresses == sorted(
        "https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}"
        f"/${{TemplatePrefix}}/{name}.yaml"
        for name in templates.NAMES
        if name not in templates.ROOTS
    )


@pytest.mark.parametrize("stack", sorted(NESTED))
def test_a_nested_stack_is_given_exactly_its_parameters(stack: str) -> None:
    assert set(NESTED[stack]["Parameters"]) == set(the_child(stack).parameters)


def test_what_is_read_of_a_nested_stack_is_among_its_outputs() -> None:
    body = templates.template("main").body
    read = [
        value["Fn::GetAtt"]
        for value in templates.walk(body)
        if isinstance(value, dict) and "Fn::GetAtt" in value
    ]

    assert read
    for stack, attribute in read:
        kind, output = attribute.split(".")
        assert kind == "Outputs"
        assert output in the_child(stack).outputs, f"{stack}.{attribute}"


@pytest.mark.parametrize(
    ("root", "parameter"),
    [
        (root, parameter)
        for root in templates.ROOTS
        for parameter in sorted(templates.template(root).parameters)
    ],
)
def test_a_parameter_is_documented_and_checked(
    root: str, parameter: str
) -> None:
    declared = templates.template(root).parameters[parameter]

    assert declared["Description"]
    if "AllowedPattern" in declared:
        assert declared["ConstraintDescription"]
        default = declared.get("Default")
        if default is not None:
            assert re.fullmatch(declared["AllowedPattern"], default)
    else:
        assert "AllowedValues" in declared or "MinValue" in declared


@pytest.mark.parametrize("root", templates.ROOTS)
def test_every_parameter_is_shown_in_a_group(root: str) -> None:
    main = templates.template(root)
    interface = main.body["Metadata"]["AWS::CloudFormation::Interface"]
    shown = [
        name
        for group in interface["ParameterGroups"]
        for name in group["Parameters"]
    ]

    assert sorted(shown) == sorted(main.parameters)


@pytest.mark.parametrize("root", templates.ROOTS)
def test_a_root_template_may_be_sent_in_a_request(root: str) -> None:
    assert templates.template(root).path.stat().st_size < 51_200


def test_the_outputs_name_all_that_others_need() -> None:
    assert set(templates.template("main").outputs) == {
        "ApiId",
        "ApiEndpoint",
        "UserPoolId",
        "IdentityPoolId",
        "UserPoolClientId",
        "ProtectionGroupsTableName",
        "RecoveryPlansTableName",
        "ExecutionHistoryTableName",
        "TargetAccountsTableName",
        "ExecutionNotificationsTopicArn",
        "DrsAlertsTopicArn",
        "ExecutionPauseTopicArn",
        "DashboardName",
        "FrontendDeployerAliasArn",
        "ConsoleUrl",
        "ConsoleBucketName",
        "DeployerRoleArn",
        "SdkLayerArn",
        "DrOrchestrationStepFunctionAliasArn",
        "OrchestrationStepFunctionsAliasArn",
        "ExecutionHandlerAliasArn",
        "QueryHandlerAliasArn",
        "DataManagementHandlerAliasArn",
        "NotificationFormatterAliasArn",
        "DeadLetterQueueUrl",
        "EventBusArn",
        "StateMachineArn",
        "OrchestrationRoleArn",
        "OriginalOrchestrationRoleArn",
        "ExecutionHandlerRoleArn",
        "QueryHandlerRoleArn",
        "DataManagementRoleArn",
        "NotificationRoleArn",
        "StateMachineRoleArn",
    }


def test_the_orchestrator_is_chosen_by_one_parameter() -> None:
    main = templates.template("main")
    chosen = NESTED["StateMachineStack"]["Parameters"][
        "OrchestrationLambdaArn"
    ]

    assert main.parameters["UseOriginalOrchestrator"]["Default"] == "false"
    assert main.body["Conditions"]["OriginalOrchestrator"] == {
        "Fn::Equals": [{"Ref": "UseOriginalOrchestrator"}, "true"]
    }
    condition, original, generic = chosen["Fn::If"]
    assert condition == "OriginalOrchestrator"
    assert "OrchestrationStepFunctionsAliasArn" in templates.text(original)
    assert "DrOrchestrationStepFunctionAliasArn" in templates.text(generic)
