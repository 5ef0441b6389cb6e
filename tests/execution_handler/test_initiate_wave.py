"""Launching a wave's servers by the intents that allow it."""

import pytest

from execution_handler.initiate_wave import (
    find_wave,
    initiate_wave,
    start_drs_recovery_with_retry,
)
from execution_handler.launch import Launcher
from shared.domain.errors import BadRequest
from tests.execution_handler.bench import KEY, PLAN, REGION, Bench


@pytest.fixture
def bench() -> Bench:
    """Return a bench whose wave is started, with one intent."""
    bench = Bench()
    bench.has_group("db", 2)
    bench.runs({"protectionGroupId": "db"})
    bench.start()
    return bench


def launcher_of(bench: Bench) -> Launcher:
    ports = bench.ports()
    return Launcher(
        key=KEY,
        is_drill=True,
        region=ports.region({}, REGION),
        executions=bench.executions,
        clock=bench.clock,
        deadline=ports.deadline,
    )


@pytest.mark.parametrize(
    ("servers", "region"),
    [
        (["s-00000000000000001"], REGION),
        (["s-00000000000000001", "s-00000000000000002"], "eu-west-1"),
    ],
)
def test_nothing_is_launched_that_was_not_intended(
    bench: Bench, servers: list[str], region: str
) -> None:
    (intent,) = bench.intents
    before = len(bench.drs.calls_of("StartRecovery"))

    with pytest.raises(BadRequest):
        start_drs_recovery_with_retry(
            servers, region, intent=intent, launcher=launcher_of(bench)
        )

    assert len(bench.drs.calls_of("StartRecovery")) == before


def test_a_wave_that_is_launched_is_returned_with_its_jobs(
    bench: Bench,
) -> None:
    wave = bench.plans.plan(PLAN).wave(0)

    initiated = initiate_wave(
        wave,
        KEY.execution_id,
        REGION,
        plan_id=PLAN,
        is_drill=True,
        ports=bench.ports(),
    )

    assert initiated is not None
    assert initiated.waiting is None
    assert len(initiated.found.entry.job_ids) == 1
    assert len(bench.drs.jobs_started) == 1


def test_a_wave_is_launched_by_its_fixed_arguments(bench: Bench) -> None:
    wave = bench.plans.plan(PLAN).wave(0)

    initiated = initiate_wave(
        wave, KEY.execution_id, REGION, ports=bench.ports()
    )

    assert initiated is not None
    assert len(initiated.found.entry.job_ids) == 1


def test_a_wave_without_an_entry_is_not_there(bench: Bench) -> None:
    assert find_wave(KEY, 7, bench.ports()) is None
