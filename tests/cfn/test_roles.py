"""What each role may do, and that it may do no more."""

import fnmatch
import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import templates

ROLES = templates.template("roles")
FUNCTIONS = templates.template("functions")
FUNCTION_ROLES = {
    "DrOrchestrationStepFunction": "OrchestrationRole",
    "OrchestrationStepFunctions": "OriginalOrchestrationRole",
    "ExecutionHandler": "ExecutionHandlerRole",
    "QueryHandler": "QueryHandlerRole",
    "DataManagementHandler": "DataManagementRole",
    "NotificationFormatter": "NotificationRole",
    "FrontendDeployer": "DeployerRole",
}
# It tells people, and knows nothing of executions.
TELLS = "NotificationRole"
# It knows the console's bucket, by a policy beside that, and nothing else.
DEPLOYS = "DeployerRole"
# It alone writes the configuration, and publishes nothing.
CONFIGURES = "DataManagementRole"
every_role = pytest.mark.parametrize(
    "role", sorted(ROLES.resources("IAM::Role"))
)
# AWS knows no resource for these, or (log delivery, traces) admits none.
RESOURCELESS = (
    "*:Describe*",
    "*:Get*",
    "*:List*",
    "states:SendTaskFailure",
    "states:SendTaskSuccess",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy, its references as text."""

    actions: frozenset[str]
    resources: frozenset[str]
    condition: Any


def documents(role: str) -> list[Any]:
    """Return the policy documents of a role, notifications switched on."""
    found = []
    for policy in ROLES.properties(role)["Policies"]:
        chosen = policy["Fn::If"][1] if "Fn::If" in policy else policy
        found.append(chosen["PolicyDocument"])
    return found


def statements(role: str) -> list[Statement]:
    """Return the statements of a role."""
    return [
        Statement(
            actions=frozenset(templates.many(statement["Action"])),
            resources=frozenset(
                templates.text(resource)
                for resource in templates.many(statement["Resource"])
            ),
            condition=statement.get("Condition"),
        )
        for document in documents(role)
        for statement in document["Statement"]
    ]


def actions(role: str, *services: str) -> set[str]:
    """Return the actions of a role, of some services or of all."""
    return {
        action
        for statement in statements(role)
        for action in statement.actions
        if not services or action.split(":")[0] in services
    }


def resources(role: str, action: str) -> set[str]:
    """Return what a role may do an action to."""
    return {
        resource
        for statement in statements(role)
        for resource in statement.resources
        if action in statement.actions
    }


def alias_arn(function: str) -> str:
    """Return the ARN of a function's alias as a role has to write it."""
    name = FUNCTIONS.properties(f"{function}Function")["FunctionName"]
    return (
        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}"
        f":function:{templates.text(name)}:live"
    )


def table_arns(table: str, *, indexes: bool = False) -> set[str]:
    """Return the ARNs of a table and, if asked, of its indexes."""
    found = templates.template("tables").properties(table)
    arn = f"${{{table}Arn}}"
    names = [
        index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])
    ]
    return {arn} | {f"{arn}/index/{name}" for name in names if indexes}


def test_every_function_has_a_role_of_its_own() -> None:
    roles = {
        function: templates.text(
            FUNCTIONS.properties(f"{function}Function")["Role"]
        )
        for function in FUNCTION_ROLES
    }

    assert roles == {
        function: f"${{{role}Arn}}"
        for function, role in FUNCTION_ROLES.items()
    }


@every_role
def test_a_role_can_be_taken_by_its_service_alone(role: str) -> None:
    service = "states" if role == "StateMachineRole" else "lambda"

    trust = ROLES.properties(role)["AssumeRolePolicyDocument"]["Statement"]

    assert trust == [
        {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]


@every_role
def test_no_action_is_a_pattern(role: str) -> None:
    assert [action for action in actions(role) if "*" in action] == []


@every_role
def test_every_write_names_its_resource(role: str) -> None:
    anywhere = {
        action
        for statement in statements(role)
        if "*" in statement.resources
        for action in statement.actions
        if not any(fnmatch.fnmatch(action, known) for known in RESOURCELESS)
    }

    assert anywhere == set()


@every_role
def test_statements_allow_and_never_deny(role: str) -> None:
    for document in documents(role):
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            assert "NotAction" not in statement
            assert "NotResource" not in statement


@every_role
def test_the_policies_of_a_role_fit(role: str) -> None:
    text = json.dumps(documents(role), separators=(",", ":"))

    assert len(text) < 10_240


def test_the_orchestrator_knows_no_recovery_technology() -> None:
    assert actions("OrchestrationRole", "drs", "ec2", "sts", "iam") == set()


def test_the_orchestrator_calls_its_two_peers() -> None:
    assert resources("OrchestrationRole", "lambda:InvokeFunction") == {
        alias_arn("ExecutionHandler"),
        alias_arn("QueryHandler"),
    }


def test_the_original_orchestrator_calls_nobody() -> None:
    assert actions("OriginalOrchestrationRole", "lambda") == set()


def test_the_handlers_call_the_execution_handler() -> None:
    only = {alias_arn("ExecutionHandler")}

    assert resources("QueryHandlerRole", "lambda:InvokeFunction") == only
    assert resources("ExecutionHandlerRole", "lambda:InvokeFunction") == only


def test_the_state_machine_calls_both_orchestrators_and_itself() -> None:
    assert resources("StateMachineRole", "lambda:InvokeFunction") == {
        alias_arn("DrOrchestrationStepFunction"),
        alias_arn("OrchestrationStepFunctions"),
    }
    assert resources("StateMachineRole", "states:StartExecution") == {
        machine_arn("stateMachine")
    }


def machine_arn(kind: str) -> str:
    """Return the ARN of the state machine, or of its executions."""
    machine = templates.template("statemachine").properties(
        "DROrchestrationStateMachine"
    )
    name = templates.text(machine["StateMachineName"])
    return (
        "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
        f":{kind}:{name}"
    )


def test_the_state_machine_may_do_what_its_tasks_need() -> None:
    needed = {
        "arn:aws:states:::lambda:invoke": "lambda:InvokeFunction",
        "arn:aws:states:::lambda:invoke.waitForTaskToken": (
            "lambda:InvokeFunction"
        ),
        "arn:aws:states:::states:startExecution": "states:StartExecution",
    }
    for state in templates.state_machine()["States"].values():
        if state["Type"] == "Task":
            assert needed[state["Resource"]] in actions("StateMachineRole")


def test_the_execution_handler_runs_this_state_machine_alone() -> None:
    role = "ExecutionHandlerRole"

    assert resources(role, "states:StartExecution") == {
        machine_arn("stateMachine")
    }
    for action in ("states:DescribeExecution", "states:StopExecution"):
        assert resources(role, action) == {f"{machine_arn('execution')}:*"}


RECORD_WRITES = (
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
)
# No code of theirs does it: who starts runs and waves takes locks and writes
# intents, and runs are changed by who carries them on.
NEVER = {
    "DataManagementRole": ("dynamodb:UpdateItem",),
    "OrchestrationRole": ("dynamodb:PutItem", "dynamodb:ConditionCheckItem"),
    "QueryHandlerRole": ("dynamodb:ConditionCheckItem",),
}


@pytest.mark.parametrize(
    "role", sorted(set(FUNCTION_ROLES.values()) - {TELLS, DEPLOYS})
)
@pytest.mark.parametrize("action", RECORD_WRITES)
def test_a_function_does_to_the_history_what_its_code_does(
    role: str, action: str
) -> None:
    history = table_arns("ExecutionHistoryTable")
    needed = action not in NEVER.get(role, ())

    assert (history <= resources(role, action)) is needed


@pytest.mark.parametrize(
    "role", sorted(set(FUNCTION_ROLES.values()) - {CONFIGURES})
)
def test_only_the_history_is_written(role: str) -> None:
    history = table_arns("ExecutionHistoryTable", indexes=True)
    writes = (*RECORD_WRITES[1:], "dynamodb:BatchWriteItem")

    for action in writes:
        assert resources(role, action) <= history


@pytest.mark.parametrize("action", RECORD_WRITES)
def test_groups_plans_and_accounts_are_written_by_their_handler(
    action: str,
) -> None:
    tables = (
        "ProtectionGroupsTable",
        "RecoveryPlansTable",
        "TargetAccountsTable",
    )
    reached = resources(CONFIGURES, action)

    for table in tables:
        written = action != "dynamodb:UpdateItem"
        assert (table_arns(table) <= reached) is written


def test_the_frontend_deployer_has_no_rights_of_its_own() -> None:
    assert actions(DEPLOYS) == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


def test_the_notification_formatter_publishes_and_does_nothing_else() -> None:
    assert actions(TELLS) == {
        "sns:Publish",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


def test_the_data_management_handler_launches_and_ends_nothing() -> None:
    assert actions(CONFIGURES, "drs") == {
        "drs:DescribeJobs",
        "drs:DescribeRecoveryInstances",
        "drs:DescribeSourceServers",
        "drs:GetLaunchConfiguration",
        "drs:TagResource",
        "drs:UpdateLaunchConfiguration",
    }
    assert actions(CONFIGURES, "states", "sns") == set()
    itself = {alias_arn("DataManagementHandler")}
    assert resources(CONFIGURES, "lambda:InvokeFunction") == itself


def test_the_data_management_handler_looks_up_what_a_group_may_name() -> None:
    assert actions(CONFIGURES, "iam") == {
        "iam:GetInstanceProfile",
        "iam:ListInstanceProfiles",
    }
    assert actions(CONFIGURES, "ec2") >= {
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
    }


@pytest.mark.parametrize(
    "role",
    ["ExecutionHandlerRole", "OriginalOrchestrationRole", "QueryHandlerRole"],
)
def test_indexes_are_queried_by_their_names(role: str) -> None:
    indexes = table_arns("ExecutionHistoryTable", indexes=True)

    assert resources(role, "dynamodb:Query") >= indexes


@every_role
def test_a_role_reaches_tables_by_their_arns(role: str) -> None:
    known = set().union(
        *(
            table_arns(table, indexes=True)
            for table in templates.template("tables").resources(
                "DynamoDB::Table"
            )
        )
    )

    for action in actions(role, "dynamodb"):
        assert resources(role, action) <= known


def test_the_query_handler_never_changes_anything_in_drs_or_ec2() -> None:
    reads = ("Describe", "Get", "List")

    found = actions("QueryHandlerRole", "drs", "ec2", "iam", "organizations")

    assert found
    assert {a for a in found if not a.split(":")[1].startswith(reads)} == set()


def test_the_original_orchestrator_launches_as_the_handlers_do() -> None:
    """Everything of DRS, EC2 and STS, but for the ending of instances."""
    services = ("drs", "ec2", "iam", "servicequotas", "sts")

    assert actions("OriginalOrchestrationRole", *services) == actions(
        "ExecutionHandlerRole", *services
    ) - {"drs:TerminateRecoveryInstances"}


def test_the_launching_roles_hold_what_a_launch_needs() -> None:
    for role in ("ExecutionHandlerRole", "OriginalOrchestrationRole"):
        assert actions(role, "drs") >= {
            "drs:DescribeJobs",
            "drs:DescribeSourceServers",
            "drs:StartRecovery",
            "drs:TagResource",
            "drs:UpdateLaunchConfiguration",
        }


def test_the_polls_of_drs_are_allowed_to_who_polls() -> None:
    for role in ("QueryHandlerRole", "OriginalOrchestrationRole"):
        assert actions(role, "drs", "ec2") >= {
            "drs:DescribeJobLogItems",
            "drs:DescribeJobs",
            "drs:DescribeRecoveryInstances",
            "drs:DescribeSourceServers",
            "ec2:DescribeInstances",
        }


@every_role
def test_other_roles_are_assumed_by_their_name(role: str) -> None:
    assert resources(role, "sts:AssumeRole") <= {
        "arn:${AWS::Partition}:iam::*:role/DRSOrchestrationRole"
    }


@every_role
def test_roles_are_passed_to_drs_and_ec2_only(role: str) -> None:
    for statement in statements(role):
        if "iam:PassRole" in statement.actions:
            assert statement.condition == {
                "StringEquals": {
                    "iam:PassedToService": [
                        "drs.amazonaws.com",
                        "ec2.amazonaws.com",
                    ]
                }
            }


@every_role
def test_instances_are_changed_only_by_drs_in_our_name(role: str) -> None:
    for statement in statements(role):
        if statement.actions & {"ec2:RunInstances", "ec2:TerminateInstances"}:
            assert statement.condition == {
                "Bool": {"aws:ViaAWSService": "true"}
            }


@pytest.mark.parametrize("function", sorted(FUNCTION_ROLES))
def test_a_function_writes_its_own_logs(function: str) -> None:
    logs = templates.text(
        FUNCTIONS.properties(f"{function}Logs")["LogGroupName"]
    )
    arn = (
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
        f":log-group:{logs}"
    )

    found = resources(FUNCTION_ROLES[function], "logs:PutLogEvents")

    assert found == {arn, f"{arn}:*"}


@pytest.mark.parametrize(
    "role", sorted(set(FUNCTION_ROLES.values()) - {CONFIGURES, DEPLOYS})
)
def test_a_function_publishes_to_our_topics_only(role: str) -> None:
    topics = templates.template("topics").resources("SNS::Topic").values()

    assert resources(role, "sns:Publish") == {
        "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:"
        + templates.text(topic["Properties"]["TopicName"])
        for topic in topics
    }


@pytest.mark.parametrize(
    "role",
    [
        "ExecutionHandlerRole",
        "DataManagementRole",
        "NotificationRole",
        "DeployerRole",
    ],
)
def test_undelivered_work_may_be_kept(role: str) -> None:
    queue = FUNCTIONS.properties("DeadLetterQueue")["QueueName"]

    assert resources(role, "sqs:SendMessage") == {
        "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"
        + templates.text(queue)
    }


@every_role
def test_the_arn_of_a_role_is_an_output(role: str) -> None:
    assert ROLES.outputs[f"{role}Arn"]["Value"] == {
        "Fn::GetAtt": [role, "Arn"]
    }
