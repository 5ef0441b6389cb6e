"""One look at a wave: what is stored, tolerated, decided and repeated."""

from typing import Any

import pytest
from msgspec.structs import replace

from execution_handler.start_wave import start_wave_recovery
from query_handler.poll_wave import poll_wave_status
from query_handler.ports import Ports
from query_handler.servers_by_tags import query_servers_by_tags
from shared.domain.errors import BadRequest, HandlerUnavailable, NotFound
from shared.domain.execution import Execution, from_wire, to_wire
from shared.domain.record import Change
from shared.domain.status import (
    IntentState,
    RunStatus,
    Status,
    WaveStatus,
)
from tests.execution_handler.bench import KEY, REGION, Bench
from tests.support.fakes import InProcess

DB: dict[str, Any] = {"protectionGroupId": "db", "waveName": "Database"}
WEB: dict[str, Any] = {"protectionGroupId": "web", "waveName": "Web"}


class PollBench(Bench):
    """The bench, with the query handler and its way to the starter."""

    def __init__(self) -> None:
        super().__init__()
        self.starter = InProcess(
            lambda event: start_wave_recovery(event, self.ports()),
            "execution-handler",
        )

    def query_ports(self) -> Ports:
        return Ports(
            run=self.run_ports(), execution=self.starter, drs=self.drs
        )

    def poll(self, after: int = 30) -> Execution:
        """Poll some seconds later with the state as it is."""
        assert self.state is not None
        self.clock.at(self.clock.now() + after)
        reply = poll_wave_status(
            {"state": to_wire(self.state)}, self.query_ports()
        )
        self.state = from_wire(reply)
        return self.state

    def polls_until_decided(self, most: int = 60) -> Execution:
        for _ in range(most):
            state = self.poll()
            if state.status is not RunStatus.RUNNING:
                return state
        raise AssertionError("the wave is never decided")


@pytest.fixture
def bench() -> PollBench:
    bench = PollBench()
    for name in ("db", "web"):
        for server in bench.has_group(name, 2):
            bench.drs.will_launch(server, after=120)
    bench.runs(DB, WEB)
    bench.start()
    return bench


def test_a_poll_needs_a_state_and_a_record(bench: PollBench) -> None:
    with pytest.raises(BadRequest):
        poll_wave_status({"state": "x"}, bench.query_ports())
    bench.executions.forget(KEY)
    with pytest.raises(NotFound):
        bench.poll()


def test_waves_follow_each_other_to_the_end(bench: PollBench) -> None:
    state = bench.polls_until_decided()

    assert state.status is RunStatus.COMPLETED
    assert state.completed_waves == 2
    assert bench.record.status is Status.COMPLETED
    assert bench.record.outcome["launched"] == 4
    assert len(state.recovery_instance_ids) == 4
    assert bench.starter.calls == ["start_wave_recovery"]


def test_a_launched_server_has_its_instance(bench: PollBench) -> None:
    bench.polls_until_decided()

    for server in bench.entry(0).server_statuses:
        assert server.launch_status == "LAUNCHED"
        assert server.instance_id.startswith("i-")
        assert server.private_ip
        assert server.instance_type
        assert server.recovery_instance_id
    assert bench.entry(0).phase == "LAUNCHED"


@pytest.mark.parametrize(
    ("status", "mirror"),
    [
        (Status.CANCELLING, RunStatus.CANCELLED),
        (Status.TIMEOUT, RunStatus.TIMEOUT),
        (Status.FAILED, RunStatus.FAILED),
        (Status.PARTIAL, RunStatus.FAILED),
    ],
)
def test_a_record_that_ended_is_mirrored(
    bench: PollBench, status: Status, mirror: RunStatus
) -> None:
    bench.becomes(status)

    state = bench.poll()

    assert state.status is mirror
    assert state.wave_completed
    assert bench.record.status is status


def test_a_cancelled_run_with_nothing_in_flight_ends_at_once(
    bench: PollBench,
) -> None:
    bench.has_intent(settled_at=bench.clock.now())
    bench.becomes(Status.CANCELLING)

    state = bench.poll()

    assert state.status is RunStatus.CANCELLED
    assert bench.record.status is Status.CANCELLED
    assert bench.record.finalized_at


def test_a_paused_record_pauses_the_run(bench: PollBench) -> None:
    bench.becomes(Status.PAUSED, paused_before_wave=1)

    state = bench.poll()

    assert state.status is RunStatus.PAUSED
    assert state.paused_before_wave == 1


def test_a_repeated_poll_gives_the_same_state(bench: PollBench) -> None:
    for _ in range(30):
        given = bench.state
        first = bench.poll()
        bench.state = given

        again = bench.poll(after=0)

        waited = first.current_wave_total_wait_time
        assert replace(again, current_wave_total_wait_time=waited) == first
        if first.status is not RunStatus.RUNNING:
            break
    assert bench.record.status is Status.COMPLETED
    assert len(bench.drs.jobs_started) == 2


def test_a_run_without_job_and_without_intent_fails(
    bench: PollBench,
) -> None:
    item = next(k for k in bench.executions.items if "#job#" in k[1])
    del bench.executions.items[item]
    assert bench.state is not None
    bench.state = replace(bench.state, job_id=None, job_ids=())

    state = bench.poll()

    assert state.status is RunStatus.FAILED
    assert state.error_code == "NO_JOB"
    assert bench.record.error_code == "NO_JOB"


def test_a_state_that_lacks_its_job_finds_it_by_the_intents(
    bench: PollBench,
) -> None:
    assert bench.state is not None
    job = bench.state.job_id
    bench.state = replace(bench.state, job_id=None, job_ids=())

    state = bench.poll()

    assert state.job_id == job
    assert len(bench.drs.jobs_started) == 1


class TestTolerance:
    def test_throttling_is_tolerated_for_900_seconds(
        self, bench: PollBench
    ) -> None:
        bench.drs.refuses("DescribeJobs", "ThrottlingException")
        bench.poll()

        patient = bench.poll(after=899)
        state = bench.poll(after=1)

        assert patient.status is RunStatus.RUNNING
        assert patient.poll_error_count == 2
        assert state.status is RunStatus.FAILED
        assert state.error_code == "POLL_ERROR"
        assert bench.entry().error_code == "POLL_ERROR"
        assert bench.intents[0].in_flight
        assert not bench.record.finalized_at

    @pytest.mark.parametrize(
        "error", ["AccessDeniedException", "UninitializedAccountException"]
    )
    def test_a_refusal_is_tolerated_twice(
        self, bench: PollBench, error: str
    ) -> None:
        bench.drs.refuses("DescribeJobs", error)

        states = [bench.poll().status for _ in range(3)]

        assert states == ["running", "running", "failed"]
        assert bench.record.error_code == "POLL_ERROR"

    def test_a_look_that_failed_is_not_hurried(self, bench: PollBench) -> None:
        assert bench.state is not None
        bench.state = replace(bench.state, current_wave_update_time=2)
        bench.drs.refuses("DescribeJobs", "ThrottlingException", times=1)

        assert bench.poll(after=2).current_wave_update_time == 30

    def test_one_good_poll_resets_the_count(self, bench: PollBench) -> None:
        bench.drs.refuses("DescribeJobs", "AccessDeniedException", times=2)
        bench.poll(after=5)
        bench.poll(after=5)

        state = bench.poll(after=5)

        assert state.poll_error_count == 0
        assert state.poll_error_since is None
        assert state.status is RunStatus.RUNNING

    def test_a_wave_still_starting_is_no_more_tolerant(self) -> None:
        bench = PollBench()
        bench.has_group("db", 2)
        bench.drs.has_quotas(servers_per_job=1, concurrent_jobs=1)
        bench.runs(DB)
        bench.start()
        bench.drs.refuses("DescribeJobs", "AccessDeniedException")

        states = [bench.poll().status for _ in range(3)]

        assert states == ["running", "running", "failed"]
        assert bench.record.error_code == "POLL_ERROR"


class TestTimeLimit:
    def test_a_wave_past_its_limit_times_out_by_the_clock(self) -> None:
        bench = PollBench()
        for server in bench.has_group("db", 1):
            bench.drs.will_never_finish(server)
        bench.runs({**DB, "maxWaitSeconds": 600})
        bench.start()

        before = bench.poll(after=599)
        state = bench.poll(after=1)

        assert before.status is RunStatus.RUNNING
        assert before.current_wave_total_wait_time == 599
        assert state.status is RunStatus.TIMEOUT
        assert bench.entry().error_code == "WAVE_TIMEOUT"
        assert bench.record.status is Status.TIMEOUT
        assert not bench.record.finalized_at


class TestPendingStart:
    def test_the_rest_of_a_wave_starts_when_there_is_room(self) -> None:
        bench = PollBench()
        for server in bench.has_group("db", 2):
            bench.drs.will_launch(server, after=60)
        bench.drs.has_quotas(servers_per_job=1, concurrent_jobs=1)
        bench.runs(DB)
        first = bench.start()

        state = bench.polls_until_decided()

        assert first.wave_start_pending
        assert "free job slot" in (first.status_reason or "")
        assert state.status is RunStatus.COMPLETED
        assert len(bench.drs.jobs_started) == 2
        assert bench.entry().job_count == 2

    def test_a_pause_request_does_not_hold_back_a_wave_that_began(
        self,
    ) -> None:
        bench = PollBench()
        for server in bench.has_group("db", 2):
            bench.drs.will_launch(server, after=60)
        bench.has_group("web", 1)
        bench.drs.has_quotas(servers_per_job=1, concurrent_jobs=1)
        bench.runs(DB, WEB)
        bench.start()
        bench.becomes(Status.PAUSE_PENDING)

        state = bench.polls_until_decided()

        assert state.status is RunStatus.PAUSED
        assert state.paused_before_wave == 1
        assert bench.entry(0).status is WaveStatus.COMPLETED
        assert len(bench.drs.jobs_started) == 2

    def test_only_room_is_awaited_at_leisure(self) -> None:
        bench = PollBench()
        bench.has_group("db", 1)
        bench.has_group("other", 1)
        bench.drs.has_quotas(concurrent_jobs=1)
        bench.drs.foreign_job(["s-2"], REGION)
        bench.runs(DB)
        bench.start()

        state = bench.poll()

        assert state.wave_start_pending
        assert state.current_wave_update_time == 60

    def test_a_starter_that_cannot_be_reached_is_asked_again(
        self, bench: PollBench
    ) -> None:
        def down(event: object) -> Any:
            raise HandlerUnavailable("busy")

        bench.starter = InProcess(down)
        with pytest.raises(HandlerUnavailable):
            for _ in range(40):
                bench.poll()

        assert bench.record.status is Status.POLLING
        assert len(bench.drs.jobs_started) == 1


class TestPace:
    def test_an_event_hurries_the_next_poll(self, bench: PollBench) -> None:
        bench.becomes(Status.POLLING, hurry_until=bench.clock.now() + 60)

        assert bench.poll(after=5).current_wave_update_time == 2

    def test_otherwise_half_a_minute_passes(self, bench: PollBench) -> None:
        assert bench.poll(after=5).current_wave_update_time == 30


class TestWrites:
    def test_a_poll_that_sees_nothing_new_writes_once_a_minute(self) -> None:
        bench = PollBench()
        for server in bench.has_group("db", 2):
            bench.drs.will_never_finish(server)
        bench.runs(DB)
        bench.start()
        bench.poll(after=3_000)
        bench.poll(after=60)
        revision = bench.record.revision

        bench.poll(after=59)
        quiet = bench.record.revision
        bench.poll(after=1)

        assert quiet == revision
        assert bench.record.last_polled_time == bench.clock.now()

    def test_a_record_that_changes_meanwhile_is_read_again(
        self, bench: PollBench
    ) -> None:
        bench.executions.meanwhile(lambda: bench.becomes(Status.CANCELLING))

        state = bench.poll(after=150)

        assert state.status is RunStatus.CANCELLED
        assert bench.record.status is Status.CANCELLING

    def test_a_job_that_vanished_is_no_success(self) -> None:
        bench = PollBench()
        for server in bench.has_group("db", 2):
            bench.drs.will_never_finish(server)
        bench.runs(DB)
        bench.start()
        bench.drs.forgets_job(bench.drs.jobs_started[0].job_id)

        state = bench.poll(after=120)

        assert state.status is RunStatus.FAILED
        assert bench.entry().error_code == "JOB_NOT_FOUND"

    def test_servers_in_motion_are_never_decided_over(self) -> None:
        bench = PollBench()
        first, second = bench.has_group("db", 2)
        bench.drs.will_fail(first)
        bench.drs.will_launch(second, after=1_200)
        bench.runs(DB)
        bench.start()

        waiting = bench.poll(after=600)
        state = bench.poll(after=900)

        assert waiting.status is RunStatus.RUNNING
        assert state.status is RunStatus.FAILED
        assert bench.record.status is Status.PARTIAL
        assert bench.entry().status is WaveStatus.PARTIAL
        assert bench.entry().error_code == "WAVE_LAUNCH_FAILED"

    def test_a_wave_decided_elsewhere_is_crossed(
        self, bench: PollBench
    ) -> None:
        bench.executions.commit(
            bench.record,
            Change(wave=replace(bench.entry(), status=WaveStatus.COMPLETED)),
        )

        state = bench.poll()

        assert state.current_wave_number == 1
        assert len(bench.drs.jobs_started) == 2

    def test_an_open_intent_is_followed_up(self, bench: PollBench) -> None:
        bench.has_intent(intent_state=IntentState.INTENT, job_id="")
        assert bench.state is not None
        bench.state = replace(bench.state, wave_start_pending=True)

        state = bench.poll()

        assert bench.intents[0].intent_state is IntentState.CONFIRMED
        assert not state.wave_start_pending
        assert len(bench.drs.jobs_started) == 1


class TestServersByTags:
    def test_every_tag_must_match(self, bench: PollBench) -> None:
        reply = query_servers_by_tags(
            {"region": REGION, "tags": {" TIER ": "DB"}}, bench.query_ports()
        )

        assert reply == {"server_ids": list(bench.entry().server_ids)}

    @pytest.mark.parametrize(
        ("event", "code"),
        [
            ({"tags": {"a": "b"}}, "MISSING_REGION"),
            ({"region": REGION}, "INVALID_TAGS"),
            ({"region": REGION, "tags": {}}, "INVALID_TAGS"),
            ({"region": REGION, "tags": {" ": "x"}}, "INVALID_TAGS"),
        ],
    )
    def test_nothing_selects_everything(
        self, bench: PollBench, event: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(BadRequest) as caught:
            query_servers_by_tags(event, bench.query_ports())

        assert caught.value.code == code
