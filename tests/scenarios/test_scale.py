"""The largest and the longest runs end well, within every bound."""

from collections.abc import Callable
from functools import cache

import pytest

from shared.domain.status import Status
from tests.scenarios import scale
from tests.scenarios.scale import Figures

MOST_EVENTS = 5_000
MOST_PAYLOAD = 65_536
MOST_ITEM = 307_200
UTILISATION = 0.95


@cache
def made(run: Callable[[], Figures]) -> Figures:
    """Return the figures of a run that is made once."""
    return run()


ONE_WAVE = [scale.equal_times, scale.fewer_random_times]
EVERY = [*ONE_WAVE, scale.long_wave, scale.long_pause]


@pytest.mark.parametrize("run", EVERY)
def test_every_run_completes_within_the_bounds(
    run: Callable[[], Figures],
) -> None:
    figures = made(run)

    assert figures.record.status is Status.COMPLETED
    assert figures.history <= MOST_EVENTS
    assert figures.payload <= MOST_PAYLOAD
    assert figures.item <= MOST_ITEM


@pytest.mark.parametrize("run", ONE_WAVE)
def test_a_wave_above_the_quotas_uses_them_to_95_percent(
    run: Callable[[], Figures],
) -> None:
    figures = made(run)

    outcome = figures.record.outcome
    assert outcome["launched"] == outcome["servers"] >= 1_000
    assert figures.seconds <= figures.least_seconds / UTILISATION


def test_no_reader_of_a_large_run_misses_a_server() -> None:
    figures = made(scale.equal_times)

    body = figures.world.operate(
        "get_execution", executionId=figures.record.execution_id
    )

    (wave,) = body["waves"]
    assert len(wave["serverIds"]) == scale.SERVERS
    assert {one["launchStatus"] for one in wave["serverStatuses"]} == {
        "LAUNCHED"
    }


def test_a_wave_of_a_week_is_polled_once_a_minute() -> None:
    figures = made(scale.long_wave)

    assert figures.seconds >= 7 * scale.DAY
    assert figures.polls <= 7 * scale.DAY / 55
    assert figures.machines <= 25


def test_nothing_is_polled_during_a_pause() -> None:
    figures = made(scale.long_pause)

    assert figures.seconds >= 30 * scale.DAY
    assert figures.polls <= 150
    assert figures.machines == 1
