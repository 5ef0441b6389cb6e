"""The schedule by which tags are copied."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import HandlerUnavailable
from shared.domain.schedule import Schedule
from tests.data_management_handler.desk import Desk
from tests.support.fakes import FakeRule

GET = "get_tag_sync_settings"
UPDATE = "update_tag_sync_settings"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_state_of_the_schedule_is_shown(desk: Desk) -> None:
    assert desk.asks(GET) == {
        "enabled": True,
        "intervalHours": 1,
        "scheduleExpression": "rate(1 hour)",
        "ruleName": "dro-tag-sync-test",
        "lastModified": None,
    }


def test_a_schedule_of_another_form_has_no_hours(desk: Desk) -> None:
    desk.rule.schedule = Schedule(enabled=True, expression="cron(0 3 * * ? *)")

    assert desk.asks(GET)["intervalHours"] is None


@pytest.mark.parametrize(
    ("hours", "expression"),
    [(1, "rate(1 hour)"), (2, "rate(2 hours)"), (24, "rate(24 hours)")],
)
def test_the_interval_is_changed(
    desk: Desk, hours: int, expression: str
) -> None:
    reply = desk.asks(UPDATE, enabled=True, intervalHours=hours)

    assert desk.rule.schedule.expression == expression
    assert (reply["intervalHours"], reply["enabled"]) == (hours, True)
    assert reply["lastModified"] == "2026-01-01T12:00:00Z"
    assert desk.asks(GET)["lastModified"] == "2026-01-01T12:00:00Z"
    assert "ann@example.com" in desk.rule.schedule.description


def test_switching_on_begins_with_a_sync_of_every_account(
    desk: Desk,
) -> None:
    reply = desk.asks(UPDATE, enabled=True)

    assert reply["syncTriggered"] is True
    assert reply["syncResult"] == {"status": "started"}
    work = desk.worker.take()
    assert work["operation"] == "handle_drs_tag_sync"
    assert "body" not in work
    [entry] = desk.trail.entries
    assert entry.resource_id == "dro-tag-sync-test"
    assert entry.changes["enabled"]["new"] is True


def test_switching_off_keeps_the_interval_and_syncs_nothing(
    desk: Desk,
) -> None:
    desk.asks(UPDATE, enabled=True, intervalHours=6)
    desk.worker.take()

    reply = desk.asks(UPDATE, enabled=False)

    assert (reply["enabled"], reply["intervalHours"]) == (False, 6)
    assert (reply["syncTriggered"], reply["syncResult"]) == (False, None)
    assert desk.worker.sent == []


def test_a_sync_that_cannot_be_handed_over_is_told(desk: Desk) -> None:
    class Shut:
        def later(self, payload: object) -> None:
            raise HandlerUnavailable("nobody is there")

    ports = replace(desk.ports(), worker=Shut())

    reply = desk.asks_with(ports, UPDATE, enabled=True)

    assert reply["syncTriggered"] is False
    assert reply["syncResult"]["status"] == "failed"
    assert desk.rule.schedule.enabled is True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MISSING_BODY"),
        ({"intervalHours": 3}, "MISSING_FIELD"),
        ({"enabled": "yes"}, "INVALID_TYPE"),
        ({"enabled": True, "intervalHours": "3"}, "INVALID_TYPE"),
        ({"enabled": True, "intervalHours": True}, "INVALID_TYPE"),
        ({"enabled": True, "intervalHours": 0}, "INVALID_FORMAT"),
        ({"enabled": True, "intervalHours": 25}, "INVALID_FORMAT"),
    ],
)
def test_bad_input_changes_nothing(
    desk: Desk, body: dict[str, Any], code: str
) -> None:
    before = desk.rule.schedule

    assert desk.refuses(UPDATE, **body).code == code
    assert desk.rule.schedule == before


def test_an_installation_without_the_rule_says_so(desk: Desk) -> None:
    desk.rule = FakeRule(exists=False)

    assert desk.refuses(GET).code == "RULE_NOT_FOUND"
    assert desk.refuses(UPDATE, enabled=True).code == "RULE_NOT_FOUND"
