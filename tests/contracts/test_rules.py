"""The schedule of a rule, in memory and in EventBridge."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from shared.aws.schedules import EventBridgeRule
from shared.domain.errors import BadRequest
from shared.domain.schedule import Rule, Schedule
from tests.support.fakes import FakeRule

NAME = "dro-tag-sync-test"


@pytest.fixture(params=["memory", "eventbridge"])
def rules(request: pytest.FixtureRequest) -> Iterator[tuple[Rule, Rule]]:
    """Yield a rule that is there and one that is not."""
    if request.param == "memory":
        yield FakeRule(), FakeRule(exists=False)
        return
    with mock_aws():
        client = boto3.client("events", region_name="us-east-1")
        client.put_rule(Name=NAME, ScheduleExpression="rate(1 hour)")
        yield EventBridgeRule(client, NAME), EventBridgeRule(client, "none")


def test_a_schedule_is_read_as_it_was_written(
    rules: tuple[Rule, Rule],
) -> None:
    rule, _ = rules
    wanted = Schedule(
        enabled=False, expression="rate(4 hours)", description="Changed."
    )

    before = rule.read()
    rule.write(wanted)

    assert rule.name == NAME
    assert before == Schedule(enabled=True, expression="rate(1 hour)")
    assert rule.read() == wanted


def test_a_rule_that_is_not_there_is_told(rules: tuple[Rule, Rule]) -> None:
    _, missing = rules

    with pytest.raises(BadRequest) as caught:
        missing.read()

    assert caught.value.code == "RULE_NOT_FOUND"
