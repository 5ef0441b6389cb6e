"""Runs of very many waves, of a week and of a month, within every bound."""

from shared.domain.status import Status
from tests.scenarios import scale
from tests.scenarios.scale import Figures, made


def check(figures: Figures) -> None:
    assert figures.record.status is Status.COMPLETED
    assert figures.is_within_bounds


def test_two_hundred_waves_of_four_thousand_servers_complete() -> None:
    figures = made(scale.many_waves)

    check(figures)
    assert figures.record.outcome["launched"] == scale.SERVERS
    assert len(figures.world.drs.jobs_started) == scale.WAVES
    calls = figures.world.drs.calls_of("StartRecovery")
    assert len(calls) == scale.WAVES


def test_a_wave_of_a_week_is_polled_once_a_minute() -> None:
    figures = made(scale.long_wave)

    check(figures)
    assert figures.seconds >= 7 * scale.DAY
    assert figures.polls <= 7 * scale.DAY / 55
    assert figures.machines <= 25


def test_nothing_is_polled_during_a_pause() -> None:
    figures = made(scale.long_pause)

    check(figures)
    assert figures.seconds >= 30 * scale.DAY
    assert figures.polls <= 150
    assert figures.machines == 1
