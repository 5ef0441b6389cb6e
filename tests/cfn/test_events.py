"""The events that call functions."""

import json
from typing import Any

import pytest

from tests.support import templates

EVENTS = templates.template("events")
RULES = EVENTS.resources("Events::Rule")
HANDLER = {"Ref": "ExecutionHandlerAliasArn"}
FORMATTER = {"Ref": "NotificationFormatterAliasArn"}
CONFIGURING = {"StagingSyncRule", "TagSyncRule"}
TELLING = {"LaunchFailureRule", "ReplicationStalledRule"}
every_rule = pytest.mark.parametrize("rule", sorted(RULES))


def the_target(rule: str) -> dict[str, Any]:
    """Return the one target of a rule."""
    (target,) = EVENTS.properties(rule)["Targets"]
    found: dict[str, Any] = target
    return found


@every_rule
def test_a_rule_calls_the_alias_of_its_function(rule: str) -> None:
    wanted = FORMATTER if rule in TELLING else HANDLER
    if rule in CONFIGURING:
        wanted = {"Ref": "DataManagementHandlerAliasArn"}

    assert the_target(rule)["Arn"] == wanted
    state = {"Ref": "DailyCleanUp"} if rule == "CleanUpRule" else "ENABLED"
    assert EVENTS.properties(rule)["State"] == state


def test_nothing_is_deleted_daily_unless_somebody_asks_for_it() -> None:
    parameter = templates.template("main").parameters["DailyCleanUp"]

    assert parameter["Default"] == "DISABLED"


@every_rule
def test_a_rule_may_call_its_target(rule: str) -> None:
    allowed = [
        resource["Properties"]
        for resource in EVENTS.resources("Lambda::Permission").values()
    ]

    assert {
        "FunctionName": the_target(rule)["Arn"],
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": {"Fn::GetAtt": [rule, "Arn"]},
    } in allowed


def test_nobody_else_may_call_it() -> None:
    assert len(EVENTS.resources("Lambda::Permission")) == len(RULES)


@every_rule
def test_what_a_rule_cannot_deliver_is_kept(rule: str) -> None:
    (statement,) = EVENTS.properties("DeadLetterQueuePolicy")[
        "PolicyDocument"
    ]["Statement"]

    assert the_target(rule)["DeadLetterConfig"] == {
        "Arn": {"Ref": "DeadLetterQueueArn"}
    }
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert {"Fn::GetAtt": [rule, "Arn"]} in (
        statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    )


def test_live_executions_are_looked_after_every_minute() -> None:
    rule = EVENTS.properties("FindRule")

    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert json.loads(the_target("FindRule")["Input"]) == {"operation": "find"}


def test_the_rule_of_tags_has_the_name_that_its_function_knows() -> None:
    name = EVENTS.properties("TagSyncRule")["Name"]
    function = templates.template("functions").properties(
        "DataManagementHandlerFunction"
    )

    known = function["Environment"]["Variables"]["TAG_SYNC_RULE_NAME"]
    assert known == name


def test_staging_accounts_are_synced_every_five_minutes() -> None:
    rule = EVENTS.properties("StagingSyncRule")

    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert json.loads(the_target("StagingSyncRule")["Input"]) == {
        "operation": "sync_staging_accounts"
    }


def test_the_bad_ends_of_our_state_machine_are_told() -> None:
    assert EVENTS.properties("ExecutionEndRule")["EventPattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [{"Ref": "StateMachineArn"}],
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        },
    }


def test_launch_results_of_drs_are_told() -> None:
    assert EVENTS.properties("LaunchResultRule")["EventPattern"] == {
        "source": ["aws.drs"],
        "detail-type": ["DRS Source Server Launch Result"],
        "detail": {
            "state": ["RECOVERY_LAUNCH_SUCCEEDED", "RECOVERY_LAUNCH_FAILED"]
        },
    }


def test_failed_launches_and_stalls_are_told_to_people() -> None:
    patterns = {
        rule: EVENTS.properties(rule)["EventPattern"] for rule in TELLING
    }

    assert patterns == {
        "LaunchFailureRule": {
            "source": ["aws.drs"],
            "detail-type": ["DRS Source Server Launch Result"],
            "detail": {"state": ["RECOVERY_LAUNCH_FAILED"]},
        },
        "ReplicationStalledRule": {
            "source": ["aws.drs"],
            "detail-type": [
                "DRS Source Server Data Replication Stalled Change"
            ],
            "detail": {"state": ["STALLED", "NOT_STALLED"]},
        },
    }


@pytest.mark.parametrize(
    "rule", ["ExecutionEndRule", "LaunchResultRule", *sorted(TELLING)]
)
def test_an_event_is_handed_on_as_it_came(rule: str) -> None:
    assert not {"Input", "InputPath", "InputTransformer"} & set(
        the_target(rule)
    )
