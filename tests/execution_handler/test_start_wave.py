"""Starting a wave: what the record and its entry allow."""

import pytest
from msgspec.structs import replace

from execution_handler.start_wave import start_wave_recovery
from shared.domain.errors import BadRequest, Unavailable
from shared.domain.execution import to_wire
from shared.domain.ports import ServerKey
from shared.domain.record import Change, Key
from shared.domain.status import RunStatus, Status, WaveStatus
from tests.execution_handler.bench import KEY, Bench
from tests.support.fake_drs import HUB, server_id

WAVES = ({"protectionGroupId": "db"}, {"protectionGroupId": "db"})


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.has_group("db", 2)
    bench.runs(*WAVES)
    return bench


def wave_becomes(bench: Bench, status: WaveStatus) -> None:
    bench.executions.commit(
        bench.record, Change(wave=replace(bench.entry(), status=status))
    )


@pytest.mark.parametrize(
    "event", [{}, {"state": {}}, {"state": {}, "wave_number": "0"}]
)
def test_a_start_needs_state_and_number(
    bench: Bench, event: dict[str, object]
) -> None:
    with pytest.raises(BadRequest):
        start_wave_recovery(event, bench.ports())


def test_a_wave_is_not_started_before_the_run_began() -> None:
    bench = Bench()
    bench.has_group("db", 1)
    bench.runs(*WAVES, status=Status.PENDING)

    with pytest.raises(Unavailable):
        bench.start()

    assert bench.drs.jobs_started == []


def test_a_skipped_wave_is_passed(bench: Bench) -> None:
    bench.start()
    wave_becomes(bench, WaveStatus.SKIPPED)

    state = bench.start()

    assert state.wave_completed
    assert state.status is RunStatus.RUNNING


@pytest.mark.parametrize(
    ("wave", "status"),
    [
        (WaveStatus.COMPLETED, RunStatus.RUNNING),
        (WaveStatus.FAILED, RunStatus.FAILED),
    ],
)
def test_a_wave_that_has_ended_is_mirrored(
    bench: Bench, wave: WaveStatus, status: RunStatus
) -> None:
    bench.start()
    wave_becomes(bench, wave)

    state = bench.start()

    assert state.status is status
    assert state.wave_completed
    assert len(bench.drs.jobs_started) == 1


@pytest.mark.parametrize("status", [Status.CANCELLING, Status.TIMEOUT])
def test_a_run_that_has_ended_starts_nothing(
    bench: Bench, status: Status
) -> None:
    bench.becomes(status)

    state = bench.start()

    assert state.status in (RunStatus.CANCELLED, RunStatus.TIMEOUT)
    assert bench.record.waves == ()
    assert bench.drs.jobs_started == []


def test_a_server_that_another_execution_holds_fails_alone(
    bench: Bench,
) -> None:
    bench.locks.reserve(
        Key("exec-9", "plan-9"),
        [ServerKey(HUB, "us-east-1", server_id(1))],
        0,
        bench.clock.now(),
        record_exists=False,
    )

    bench.start()

    (job,) = bench.drs.jobs_started
    (failed,) = [s for s in bench.entry().server_statuses if s.error_code]
    assert failed.error_code == "SERVER_CONFLICT"
    assert "exec-9" in failed.error
    assert job.server_ids == {server_id(2)}


def test_a_group_that_is_gone_fails_the_wave(bench: Bench) -> None:
    bench.groups.forget("db")

    state = bench.start()

    assert state.error_code == "PROTECTION_GROUP_NOT_FOUND"
    assert bench.entry().status is WaveStatus.FAILED
    assert bench.record.status is Status.FAILED


def test_a_wave_that_goes_on_after_a_failure_is_completed(
    bench: Bench,
) -> None:
    bench.runs({**WAVES[0], "onFailure": "continue"}, WAVES[1])
    bench.groups.forget("db")

    state = bench.start()

    assert state.status is RunStatus.RUNNING
    assert state.wave_completed
    assert bench.record.status is Status.RUNNING


def test_a_repeated_start_gives_the_same_state(bench: Bench) -> None:
    first = bench.start()
    revision = bench.record.revision

    assert to_wire(bench.start()) == to_wire(first)
    assert bench.record.revision == revision
    assert bench.executions.intents(KEY)[0].attempt == 1
