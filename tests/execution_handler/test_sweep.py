"""The minute sweep and the drain: what a crash or an end left undone."""

import pytest
from msgspec.structs import replace

from execution_handler.drain import drain
from execution_handler.sweep import finalize, find, machine_ended, poll
from shared.domain.errors import BadRequest
from shared.domain.record import Change
from shared.domain.status import IntentState, Status, WaveStatus
from tests.execution_handler.bench import KEY, Bench

DAY = 86_400


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    for server in bench.has_group("db", 2):
        bench.drs.will_launch(server, after=120)
    bench.runs({"protectionGroupId": "db"})
    return bench


def later(bench: Bench, seconds: int) -> None:
    bench.clock.at(bench.clock.now() + seconds)


def sweep(bench: Bench) -> dict[str, int]:
    return find({}, bench.ports())


def cancelled(bench: Bench) -> None:
    bench.becomes(Status.CANCELLING, cancel_requested_at=bench.clock.now())


class TestDrain:
    def test_a_cancelled_run_ends_when_its_jobs_have(
        self, bench: Bench
    ) -> None:
        bench.start()
        cancelled(bench)

        first = sweep(bench)
        running = bench.record.status
        later(bench, 1_800)
        sweep(bench)

        assert first["drained"] == 1
        assert running is Status.CANCELLING
        assert bench.record.status is Status.CANCELLED
        assert bench.record.finalized_at
        assert bench.entry().launched_count == 2
        assert bench.intents[0].settled_at

    def test_a_call_found_by_its_tags_is_adopted(self, bench: Bench) -> None:
        bench.start()
        bench.has_intent(intent_state=IntentState.INTENT, job_id="")
        cancelled(bench)

        sweep(bench)

        assert bench.intents[0].intent_state is IntentState.CONFIRMED
        assert bench.entry().job_ids == (bench.drs.jobs_started[0].job_id,)

    def test_an_intent_stays_open_while_a_call_could_land(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses("StartRecovery", "InternalServerException")
        bench.start()
        called = bench.intents[0].called_at
        lease = bench.intents[0].lease_expiry
        cancelled(bench)

        bench.clock.at(max(lease, called + 70) + 119)
        sweep(bench)
        waiting = bench.intents[0]
        bench.clock.at(max(lease, called + 70) + 120)
        sweep(bench)

        assert waiting.intent_state is IntentState.INTENT
        assert bench.intents[0].intent_state is IntentState.REJECTED
        assert bench.intents[0].reject_reason == "NOT_CALLED"
        assert bench.record.status is Status.CANCELLED
        assert bench.entry().status is WaveStatus.FAILED

    def test_a_live_lease_is_never_closed(self, bench: Bench) -> None:
        bench.start()
        now = bench.clock.now()
        bench.has_intent(
            intent_state=IntentState.INTENT,
            job_id="",
            lease_expiry=now + 5_000,
            created_at=now + 1_000,
        )
        cancelled(bench)

        later(bench, 4_999)
        sweep(bench)

        assert bench.intents[0].intent_state is IntentState.INTENT

    def test_late_results_of_an_ended_run_are_stored(
        self, bench: Bench
    ) -> None:
        bench.start()
        finalize(
            {"executionId": KEY.execution_id, "outcome": "TIMEOUT"},
            bench.ports(),
        )
        at_end = bench.record

        later(bench, 1_800)
        sweep(bench)

        assert at_end.status is Status.TIMEOUT
        assert not at_end.finalized_at
        assert bench.record.status is Status.TIMEOUT
        assert bench.record.finalized_at
        assert bench.record.end_time == at_end.end_time
        assert bench.entry().launched_count == 2
        assert bench.record.outcome["launched"] == 2
        assert not [k for k in bench.executions.items if "lock-" in k[0]]

    def test_the_servers_in_flight_stay_reserved(self, bench: Bench) -> None:
        bench.start()

        finalize({"executionId": KEY.execution_id}, bench.ports())

        held = [k for k in bench.executions.items if "server-lock" in k[0]]
        assert len(held) == 2
        assert ("execution-lock-plan-1", "plan-1") not in (
            bench.executions.items
        )

    @pytest.mark.parametrize(
        "error", ["ThrottlingException", "AccessDeniedException"]
    )
    def test_a_drain_that_cannot_read_gives_up_after_a_day(
        self, bench: Bench, error: str
    ) -> None:
        bench.start()
        cancelled(bench)
        bench.drs.refuses("DescribeJobs", error)

        later(bench, DAY - 1)
        sweep(bench)
        before = bench.record.status
        later(bench, 1)
        sweep(bench)

        record = bench.record
        assert before is Status.CANCELLING
        assert record.status is Status.CANCELLED
        assert record.error_code == "DRAIN_UNREADABLE"
        assert bench.entry().server_ids[0] in record.outcome["reason"]
        assert bench.notifier.events.count("drain_unreadable") == 1
        assert bench.entry().status is WaveStatus.CANCELLED
        assert record.finalized_at
        assert not [k for k in bench.executions.items if "lock-" in k[0]]

    def test_a_day_begins_anew_with_every_look_that_succeeds(self) -> None:
        bench = Bench()
        bench.has_group("db", 1)
        bench.runs({"protectionGroupId": "db"})
        bench.drs.will_never_finish("s-1")
        bench.start()
        cancelled(bench)

        for _ in range(3):
            later(bench, DAY // 2)
            sweep(bench)
        bench.drs.refuses("DescribeJobs", "ThrottlingException", times=6)
        later(bench, 60)
        sweep(bench)

        assert bench.record.status is Status.CANCELLING
        assert bench.record.error_code != "DRAIN_UNREADABLE"

    def test_an_ended_run_that_cannot_be_read_keeps_its_status(
        self, bench: Bench
    ) -> None:
        bench.start()
        finalize({"executionId": KEY.execution_id}, bench.ports())
        bench.has_intent(intent_state=IntentState.INTENT, job_id="")
        bench.drs.refuses("DescribeJobs", "ThrottlingException")

        later(bench, DAY)
        sweep(bench)

        assert bench.record.status is Status.FAILED
        assert bench.record.finalized_at
        assert bench.intents[0].reject_reason == "DRAIN_UNREADABLE"

    def test_a_drain_gives_up_only_what_it_could_not_read(self) -> None:
        bench = Bench()
        bench.has_group("db", 1)
        bench.has_group("web", 1)
        bench.runs({"protectionGroupId": "db"}, {"protectionGroupId": "web"})
        for number in (0, 1):
            bench.start(number)
        bench.drs.will_never_finish("s-2")
        cancelled(bench)
        bench.drs.refuses("DescribeJobs", "ThrottlingException", times=1)

        later(bench, DAY)
        drain(bench.record, bench.ports())

        assert bench.intents[0].settled_at
        assert (
            bench.entry(1).launched_count + bench.entry(1).pending_count == 1
        )
        assert bench.entry(1).job_ids

    def test_a_wave_decided_in_a_run_that_goes_on_is_followed(self) -> None:
        bench = Bench()
        bench.has_group("db", 1)
        bench.has_group("web", 1)
        bench.runs(
            {"protectionGroupId": "db", "onFailure": "continue"},
            {"protectionGroupId": "web"},
        )
        bench.start(0)
        arn = bench.machine.start(KEY.execution_id, {})
        bench.becomes(Status.POLLING, state_machine_arn=arn)
        decided = bench.entry(0)

        bench.executions.commit(
            bench.record,
            Change(wave=replace(decided, status=WaveStatus.TIMEOUT)),
        )
        bench.start(1)

        later(bench, 1_800)
        sweep(bench)

        assert bench.intents[0].settled_at
        assert not bench.intents[1].settled_at
        assert bench.entry(0).launched_count == 1
        assert bench.entry(0).status is WaveStatus.TIMEOUT
        assert bench.record.status is Status.POLLING


class TestFind:
    def test_a_run_that_lives_is_left_alone(self, bench: Bench) -> None:
        arn = bench.machine.start(KEY.execution_id, {})
        bench.becomes(Status.RUNNING, state_machine_arn=arn)
        later(bench, 5_000)

        counts = sweep(bench)

        assert counts == {
            "checked": 1,
            "polled": 0,
            "drained": 0,
            "finalized": 0,
        }
        assert bench.record.status is Status.RUNNING

    def test_a_successor_that_runs_keeps_the_run_alive(
        self, bench: Bench
    ) -> None:
        first = bench.machine.start("exec-1", {})
        second = bench.machine.start("exec-1-cont-1", {})
        bench.machine.end(first, "SUCCEEDED")
        bench.becomes(
            Status.RUNNING,
            state_machine_arn=first,
            next_state_machine_arn=second,
        )
        later(bench, 5_000)

        sweep(bench)

        assert bench.record.status is Status.RUNNING

    def test_a_silent_run_without_machine_ends_after_900_seconds(
        self, bench: Bench
    ) -> None:
        later(bench, 900)
        sweep(bench)
        before = bench.record.status
        later(bench, 1)

        counts = sweep(bench)

        assert before is Status.RUNNING
        assert counts["finalized"] == 1
        assert bench.record.status is Status.FAILED
        assert bench.record.error_code == "HANDLER_ERROR"

    def test_a_lost_notification_is_sent_by_a_later_sweep(
        self, bench: Bench
    ) -> None:
        bench.notifier.break_down()
        finalize({"executionId": KEY.execution_id}, bench.ports())
        unfinished = bench.record.finalized_at
        bench.notifier.recover()

        sweep(bench)

        assert not unfinished
        assert bench.record.finalized_at
        assert bench.executions.live() == []

    def test_one_execution_that_cannot_be_read_stops_no_sweep(
        self, bench: Bench
    ) -> None:
        bench.executions.items[("live-aaa", "live-execution")] = {
            "executionId": "live-aaa",
            "planId": "live-execution",
            "ownerExecutionId": "aaa",
            "ownerPlanId": "plan-9",
        }
        later(bench, 901)

        counts = sweep(bench)

        assert counts["checked"] == 2
        assert counts["finalized"] == 1


class TestFinalize:
    @pytest.mark.parametrize(
        "status", [Status.COMPLETED, Status.CANCELLED, Status.CANCELLING]
    )
    def test_what_has_ended_stays_as_it_is(
        self, bench: Bench, status: Status
    ) -> None:
        bench.becomes(status)
        revision = bench.record.revision

        reply = finalize({"executionId": KEY.execution_id}, bench.ports())

        assert reply["status"] == status
        assert bench.record.revision == revision

    def test_it_needs_an_execution(self, bench: Bench) -> None:
        with pytest.raises(BadRequest):
            finalize({}, bench.ports())

    def test_a_poll_needs_both_halves_of_the_key(self, bench: Bench) -> None:
        with pytest.raises(BadRequest):
            poll({"executionId": KEY.execution_id}, bench.ports())

    def test_a_poll_drains_what_was_cancelled(self, bench: Bench) -> None:
        bench.start()
        cancelled(bench)
        later(bench, 1_800)

        reply = poll(
            {"executionId": KEY.execution_id, "planId": KEY.plan_id},
            bench.ports(),
        )

        assert reply["status"] == "CANCELLED"
        assert reply["waves"] == [{"waveNumber": 0, "status": "COMPLETED"}]

    def test_a_poll_of_a_run_under_way_changes_nothing(
        self, bench: Bench
    ) -> None:
        revision = bench.record.revision

        poll(
            {"executionId": KEY.execution_id, "planId": KEY.plan_id},
            bench.ports(),
        )

        assert bench.record.revision == revision


class TestMachineEnded:
    def event(
        self, name: str, status: str, arn: str = ""
    ) -> dict[str, object]:
        return {
            "detail": {"name": name, "status": status, "executionArn": arn}
        }

    @pytest.mark.parametrize(
        ("ended", "status"),
        [
            ("FAILED", Status.FAILED),
            ("ABORTED", Status.FAILED),
            ("TIMED_OUT", Status.TIMEOUT),
        ],
    )
    def test_a_run_ends_with_its_state_machine(
        self, bench: Bench, ended: str, status: Status
    ) -> None:
        arn = bench.machine.start("exec-1", {})
        bench.machine.end(arn, ended, "States.Runtime", "bad path")

        machine_ended(self.event("exec-1", ended, arn), bench.ports())

        assert bench.record.status is status
        assert "bad path" in bench.record.error_message

    def test_the_end_of_a_predecessor_is_no_end(self, bench: Bench) -> None:
        first = bench.machine.start("exec-1", {})
        second = bench.machine.start("exec-1-cont-1", {})
        bench.machine.end(first, "FAILED")
        bench.becomes(
            Status.RUNNING,
            state_machine_arn=first,
            next_state_machine_arn=second,
        )

        machine_ended(self.event("exec-1", "FAILED", first), bench.ports())

        assert bench.record.status is Status.RUNNING

    def test_the_end_of_the_last_successor_is_the_runs(
        self, bench: Bench
    ) -> None:
        machine_ended(self.event("exec-1-cont-3", "ABORTED"), bench.ports())

        assert bench.record.status is Status.FAILED
        assert "ABORTED" in bench.record.error_message

    def test_a_cancelled_run_is_left_to_the_drain(self, bench: Bench) -> None:
        cancelled(bench)

        machine_ended(self.event("exec-1", "FAILED"), bench.ports())

        assert bench.record.status is Status.CANCELLING

    def test_what_is_not_ours_is_left_alone(self, bench: Bench) -> None:
        reply = machine_ended(self.event("else", "FAILED"), bench.ports())

        assert reply["status"] == "UNKNOWN"
