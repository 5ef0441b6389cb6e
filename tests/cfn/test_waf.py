"""The firewalls: what they stand before, and what they keep out."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import templates

WAF = templates.template("waf")
CONSOLE = templates.template("console")
MAIN = templates.template("main")
BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
COMMON = "AWSManagedRulesCommonRuleSet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """A firewall, and the groups of AWS's rules that it is to have."""

    template: templates.Template
    name: str
    scope: str
    groups: set[str]

    @property
    def properties(self) -> dict[str, Any]:
        """Return what the template says of it."""
        return self.template.properties(self.name)

    @property
    def rules(self) -> dict[str, Any]:
        """Return its rules by their names."""
        return {rule["Name"]: rule for rule in self.properties["Rules"]}


OF_THE_API = Firewall(
    template=WAF,
    name="ApiFirewall",
    scope="REGIONAL",
    groups={COMMON, BAD_INPUTS},
)
OF_THE_CONSOLE = Firewall(
    template=CONSOLE,
    name="ConsoleFirewall",
    scope="CLOUDFRONT",
    groups={BAD_INPUTS},
)
every_firewall = pytest.mark.parametrize(
    "firewall", [OF_THE_API, OF_THE_CONSOLE], ids=lambda each: each.name
)


@every_firewall
def test_what_no_rule_keeps_out_comes_in(
    firewall: Firewall,
) -> None:
    assert firewall.properties["Scope"] == firewall.scope
    assert firewall.properties["DefaultAction"] == {"Allow": {}}


@every_firewall
def test_an_address_that_asks_too_often_is_blocked(
    firewall: Firewall,
) -> None:
    rate = firewall.rules["rate"]

    assert rate["Action"] == {"Block": {}}
    assert rate["Statement"] == {
        "RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}
    }


@every_firewall
def test_the_rest_are_groups_of_aws_that_decide_themselves(
    firewall: Firewall,
) -> None:
    rest = [rule for rule in firewall.rules.values() if rule["Name"] != "rate"]
    statements = [
        rule["Statement"]["ManagedRuleGroupStatement"] for rule in rest
    ]

    assert {each["Name"] for each in statements} == firewall.groups
    assert {each["VendorName"] for each in statements} == {"AWS"}
    assert [rule["OverrideAction"] for rule in rest] == [
        {"None": {}} for _ in rest
    ]


@every_firewall
def test_the_rules_have_an_order_and_are_measured(
    firewall: Firewall,
) -> None:
    found = list(firewall.rules.values())

    assert [rule["Priority"] for rule in found] == list(range(len(found)))
    for each in (firewall.properties, *found):
        assert each["VisibilityConfig"]["CloudWatchMetricsEnabled"] is True


def test_large_bodies_reach_the_api() -> None:
    group = OF_THE_API.rules["common"]["Statement"][
        "ManagedRuleGroupStatement"
    ]

    assert group["RuleActionOverrides"] == [
        {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    ]


def test_the_first_stands_before_the_stage_that_is_served() -> None:
    association = WAF.properties("ApiFirewallAssociation")
    stack = MAIN.body["Resources"]["WafStack"]
    handed = stack["Properties"]["Parameters"]
    outputs = templates.template("api").outputs

    assert association["WebACLArn"] == {"Fn::GetAtt": ["ApiFirewall", "Arn"]}
    assert templates.text(association["ResourceArn"]) == (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${ApiId}"
        "/stages/${ApiStageName}"
    )
    assert stack["Condition"] == "WithWaf"
    for name in ("ApiId", "ApiStageName"):
        assert handed[name] == {"Fn::GetAtt": ["ApiStack", f"Outputs.{name}"]}
    (stage,) = templates.template("api").resources("ApiGateway::Stage")
    assert outputs["ApiStageName"]["Value"] == {"Ref": stage}


def test_the_second_stands_before_the_distribution_where_it_may() -> None:
    config = CONSOLE.properties("Distribution")["DistributionConfig"]

    assert config["WebACLId"] == {
        "Fn::If": [
            "WithFirewall",
            {"Fn::GetAtt": ["ConsoleFirewall", "Arn"]},
            {"Ref": "AWS::NoValue"},
        ]
    }
    assert CONSOLE.body["Conditions"]["WithFirewall"] == {
        "Fn::And": [
            {"Fn::Equals": [{"Ref": "EnableWaf"}, "true"]},
            {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
        ]
    }


def test_both_are_one_choice() -> None:
    handed = MAIN.properties("ConsoleStack")["Parameters"]

    assert handed["EnableWaf"] == {"Ref": "EnableWaf"}
    assert MAIN.body["Conditions"]["WithWaf"] == {
        "Fn::Equals": [{"Ref": "EnableWaf"}, "true"]
    }
