"""A policy may name the one rule of EventBridge that it is about."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.programs import ACCOUNT_ID, REGION
from tests.local_cloud.conftest import Start
from tests.local_cloud.world import Emulator, a_name

RULES = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule"


def a_keeper_of(emulator: Emulator, rule: str) -> Any:
    """Make a rule; answer a client that may look at it and change it."""
    emulator.client("events").put_rule(
        Name=rule, ScheduleExpression="rate(1 hour)"
    )
    role = emulator.a_role(
        ("events:DescribeRule", f"{RULES}/{rule}"),
        ("events:PutRule", f"{RULES}/{rule}"),
    )
    return emulator.client("events", emulator.a_session(role))


def test_a_rule_that_is_named_may_be_read_and_changed(
    emulator: Emulator,
) -> None:
    rule = a_name("rule")
    events = a_keeper_of(emulator, rule)

    events.put_rule(Name=rule, ScheduleExpression="rate(2 hours)")

    found = events.describe_rule(Name=rule)
    assert found["ScheduleExpression"] == "rate(2 hours)"


def test_another_rule_may_not(emulator: Emulator) -> None:
    events = a_keeper_of(emulator, a_name("rule"))
    other = a_name("rule")
    a_keeper_of(emulator, other)

    with pytest.raises(ClientError, match="AccessDenied"):
        events.describe_rule(Name=other)


def test_the_emulator_still_matches_no_rule(start_emulator: Start) -> None:
    rule = a_name("rule")
    events = a_keeper_of(start_emulator("events-iam"), rule)

    with pytest.raises(ClientError, match="AccessDenied"):
        events.describe_rule(Name=rule)
