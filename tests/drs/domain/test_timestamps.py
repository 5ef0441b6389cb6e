"""Times as DRS writes them, and as we do."""

import time
from collections.abc import Iterator

import pytest

from drs.domain.timestamps import epoch, iso, iso_of_epoch, moment


@pytest.fixture(autouse=True, params=["UTC", "Asia/Tokyo"])
def machine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let the machine stand in London, then in Tokyo."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_time_without_a_zone_is_utc() -> None:
    assert moment("2026-01-01T12:00:00") == moment("2026-01-01T12:00:00Z")


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    assert iso("2026-01-01T14:00:00+02:00") == iso("2026-01-01T12:00:00Z")
    assert iso("2026-01-01T14:00:00+02:00").startswith("2026-01-01T12:00:00")


def test_seconds_are_written_in_utc_with_a_z() -> None:
    assert iso_of_epoch(1_767_268_800) == "2026-01-01T12:00:00Z"
    assert epoch("2026-01-01T12:00:00Z") == 1_767_268_800
