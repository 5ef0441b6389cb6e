"""Events of DRS on their way from other accounts and Regions to the hub."""

import re
from typing import Any

import pytest

from tests.support import templates

TARGET = templates.template("target-account")
EVENTS = templates.template("events")
HUB = {"Ref": "HubEventBusArn"}
OWN_BUS = {
    "Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}"
    ":${AWS::AccountId}:event-bus/default"
}
RULE = TARGET.properties("DrsEventsRule")
ANSWERED = ("LaunchResultRule", "LaunchFailureRule", "ReplicationStalledRule")
POLICIES = EVENTS.resources("Events::EventBusPolicy")


def the_pattern(rule: str) -> dict[str, Any]:
    """Return what a rule of the hub takes."""
    pattern: dict[str, Any] = EVENTS.properties(rule)["EventPattern"]
    return pattern


def test_the_events_that_the_hub_answers_are_sent() -> None:
    sent = RULE["EventPattern"]
    taken = [the_pattern(rule) for rule in ANSWERED]

    assert all(one["source"] == sent["source"] for one in taken)
    types = {kind for one in taken for kind in one["detail-type"]}
    states = {state for one in taken for state in one["detail"]["state"]}
    assert types == set(sent["detail-type"])
    assert states == set(sent["detail"]["state"])


def test_the_hub_takes_them_whatever_account_and_region_they_name() -> None:
    for rule in ANSWERED:
        assert not {"account", "region"} & set(the_pattern(rule))


def test_nothing_that_came_from_elsewhere_is_sent_on() -> None:
    assert RULE["EventPattern"]["account"] == [{"Ref": "AWS::AccountId"}]
    assert RULE["EventPattern"]["region"] == [{"Ref": "AWS::Region"}]


def test_the_hub_itself_sends_nothing_to_itself() -> None:
    assert TARGET.body["Conditions"]["OutsideHub"] == {
        "Fn::Not": [{"Fn::Equals": [HUB, OWN_BUS]}]
    }
    for name in ("ForwardingRole", "DrsEventsRule"):
        assert TARGET.body["Resources"][name]["Condition"] == "OutsideHub"


def test_the_rule_has_one_target_the_bus_by_a_role_of_its_own() -> None:
    (target,) = RULE["Targets"]

    assert target["Arn"] == HUB
    assert target["RoleArn"] == {"Fn::GetAtt": ["ForwardingRole", "Arn"]}


def test_the_role_may_put_events_on_that_bus_and_nothing_else() -> None:
    role = TARGET.properties("ForwardingRole")
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert statement["Action"] == "events:PutEvents"
    assert statement["Resource"] == HUB
    assert "ManagedPolicyArns" not in role


def test_only_that_rule_may_take_the_role() -> None:
    role = TARGET.properties("ForwardingRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    rule = templates.text(trust["Condition"]["ArnEquals"]["aws:SourceArn"])

    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert rule.endswith(f":rule/{templates.text(RULE['Name'])}")
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"}
    }


@pytest.mark.parametrize(
    ("arn", "fits"),
    [
        ("arn:aws:events:us-east-1:111122223333:event-bus/default", True),
        ("arn:aws-cn:events:cn-north-1:111122223333:event-bus/a/b", True),
        ("arn:aws:events:us-east-1:111122223333:rule/default", False),
        ("arn:aws:events:us-east-1:1111:event-bus/default", False),
        ("default", False),
    ],
)
def test_the_hubs_bus_is_named_by_its_arn(arn: str, fits: bool) -> None:
    pattern = TARGET.parameters["HubEventBusArn"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, arn)) is fits


def test_nobody_may_send_events_unless_a_parameter_says_so() -> None:
    main = templates.template("main")
    conditions = EVENTS.body["Conditions"]

    assert {policy["Condition"] for policy in POLICIES.values()} == {
        "AdmitsAccounts",
        "AdmitsOrganization",
    }
    assert main.parameters["TargetAccountIds"]["Default"] == ""
    assert main.parameters["OrganizationId"]["Default"] == ""
    assert conditions["AdmitsOrganization"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "OrganizationId"}, ""]}]
    }


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_what_is_admitted_are_events_of_drs_on_the_default_bus(
    name: str,
) -> None:
    statement = EVENTS.properties(name)["Statement"]

    assert statement["Action"] == "events:PutEvents"
    assert statement["Resource"] == OWN_BUS
    assert statement["Condition"]["ForAllValues:StringEquals"] == {
        "events:source": "aws.drs"
    }


def test_accounts_are_admitted_by_name_and_an_organisation_by_its_id() -> None:
    accounts = EVENTS.properties("TargetAccountsBusPolicy")["Statement"]
    organization = EVENTS.properties("OrganizationBusPolicy")["Statement"]

    assert accounts["Principal"] == {"AWS": {"Ref": "TargetAccountIds"}}
    assert organization["Condition"]["StringEquals"] == {
        "aws:PrincipalOrgID": {"Ref": "OrganizationId"}
    }
