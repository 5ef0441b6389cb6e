"""Schedules in whole hours."""

import pytest

from shared.domain.schedule import Schedule, every, said_changed


@pytest.mark.parametrize("hours", [1, 2, 24])
def test_an_interval_is_read_as_it_is_written(hours: int) -> None:
    assert Schedule(enabled=True, expression=every(hours)).hours == hours


@pytest.mark.parametrize(
    "expression", ["", "rate(5 minutes)", "cron(0 3 * * ? *)", "rate(1 day)"]
)
def test_other_schedules_have_no_hours(expression: str) -> None:
    assert Schedule(enabled=True, expression=expression).hours is None


def test_a_description_says_when_and_by_whom_it_was_changed() -> None:
    text = said_changed("Does it.", "2026-01-01T12:00:00Z", "änn" * 300)
    schedule = Schedule(enabled=True, expression="", description=text)

    assert schedule.changed_at == "2026-01-01T12:00:00Z"
    assert len(text) <= 512
    assert text.isascii()
    assert Schedule(enabled=True, expression="").changed_at is None
