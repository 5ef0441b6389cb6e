"""The largest waves end well, within every bound."""

from collections.abc import Callable

import pytest

from shared.domain.status import Status
from tests.scenarios import scale
from tests.scenarios.scale import Figures, made

UTILISATION = 0.95

EVERY = pytest.mark.parametrize("run", [scale.equal_times, scale.random_times])


@EVERY
def test_a_wave_above_the_quotas_completes_within_the_bounds(
    run: Callable[[], Figures],
) -> None:
    figures = made(run)

    assert figures.record.status is Status.COMPLETED
    assert figures.record.outcome["launched"] == scale.SERVERS
    assert figures.is_within_bounds


@EVERY
def test_a_wave_above_the_quotas_uses_them_to_95_percent(
    run: Callable[[], Figures],
) -> None:
    figures = made(run)

    assert figures.seconds <= figures.least_seconds / UTILISATION


@EVERY
def test_no_job_is_asked_for_that_the_quotas_refuse(
    run: Callable[[], Figures],
) -> None:
    drs = made(run).world.drs

    assert len(drs.calls_of("StartRecovery")) == len(drs.jobs_started)


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
