"""Skipping a wave: what is allowed, what is written, who wins."""

from typing import Any

import pytest
from msgspec.structs import replace

from execution_handler.control import resume
from execution_handler.skip_wave import skip_wave
from shared.domain.errors import DrError
from shared.domain.ports import ServerKey
from shared.domain.record import Change, Reserved
from shared.domain.status import ACTIVE, TERMINAL, Status, WaveStatus
from tests.execution_handler.bench import KEY, REGION, Bench
from tests.support.fake_drs import HUB
from tests.support.fakes import NOON

WAVES = ({"protectionGroupId": "db"}, {"protectionGroupId": "web"})
ME = {
    "executionId": KEY.execution_id,
    "waveNumber": 1,
    "reason": "the web tier is rebuilt by hand",
    "initiatedBy": "ann",
}


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.has_group("db", 1)
    bench.has_group("web", 2)
    bench.runs(*WAVES)
    return bench


def skip(bench: Bench, **more: Any) -> dict[str, Any]:
    return skip_wave({**ME, **more}, bench.ports())


def refusal(bench: Bench, **more: Any) -> DrError:
    before = dict(bench.executions.items)
    with pytest.raises(DrError) as caught:
        skip(bench, **more)
    assert bench.executions.items == before
    return caught.value


def reserved(bench: Bench) -> list[str]:
    return [key[0] for key in bench.executions.items if "server-" in key[0]]


def reserve(bench: Bench, wave: int, *servers: str) -> None:
    """Note and take servers as a start does."""
    record = bench.record
    mine = Reserved(wave_number=wave, server_ids=servers, region=REGION)
    noted = bench.executions.commit(
        record, Change(set={"reserved": (*record.reserved, mine)})
    )
    assert noted is not None
    keys = [ServerKey(HUB, REGION, server) for server in servers]
    bench.locks.reserve(KEY, keys, wave, NOON, record_exists=True)


def test_a_skip_is_in_the_record_with_its_reason_and_who_said_so(
    bench: Bench,
) -> None:
    reply = skip(bench, satisfied=True)

    entry = bench.entry(1)
    assert entry.status is WaveStatus.SKIPPED
    assert entry.status_message == ME["reason"]
    assert entry.satisfied
    assert entry.skipped_by == "ann"
    assert entry.is_final and entry.end_time == NOON
    assert bench.record.entered_waves == {1}
    assert bench.record.status is Status.RUNNING
    assert reply["waveNumber"] == 1
    assert reply["waveStatus"] == "SKIPPED"
    assert reply["status"] == "RUNNING"
    assert reply["satisfied"] is True


def test_a_repeat_answers_the_same_and_writes_nothing(bench: Bench) -> None:
    first = skip(bench)
    revision = bench.record.revision

    assert skip(bench, reason="again", satisfied=True) == first
    assert bench.record.revision == revision


def test_a_repeat_after_the_end_still_answers(bench: Bench) -> None:
    skip(bench)
    bench.becomes(Status.PARTIAL)

    assert skip(bench)["status"] == "PARTIAL"


@pytest.mark.parametrize("large", [False, True])
def test_the_reservations_of_the_wave_and_no_others_are_released(
    large: bool,
) -> None:
    bench = Bench()
    (db,) = bench.has_group("db", 1)
    web = bench.has_group("web", 2)
    bench.runs(*WAVES, large=large)
    reserve(bench, 0, db)
    reserve(bench, 1, *web)

    skip(bench)

    assert reserved(bench) == [f"server-lock-{HUB}-{REGION}-{db}"]
    noted = bench.executions.reserved(bench.record)
    assert [len(group.server_ids) for group in noted] == [1, 2]


def test_a_skip_whose_release_was_lost_releases_when_it_is_repeated(
    bench: Bench,
) -> None:
    web = [f"s-{n:017}" for n in (2, 3)]
    skip(bench)
    reserve(bench, 1, *web)

    skip(bench)

    assert reserved(bench) == []


@pytest.mark.parametrize(
    "status", sorted(ACTIVE - {Status.CANCELLING, Status.PENDING})
)
def test_an_active_run_lets_its_waves_be_skipped(
    bench: Bench, status: Status
) -> None:
    bench.executions.has(replace(bench.record, status=status))

    assert skip(bench)["status"] == status


@pytest.mark.parametrize("status", sorted(TERMINAL | {Status.CANCELLING}))
def test_a_run_that_ends_or_has_ended_skips_nothing(
    bench: Bench, status: Status
) -> None:
    bench.becomes(status)

    assert refusal(bench).code == "WAVE_NOT_SKIPPABLE"


def test_a_wave_that_has_started_is_not_skipped(bench: Bench) -> None:
    bench.start(0)

    assert refusal(bench, waveNumber=0).code == "WAVE_NOT_SKIPPABLE"
    assert skip(bench)["waveStatus"] == "SKIPPED"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"executionId": "other"}, "EXECUTION_NOT_FOUND"),
        ({"executionId": " "}, "MISSING_FIELD"),
        ({"waveNumber": 2}, "WAVE_NOT_FOUND"),
        ({"waveNumber": -1}, "WAVE_NOT_FOUND"),
        ({"waveNumber": None}, "MISSING_FIELD"),
        ({"waveNumber": "1"}, "INVALID_TYPE"),
        ({"waveNumber": True}, "INVALID_TYPE"),
        ({"reason": None}, "MISSING_FIELD"),
        ({"reason": "  "}, "MISSING_FIELD"),
        ({"reason": 7}, "INVALID_TYPE"),
        ({"reason": "x" * 501}, "INVALID_FORMAT"),
        ({"satisfied": "yes"}, "INVALID_TYPE"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    bench: Bench, fields: dict[str, Any], code: str
) -> None:
    assert refusal(bench, **fields).code == code


def test_a_start_that_comes_between_wins(bench: Bench) -> None:
    bench.executions.meanwhile(lambda: bench.start(1))

    with pytest.raises(DrError) as caught:
        skip(bench)

    assert caught.value.code == "WAVE_NOT_SKIPPABLE"
    assert bench.entry(1).status is not WaveStatus.SKIPPED
    assert len(bench.drs.jobs_started) == 1


@pytest.mark.parametrize("writes_before", [0, 1])
def test_a_skip_that_comes_between_wins_and_the_start_holds_nothing(
    bench: Bench, writes_before: int
) -> None:
    for _ in range(writes_before):
        bench.executions.meanwhile(lambda: None)
    bench.executions.meanwhile(lambda: skip(bench))

    state = bench.start(1)

    assert state.wave_completed
    assert bench.entry(1).status is WaveStatus.SKIPPED
    assert bench.drs.jobs_started == []
    assert reserved(bench) == []


def test_a_resume_names_the_wave_behind_the_skipped_one() -> None:
    bench = Bench()
    bench.has_group("db", 1)
    bench.runs(*[{"protectionGroupId": "db"}] * 3)
    skip(bench, waveNumber=0)
    bench.becomes(Status.PAUSED, paused_before_wave=1, task_token="token-1")
    skip(bench)

    reply = resume({"executionId": KEY.execution_id}, bench.ports())

    assert bench.record.status is Status.PAUSED
    assert reply["nextWave"] == 2


def test_a_resume_behind_the_last_wave_names_none(bench: Bench) -> None:
    bench.becomes(Status.PAUSED, paused_before_wave=1, task_token="token-1")
    skip(bench, waveNumber=0)
    skip(bench)

    reply = resume({"executionId": KEY.execution_id}, bench.ports())

    assert reply["nextWave"] is None
