"""Crossing between waves when others write meanwhile."""

import dataclasses

import pytest
from msgspec.structs import replace

from shared.boundary import close_wave, cross, pause_before, start
from shared.domain.errors import HandlerFailed, Unavailable
from shared.domain.record import Change
from shared.domain.status import Event, Status, WaveStatus
from shared.run import cancel_now, end_run, settle_end
from tests.orchestration.peers import Stage
from tests.shared.builders import (
    KEY,
    a_plan,
    a_record,
    a_state,
    a_wave,
    an_entry,
    an_intent,
)


def test_a_crossing_decides_again_when_the_record_changed() -> None:
    plan = a_plan(a_wave(0), a_wave(1, pause_before_wave=True))
    stage = Stage(a_record(Status.POLLING, an_entry(0)), plan)
    stage.is_disturbed(3)

    state = cross(a_state(plan), stage.ports.boundary)

    assert state.paused_before_wave == 1
    assert stage.record.status is Status.PAUSED


def test_a_record_that_never_rests_is_unavailable() -> None:
    plan = a_plan(a_wave(0), a_wave(1, pause_before_wave=True))
    stage = Stage(a_record(Status.POLLING, an_entry(0)), plan)
    stage.is_disturbed(20)

    with pytest.raises(Unavailable, match="8 times"):
        cross(a_state(plan), stage.ports.boundary)
    with pytest.raises(Unavailable, match="8 times"):
        end_run(KEY, stage.ports.run)


def test_a_crossing_of_a_paused_run_answers_its_pause() -> None:
    stage = Stage(a_record(Status.PAUSED, paused_before_wave=2))

    state = cross(a_state(), stage.ports.boundary)

    assert (state.status, state.paused_before_wave) == ("paused", 2)
    assert stage.executions.commits == 0


def test_waves_that_are_passed_over_give_their_servers_back() -> None:
    plan = a_plan(
        a_wave(0, on_failure="continue"),
        a_wave(1, depends_on_waves=(0,)),
        a_wave(2),
    )
    stage = Stage(a_record(Status.POLLING, an_entry(0, WaveStatus.FAILED)))

    state = cross(a_state(plan), stage.ports.boundary)

    assert not any(f"{1:017}" in key for key in stage.locked)
    assert any(f"{2:017}" in key for key in stage.locked)
    assert [r["status"] for r in state.wave_results] == ["FAILED", "CANCELLED"]


def test_a_pause_is_refused_where_a_job_was_intended() -> None:
    entry = an_entry(0, WaveStatus.STARTED, intent_count=1)
    stage = Stage(a_record(Status.PAUSE_PENDING, entry))

    assert pause_before(stage.record, 0, stage.ports.run) is None


def test_a_pause_drops_the_entry_of_a_wave_without_jobs() -> None:
    entry = an_entry(0, WaveStatus.STARTED)
    stage = Stage(a_record(Status.PAUSE_PENDING, entry))

    paused = pause_before(stage.record, 0, stage.ports.run)

    assert paused is not None
    assert (paused.waves, paused.entered_waves) == ((), frozenset())


def test_a_pause_before_another_wave_is_kept() -> None:
    stage = Stage(a_record(Status.PAUSED, paused_before_wave=1))

    assert pause_before(stage.record, 2, stage.ports.run) is None
    assert pause_before(stage.record, 1, stage.ports.run) == stage.record


def test_a_start_whose_reply_is_about_another_run_has_failed() -> None:
    stage = Stage(a_record())
    stage.execution.adds(execution_id="other")

    with pytest.raises(HandlerFailed, match="other"):
        start(a_state(), 0, stage.ports.boundary)


def test_a_wave_is_not_closed_over_a_change_of_others() -> None:
    entry = an_entry(0)
    stage = Stage(a_record(Status.POLLING, an_entry(0, WaveStatus.STARTED)))
    read = stage.record
    stage.is_disturbed(1)

    assert close_wave(a_state(), read, entry, stage.ports.run) is None
    assert stage.notifier.events == []


def test_a_run_that_ends_keeps_the_servers_in_flight() -> None:
    stage = Stage(a_record(Status.POLLING, an_entry(0)))
    stage.executions.has_intent(KEY, an_intent())

    ended = end_run(KEY, stage.ports.run, event=Event.TIMED_OUT)
    stage.executions.has_intent(KEY, an_intent(settled_at=1))
    settled = settle_end(ended, stage.ports.run)

    assert ended.status is Status.TIMEOUT
    assert not ended.finalized_at
    assert settled.finalized_at
    assert stage.locked == []
    assert settle_end(settled, stage.ports.run) == settled
    assert stage.notifier.events == ["timeout"]


def test_a_run_that_ends_expires_where_executions_are_not_kept() -> None:
    stage = Stage(a_record(Status.POLLING))
    ports = dataclasses.replace(stage.ports.run, retention_days=30)

    ended = end_run(KEY, ports)

    assert ended.expires_at == ended.finalized_at + 30 * 24 * 3600


def test_a_run_that_is_not_final_does_not_expire() -> None:
    stage = Stage(a_record(Status.POLLING, an_entry(0)))
    stage.executions.has_intent(KEY, an_intent())
    ports = dataclasses.replace(stage.ports.run, retention_days=30)

    assert not end_run(KEY, ports).expires_at


def test_an_end_nobody_was_told_of_is_not_final() -> None:
    stage = Stage(a_record(Status.POLLING))
    stage.notifier.break_down()

    ended = end_run(KEY, stage.ports.run, reason="why", code="ODD")

    assert not ended.finalized_at
    assert (ended.error_message, ended.error_code) == ("why", "ODD")


def test_a_cancel_keeps_why_its_drain_gave_up() -> None:
    stage = Stage(a_record(Status.CANCELLING, outcome={"reason": "unread"}))

    cancelled = cancel_now(stage.record, Event.DRAINED, stage.ports.run)

    assert cancelled is not None
    assert cancelled.outcome["reason"] == "unread"


def test_a_cancel_is_refused_over_a_change_of_others() -> None:
    stage = Stage(a_record(Status.CANCELLING))
    read = stage.record
    stage.executions.commit(read, Change(set={"hurry_until": 1}))

    assert cancel_now(read, Event.DRAINED, stage.ports.run) is None
    assert stage.record.status is Status.CANCELLING


def test_a_wave_of_a_large_run_is_closed_without_lists_in_the_state() -> None:
    entry = an_entry(0)
    stage = Stage(
        a_record(Status.POLLING, an_entry(0, WaveStatus.STARTED), large=True)
    )
    state = replace(a_state(), large=True, waves=())

    closed = close_wave(state, stage.record, entry, stage.ports.run)

    assert closed is not None and closed.wave_completed
    assert (closed.wave_results, closed.recovery_instance_ids) == ((), ())
