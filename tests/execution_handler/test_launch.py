"""Launching exactly once: each rule of the launch protocol, one by one."""

from collections.abc import Callable
from typing import Any

import pytest

from drs.domain.intent_tags import intent_tags
from shared.domain.execution import Execution
from shared.domain.record import Change
from shared.domain.status import IntentState, RunStatus, Status, WaveStatus
from tests.execution_handler.bench import KEY, REGION, Bench

WAVE = {"protectionGroupId": "db", "waveName": "Database"}


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.has_group("db", 3)
    bench.runs(WAVE)
    return bench


def states(bench: Bench) -> list[str]:
    return [str(intent.intent_state) for intent in bench.intents]


def job_ids(bench: Bench) -> list[str]:
    return [job.job_id for job in bench.drs.jobs_started]


def dies_in_call(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first start die when its job is there, and say no more."""
    region = bench.ports().region({"accountId": ""}, REGION)
    start = region.start_recovery

    def died(*given: Any, **named: Any) -> str:
        start(*given, **named)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(region, "start_recovery", died)
        with pytest.raises(Died):
            bench.start()


class Died(Exception):
    """The platform ended the invocation."""


class TestIntend:
    """Step a."""

    def test_an_intent_precedes_the_call_and_names_its_servers(
        self, bench: Bench
    ) -> None:
        now = bench.clock.now()

        bench.start(seconds=200)

        (intent,) = bench.intents
        assert intent.server_ids == bench.entry().server_ids
        assert intent.attempt == 1
        assert intent.called_at == intent.created_at == now
        assert intent.lease_expiry == now + 205
        assert intent.region == REGION

    def test_the_job_carries_the_four_tags_of_its_intent(
        self, bench: Bench
    ) -> None:
        bench.start()

        (job,) = bench.drs.jobs_started
        assert intent_tags(*KEY, 0, 0).items() <= dict(job.tags).items()
        (call,) = bench.drs.calls_of("StartRecovery")
        assert call.request["isDrill"] is True

    @pytest.mark.parametrize(
        "status", [Status.CANCELLING, Status.FAILED, Status.PAUSE_PENDING]
    )
    def test_a_record_that_changes_before_the_intent_gets_none(
        self, bench: Bench, status: Status
    ) -> None:
        def wave_is_fixed() -> None:
            bench.executions.meanwhile(lambda: bench.becomes(status))

        bench.executions.meanwhile(wave_is_fixed)
        bench.executions.meanwhile(lambda: None)

        bench.start()

        assert bench.drs.calls_of("StartRecovery") == []
        assert bench.intents == []

    def test_a_pause_asked_before_the_first_intent_holds_the_wave(
        self, bench: Bench
    ) -> None:
        bench.becomes(Status.PAUSE_PENDING)

        state = bench.start()

        assert state.status is RunStatus.PAUSED
        assert state.paused_before_wave == 0
        assert bench.record.status is Status.PAUSED
        assert bench.drs.jobs_started == []

    def test_a_pause_asked_after_an_intent_does_not_hold_the_rest(
        self, bench: Bench
    ) -> None:
        bench.drs.has_quotas(servers_per_job=1, concurrent_jobs=1)
        bench.start()
        bench.becomes(Status.PAUSE_PENDING)
        bench.drs.has_quotas(servers_per_job=1, concurrent_jobs=3)
        bench.clock.at(bench.clock.now() + 3_601)

        bench.start()

        assert len(bench.drs.jobs_started) == 3
        assert bench.record.status is Status.PAUSE_PENDING

    def test_two_starts_at_once_make_one_job(self, bench: Bench) -> None:
        again: list[Execution] = []
        state = bench.state

        def other() -> None:
            again.append(bench.start())
            bench.state = state

        bench.executions.meanwhile(other)

        first = bench.start()

        assert len(bench.drs.jobs_started) == 1
        assert first.job_id == again[0].job_id

    def test_a_rival_between_the_entry_and_the_intent_makes_one_job(
        self, bench: Bench
    ) -> None:
        skip: Callable[[], object] = lambda: None
        for _ in range(2):
            bench.executions.meanwhile(skip)
        state = bench.state

        def other() -> None:
            bench.start()
            bench.state = state

        bench.executions.meanwhile(other)

        bench.start()

        assert len(bench.drs.jobs_started) == 1
        assert states(bench) == ["CONFIRMED"]


class TestEnter:
    """Step b."""

    def test_a_confirmed_intent_gives_its_job_again(
        self, bench: Bench
    ) -> None:
        first = bench.start()

        second = bench.start()

        assert second.job_ids == first.job_ids
        assert len(bench.drs.calls_of("StartRecovery")) == 1

    def test_a_live_lease_of_another_keeps_everybody_from_calling(
        self, bench: Bench
    ) -> None:
        bench.start()
        bench.has_intent(
            intent_state=IntentState.INTENT,
            job_id="",
            lease_expiry=bench.clock.now() + 100,
            wave_number=0,
            created_at=bench.clock.now() + 61,
        )

        state = bench.start()

        assert state.wave_start_pending
        assert len(bench.drs.calls_of("StartRecovery")) == 1

    def test_a_job_is_adopted_without_a_lease(self, bench: Bench) -> None:
        bench.start()
        bench.has_intent(
            intent_state=IntentState.INTENT,
            job_id="",
            lease_expiry=bench.clock.now() + 100,
        )

        state = bench.start()

        assert states(bench) == ["CONFIRMED"]
        assert state.job_ids == tuple(job_ids(bench))
        assert not state.wave_start_pending

    def test_an_expired_lease_is_taken_and_the_call_made(
        self, bench: Bench
    ) -> None:
        bench.drs.throttles_next("StartRecovery", 99)
        bench.drs.refuses("StartRecovery", "ServiceQuotaExceededException")
        bench.drs.is_well_again()
        bench.drs.refuses(
            "StartRecovery", "ServiceQuotaExceededException", times=5
        )
        bench.start()
        bench.has_intent(lease_expiry=bench.clock.now())
        bench.clock.at(bench.clock.now() + 10)

        state = bench.start()

        (intent,) = bench.intents
        assert intent.intent_state is IntentState.CONFIRMED
        assert intent.attempt == 2
        assert intent.called_at == bench.clock.now()
        assert not state.wave_start_pending

    def test_two_that_take_an_expired_lease_make_one_call(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses(
            "StartRecovery", "ServiceQuotaExceededException", times=5
        )
        bench.start()
        before = len(bench.drs.calls_of("StartRecovery"))
        state = bench.state

        def other() -> None:
            bench.start()
            bench.state = state

        bench.executions.meanwhile(other)

        bench.start()

        assert len(bench.drs.calls_of("StartRecovery")) == before + 1
        assert len(bench.drs.jobs_started) == 1

    @pytest.mark.parametrize("status", [Status.CANCELLING, Status.TIMEOUT])
    def test_a_lease_is_not_taken_under_a_record_that_ended(
        self, bench: Bench, status: Status
    ) -> None:
        bench.drs.refuses(
            "StartRecovery", "ServiceQuotaExceededException", times=5
        )
        bench.start()
        bench.becomes(status)

        state = bench.start()

        assert state.status is not RunStatus.RUNNING
        assert bench.drs.jobs_started == []
        assert states(bench) == ["INTENT"]

    def test_a_job_is_adopted_under_a_record_that_ended(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dies_in_call(bench, monkeypatch)
        bench.becomes(Status.CANCELLING)

        bench.start()

        assert states(bench) == ["CONFIRMED"]
        assert list(bench.entry().job_ids) == job_ids(bench)
        assert bench.record.status is Status.CANCELLING


class TestCall:
    """Step c."""

    def test_too_little_time_makes_no_intent(self, bench: Bench) -> None:
        state = bench.start(seconds=89)

        assert state.wave_start_pending
        assert bench.intents == []
        assert bench.entry().status is WaveStatus.STARTED

    def test_a_call_needs_seventy_seconds_of_its_lease(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses(
            "StartRecovery", "ServiceQuotaExceededException", times=5
        )
        bench.start()
        before = len(bench.drs.calls_of("StartRecovery"))

        state = bench.start(seconds=65)

        assert len(bench.drs.calls_of("StartRecovery")) == before
        assert state.wave_start_pending
        assert states(bench) == ["INTENT"]

    def test_the_job_id_is_stored_before_anything_else(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written: list[str] = []
        commit_intent = bench.executions.commit_intent
        commit = bench.executions.commit

        def intent(*given: Any) -> bool:
            written.append(given[1].after.job_id)
            return commit_intent(*given)

        def record(before: Any, change: Change, *more: Any) -> Any:
            if change.wave is not None and change.wave.job_ids:
                written.append("entry")
            return commit(before, change, *more)

        monkeypatch.setattr(bench.executions, "commit_intent", intent)
        monkeypatch.setattr(bench.executions, "commit", record)

        bench.start()

        assert written == [*job_ids(bench), "entry"]
        assert bench.record.drs_job_id == job_ids(bench)[0]
        assert bench.record.drs_region == REGION
        assert bench.record.status is Status.POLLING

    def test_facts_are_stored_under_a_record_that_ended_meanwhile(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit_intent = bench.executions.commit_intent

        def cancelled(*given: Any) -> bool:
            if bench.record.status is Status.RUNNING:
                bench.becomes(Status.CANCELLING)
            return commit_intent(*given)

        monkeypatch.setattr(bench.executions, "commit_intent", cancelled)

        state = bench.start()

        assert state.status is RunStatus.CANCELLED
        assert bench.record.status is Status.CANCELLING
        assert list(bench.entry().job_ids) == job_ids(bench)
        assert states(bench) == ["CONFIRMED"]


class TestReconcile:
    """Step d."""

    def test_a_lost_answer_is_found_at_once(self, bench: Bench) -> None:
        bench.drs.loses_next_start_reply()

        state = bench.start()

        assert bench.clock.slept == []
        assert state.job_ids == tuple(job_ids(bench))
        assert len(bench.drs.calls_of("StartRecovery")) == 1

    @pytest.mark.parametrize("hidden", [1, 3, 7, 15])
    def test_a_job_listed_late_is_found_within_fifteen_seconds(
        self, bench: Bench, hidden: int
    ) -> None:
        bench.drs.loses_next_start_reply()
        bench.drs.lists_jobs_after(hidden)

        state = bench.start()

        assert state.job_ids == tuple(job_ids(bench))
        assert len(bench.drs.calls_of("StartRecovery")) == 1
        assert sum(bench.clock.slept) == hidden

    def test_a_job_listed_later_than_all_looks_is_not_made_twice(
        self, bench: Bench
    ) -> None:
        bench.drs.loses_next_start_reply()
        bench.drs.lists_jobs_after(40)

        pending = bench.start()
        bench.clock.at(bench.clock.now() + 30)
        state = bench.start()

        assert pending.wave_start_pending
        assert len(bench.drs.jobs_started) == 1
        assert state.job_ids == tuple(job_ids(bench))
        assert not state.wave_start_pending

    def test_a_job_that_ends_before_it_is_listed_is_not_made_twice(
        self, bench: Bench
    ) -> None:
        for server in (
            bench.ports().region({"accountId": ""}, REGION).source_servers()
        ):
            bench.drs.will_launch(server.source_server_id, after=40)
        bench.drs.loses_next_start_reply()
        bench.drs.lists_jobs_after(90)

        pending = bench.start()
        for _ in range(6):
            bench.clock.at(bench.clock.now() + 20)
            state = bench.start()

        assert pending.wave_start_pending
        assert len(bench.drs.calls_of("StartRecovery")) == 1
        assert state.job_ids == tuple(job_ids(bench))

    def test_answers_lost_again_and_again_make_one_job(
        self, bench: Bench
    ) -> None:
        bench.drs.loses_next_start_reply(times=9)
        bench.drs.lists_jobs_after(100)

        for _ in range(6):
            bench.start()
            bench.clock.at(bench.clock.now() + 60)

        assert len(bench.drs.jobs_started) == 1
        assert states(bench) == ["CONFIRMED"]

    def test_a_server_fault_is_an_answer_that_was_lost(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses("StartRecovery", "InternalServerException", 1)

        state = bench.start()

        (intent,) = bench.intents
        assert intent.attempt == 2
        assert bench.clock.slept == [1, 2, 4, 8]
        assert state.job_ids == tuple(job_ids(bench))

    def test_answers_lost_for_good_leave_the_lease_to_the_next(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses("StartRecovery", "InternalServerException")

        state = bench.start()

        (intent,) = bench.intents
        assert state.wave_start_pending
        assert intent.intent_state is IntentState.INTENT
        assert intent.lease_expiry == bench.clock.now()
        assert len(bench.drs.calls_of("StartRecovery")) == 5

    def test_a_look_that_fails_leaves_the_intent_and_waits(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dies_in_call(bench, monkeypatch)
        bench.drs.refuses("DescribeJobs", "ThrottlingException")

        state = bench.start()

        assert state.wave_start_pending
        assert states(bench) == ["INTENT"]
        assert len(bench.drs.jobs_started) == 1

    @pytest.mark.parametrize(
        "error", ["ThrottlingException", "AccessDeniedException"]
    )
    def test_nine_hundred_blind_seconds_fail_the_wave_in_flight(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, error: str
    ) -> None:
        dies_in_call(bench, monkeypatch)
        called = bench.intents[0].called_at
        bench.drs.refuses("DescribeJobs", error)

        bench.clock.at(called + 880)
        waiting = bench.start()
        bench.clock.at(called + 900)
        state = bench.start()

        assert waiting.wave_start_pending
        assert state.status is RunStatus.FAILED
        assert state.error_code == "DRS_START_FAILED"
        assert bench.entry().status is WaveStatus.FAILED
        assert bench.record.status is Status.FAILED
        assert bench.intents[0].in_flight
        assert not bench.record.finalized_at

    def test_a_job_of_another_intent_is_not_adopted(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses(
            "StartRecovery", "ServiceQuotaExceededException", times=5
        )
        bench.start()
        region = bench.ports().region({}, REGION)
        region.start_recovery(
            bench.entry().server_ids[:1],
            is_drill=True,
            tags=intent_tags(*KEY, 0, 7),
        )

        bench.start()

        assert bench.intents[0].intent_state is not IntentState.CONFIRMED


class TestCleanRefusal:
    """Step e."""

    def test_throttling_is_waited_out(self, bench: Bench) -> None:
        bench.drs.throttles_next("StartRecovery", 4)

        state = bench.start()

        assert state.job_ids == tuple(job_ids(bench))
        assert bench.clock.slept == [1, 2, 4, 8]
        assert bench.intents[0].attempt == 1

    def test_throttling_without_end_fails_the_servers(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses("StartRecovery", "ThrottlingException")

        state = bench.start()

        (intent,) = bench.intents
        assert intent.intent_state is IntentState.REJECTED
        assert intent.reject_reason == "DRS_START_FAILED"
        assert len(bench.drs.calls_of("StartRecovery")) == 5
        assert {s.error_code for s in bench.entry().server_statuses} == {
            "DRS_START_FAILED"
        }
        assert state.status is RunStatus.FAILED
        assert state.error_code == "DRS_START_FAILED"

    def test_a_quota_without_room_waits_with_a_free_lease(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses("StartRecovery", "ServiceQuotaExceededException")

        state = bench.start()

        (intent,) = bench.intents
        assert state.wave_start_pending
        assert state.status_reason
        assert intent.intent_state is IntentState.INTENT
        assert intent.lease_expiry == 0

    def test_a_quota_that_frees_lets_the_next_start_go_on(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses(
            "StartRecovery", "ServiceQuotaExceededException", times=5
        )
        bench.start()

        state = bench.start()

        assert state.job_ids == tuple(job_ids(bench))
        assert state.status_reason is None
        assert len(bench.drs.jobs_started) == 1

    def test_a_job_cut_by_other_quotas_than_those_of_the_account_is_cut_anew(
        self, bench: Bench
    ) -> None:
        bench.drs.throttles_next("GetServiceQuota")
        bench.drs.has_quotas(servers_per_job=2)
        bench.start()
        bench.clock.sleep(61)

        for _ in range(2):
            state = bench.start()

        assert not state.wave_start_pending
        sizes = [len(job.server_ids) for job in bench.drs.jobs_started]
        assert sizes == [2, 1]


class TestConflict:
    """Step f."""

    def test_a_foreign_job_splits_the_intent(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held = taken_meanwhile(bench, monkeypatch, "s-2")

        state = bench.start()

        first, second = bench.intents
        assert first.intent_state is IntentState.REJECTED
        assert first.reject_reason == "SPLIT"
        assert second.intent_state is IntentState.CONFIRMED
        assert set(second.server_ids) == set(first.server_ids) - {held}
        assert state.wave_start_pending
        assert state.job_ids == (second.job_id,)

    def test_a_split_without_free_servers_waits(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken_meanwhile(bench, monkeypatch, "s-1", "s-2", "s-3")

        state = bench.start()

        assert states(bench) == ["REJECTED"]
        assert state.wave_start_pending
        assert "3 servers" in (state.status_reason or "")

    def test_a_server_that_is_freed_is_launched_after_all(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held = taken_meanwhile(bench, monkeypatch, "s-2", seconds=100)
        bench.start()
        bench.clock.at(bench.clock.now() + 880)

        state = bench.start()

        assert bench.intents[-1].server_ids == (held,)
        assert bench.intents[-1].intent_state is IntentState.CONFIRMED
        assert not state.wave_start_pending

    def test_a_server_held_for_nine_hundred_seconds_fails(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held = taken_meanwhile(bench, monkeypatch, "s-2", seconds=5_000)
        bench.start()
        bench.clock.at(bench.intents[0].created_at + 899)
        waiting = bench.start()
        bench.clock.at(bench.intents[0].created_at + 900)

        state = bench.start()

        assert waiting.wave_start_pending
        assert not state.wave_start_pending
        (failed,) = [s for s in bench.entry().server_statuses if s.error_code]
        assert failed.source_server_id == held
        assert failed.error_code == "SERVER_CONFLICT"

    def test_our_own_job_that_is_not_listed_yet_is_no_second_job(
        self, bench: Bench
    ) -> None:
        bench.drs.lists_jobs_after(200)
        bench.drs.loses_next_start_reply()

        for _ in range(5):
            bench.start()
            bench.clock.at(bench.clock.now() + 60)
        bench.start()

        assert len(bench.drs.jobs_started) == 1
        assert states(bench) == ["CONFIRMED"]
        assert bench.intents[0].server_ids == bench.entry().server_ids

    def test_a_conflict_nobody_explains_fails_after_fifteen_minutes(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses("StartRecovery", "ConflictException")
        begun = bench.clock.now()

        waiting = bench.start()
        bench.clock.at(begun + 900)
        state = bench.start()

        assert waiting.wave_start_pending
        assert state.status is RunStatus.FAILED
        assert state.error_code == "SERVER_CONFLICT"

    def test_a_split_under_a_cancelled_record_launches_nothing(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken_meanwhile(
            bench,
            monkeypatch,
            "s-2",
            then=lambda: bench.becomes(Status.CANCELLING),
        )

        bench.start()

        assert len(bench.drs.jobs_started) == 1
        assert states(bench) == ["INTENT"]


def taken_meanwhile(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    *servers: str,
    seconds: float = 600,
    then: Callable[[], object] = lambda: None,
) -> str:
    """Let a foreign job take servers just before our first call."""
    region = bench.ports().region({"accountId": ""}, REGION)
    start = region.start_recovery
    calls: list[object] = []

    def late(*given: Any, **named: Any) -> str:
        if not calls:
            calls.append(given)
            for server in servers:
                bench.drs.will_launch(server, after=seconds)
            bench.drs.foreign_job(servers, REGION)
            then()
        return start(*given, **named)

    monkeypatch.setattr(region, "start_recovery", late)
    return f"s-{servers[0].removeprefix('s-'):0>17}"


class TestRefusalForGood:
    """Step g."""

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            ("AccessDeniedException", "ACCESS_DENIED"),
            ("UninitializedAccountException", "DRS_NOT_INITIALIZED"),
        ],
    )
    def test_a_refusal_fails_the_wave_and_names_account_and_region(
        self, bench: Bench, error: str, code: str
    ) -> None:
        bench.drs.refuses("StartRecovery", error)

        state = bench.start()

        (intent,) = bench.intents
        assert intent.intent_state is IntentState.REJECTED
        assert intent.reject_reason == code
        assert len(bench.drs.calls_of("StartRecovery")) == 1
        assert state.status is RunStatus.FAILED
        assert state.error_code == code
        assert "111122223333" in (state.error or "")
        assert REGION in (state.error or "")
        assert bench.entry().status is WaveStatus.FAILED
        assert bench.record.status is Status.FAILED
        assert bench.record.finalized_at

    def test_a_region_without_drs_fails_the_wave(self, bench: Bench) -> None:
        bench.drs.is_not_initialised(REGION)

        state = bench.start()

        assert state.status is RunStatus.FAILED
        assert state.error_code == "DRS_NOT_INITIALIZED"
        assert bench.entry().status is WaveStatus.FAILED
        assert bench.record.finalized_at

    @pytest.mark.parametrize("operation", ["DescribeJobs"])
    def test_a_look_refused_before_the_first_intent_fails_the_wave(
        self, bench: Bench, operation: str
    ) -> None:
        bench.drs.refuses(operation, "AccessDeniedException")

        state = bench.start()

        assert state.status is RunStatus.FAILED
        assert state.error_code == "ACCESS_DENIED"
        assert bench.entry().status is WaveStatus.FAILED
        assert bench.entry().error_code == "ACCESS_DENIED"

    def test_a_look_refused_after_a_job_leaves_the_wave_running(
        self, bench: Bench
    ) -> None:
        bench.drs.has_quotas(servers_per_job=1, concurrent_jobs=1)
        bench.start()
        bench.drs.refuses("DescribeJobs", "AccessDeniedException")

        state = bench.start()

        assert state.status is RunStatus.RUNNING
        assert state.wave_start_pending
        assert bench.entry().status is not WaveStatus.FAILED


def test_a_start_of_a_wave_the_plan_lacks_ends_the_run(bench: Bench) -> None:
    state = bench.start(7)

    assert state.status is RunStatus.FAILED
    assert state.error_code == "INVALID_WAVE"
    assert bench.record.status is Status.FAILED


def test_a_started_wave_keeps_its_servers_when_tags_change(
    bench: Bench,
) -> None:
    bench.drs.has_quotas(servers_per_job=1, concurrent_jobs=1)
    bench.start()
    fixed = bench.entry().server_ids
    bench.drs.has_servers(REGION, [{"Name": "new", "tier": "db"}])
    bench.drs.has_quotas(servers_per_job=10, concurrent_jobs=20)
    bench.clock.at(bench.clock.now() + 3_601)

    bench.start()

    assert bench.entry().server_ids == fixed
    launched = [s for i in bench.intents for s in i.server_ids]
    assert sorted(launched) == sorted(fixed)
