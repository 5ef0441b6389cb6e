"""What people may ask of an execution, and every refusal."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from execution_handler.control import cancel_execution, pause, resume
from execution_handler.ports import Ports
from execution_handler.reads import get_execution
from execution_handler.sweep import find
from shared.domain.errors import (
    BadRequest,
    DrError,
    NotFound,
    Unavailable,
)
from shared.domain.status import IntentState, Status
from tests.execution_handler.bench import KEY, Bench
from tests.support.fakes import FakeCallbacks

WAVES = ({"protectionGroupId": "db"}, {"protectionGroupId": "db"})
ME = {"executionId": KEY.execution_id, "initiatedBy": "ann"}


class SilentCallbacks(FakeCallbacks):
    """Tokens that nobody answers for."""

    def fail(self, token: str, error: str, cause: str) -> bool:
        """Answer nothing."""
        raise Unavailable("Step Functions does not answer.")


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.has_group("db", 2)
    bench.runs(*WAVES)
    return bench


def refusal(call: Any, bench: Bench, event: Any = None) -> DrError:
    with pytest.raises(DrError) as caught:
        call(event or ME, bench.ports())
    return caught.value


def paused(bench: Bench, token: str = "token-1") -> None:
    bench.becomes(Status.PAUSED, paused_before_wave=1, task_token=token)


@pytest.mark.parametrize(
    "call", [pause, resume, cancel_execution, get_execution]
)
def test_a_request_needs_an_execution_that_exists(
    bench: Bench, call: Any
) -> None:
    nameless = refusal(call, bench, {"operation": "x"})
    unknown = refusal(call, bench, {"executionId": "other"})

    assert isinstance(nameless, BadRequest)
    assert nameless.code == "MISSING_FIELD"
    assert isinstance(unknown, NotFound)
    assert unknown.code == "EXECUTION_NOT_FOUND"


class TestPause:
    @pytest.mark.parametrize(
        "status",
        [Status.CANCELLING, Status.COMPLETED, Status.FAILED],
    )
    def test_only_what_runs_can_be_paused(
        self, bench: Bench, status: Status
    ) -> None:
        bench.becomes(status)

        assert refusal(pause, bench).code == "EXECUTION_NOT_PAUSABLE"

    def test_a_run_without_waves_cannot_be_paused(self) -> None:
        bench = Bench()
        bench.runs()

        assert refusal(pause, bench).code == "EXECUTION_NO_WAVES"

    def test_a_plan_of_one_wave_has_no_boundary(self) -> None:
        bench = Bench()
        bench.has_group("db", 1)
        bench.runs(WAVES[0])

        assert refusal(pause, bench).code == "SINGLE_WAVE_NOT_PAUSABLE"

    def test_the_last_wave_cannot_be_paused(self, bench: Bench) -> None:
        bench.start(0)
        bench.start(1)

        assert refusal(pause, bench).code == "NO_PENDING_WAVES"

    def test_a_pause_is_noted_with_reason_and_person(
        self, bench: Bench
    ) -> None:
        reply = pause({**ME, "reason": "lunch"}, bench.ports())

        assert reply["status"] == "PAUSE_PENDING"
        assert reply["lastCompletedWave"] is None
        assert bench.record.pause_reason == "lunch"
        assert bench.record.paused_by == "ann"

    def test_a_repeated_pause_answers_the_same(self, bench: Bench) -> None:
        first = pause(ME, bench.ports())
        revision = bench.record.revision

        assert pause(ME, bench.ports()) == first
        assert bench.record.revision == revision

    def test_a_pause_of_a_paused_run_says_so(self, bench: Bench) -> None:
        paused(bench)

        assert pause(ME, bench.ports())["status"] == "PAUSED"

    def test_a_pause_looks_again_when_the_record_changed(
        self, bench: Bench
    ) -> None:
        bench.executions.meanwhile(lambda: bench.becomes(Status.FAILED))

        assert refusal(pause, bench).code == "EXECUTION_NOT_PAUSABLE"


class TestResume:
    def test_only_a_paused_run_is_resumed(self, bench: Bench) -> None:
        assert refusal(resume, bench).code == "EXECUTION_NOT_PAUSED"

    def test_a_pause_without_its_token_is_not_complete(
        self, bench: Bench
    ) -> None:
        paused(bench, token="")

        assert refusal(resume, bench).code == "RESUME_TOKEN_MISSING"

    def test_a_resume_answers_the_task_and_leaves_the_record(
        self, bench: Bench
    ) -> None:
        paused(bench)
        revision = bench.record.revision

        reply = resume(ME, bench.ports())

        ((token, output),) = bench.callbacks.succeeded
        assert reply["status"] == "RESUMING"
        assert reply["nextWave"] == 1
        assert token == "token-1"
        assert output["resumedBy"] == "ann"
        assert output["resumedAt"].endswith("Z")
        assert bench.record.revision == revision

    def test_a_resume_under_way_answers_the_same(self, bench: Bench) -> None:
        arn = bench.machine.start(KEY.execution_id, {})
        bench.becomes(Status.RUNNING, state_machine_arn=arn)
        paused(bench)

        first = resume(ME, bench.ports())

        assert resume(ME, bench.ports()) == first
        assert len(bench.callbacks.succeeded) == 1

    def test_a_resume_that_went_through_answers_the_same(
        self, bench: Bench
    ) -> None:
        bench.becomes(Status.RUNNING, resumed_by="bob")

        assert resume(ME, bench.ports())["status"] == "RESUMING"

    def test_a_token_that_expired_with_its_machine_is_named(
        self, bench: Bench
    ) -> None:
        paused(bench)
        bench.callbacks.expire("token-1")

        assert refusal(resume, bench).code == "RESUME_TOKEN_EXPIRED"


class TestCancel:
    @pytest.mark.parametrize("status", [Status.COMPLETED, Status.TIMEOUT])
    def test_what_has_ended_is_not_cancellable(
        self, bench: Bench, status: Status
    ) -> None:
        bench.becomes(status)

        found = refusal(cancel_execution, bench)

        assert found.code == "EXECUTION_NOT_CANCELLABLE"

    def test_a_cancel_of_a_run_under_way_notes_who_and_when(
        self, bench: Bench
    ) -> None:
        bench.start(0)

        reply = cancel_execution(ME, bench.ports())

        assert reply["status"] == "CANCELLING"
        assert reply["details"] == {
            "completedWaves": [],
            "inProgressWaves": [0],
            "cancelledWaves": [1],
        }
        assert bench.record.cancelled_by == "ann"
        assert bench.record.cancel_requested_at == bench.clock.now()

    def test_a_paused_run_at_rest_is_cancelled_at_once(
        self, bench: Bench
    ) -> None:
        paused(bench)

        reply = cancel_execution(ME, bench.ports())

        assert reply["status"] == "CANCELLED"
        assert bench.record.finalized_at
        assert bench.callbacks.failed[0][:2] == (
            "token-1",
            "ExecutionCancelled",
        )

    def test_a_paused_run_with_a_job_in_flight_is_watched(
        self, bench: Bench
    ) -> None:
        bench.start(0)
        paused(bench)

        reply = cancel_execution(ME, bench.ports())

        assert reply["status"] == "CANCELLING"
        assert bench.callbacks.failed
        assert not bench.record.finalized_at

    def test_a_refused_token_stops_the_state_machine(
        self, bench: Bench
    ) -> None:
        arn = bench.machine.start(KEY.execution_id, {})
        bench.becomes(Status.RUNNING, state_machine_arn=arn)
        paused(bench)
        bench.callbacks.expire("token-1")

        cancel_execution(ME, bench.ports())

        assert bench.machine.runs[arn].status == "ABORTED"

    def test_a_pause_without_token_is_left_to_its_callback(
        self, bench: Bench
    ) -> None:
        arn = bench.machine.start(KEY.execution_id, {})
        bench.becomes(Status.RUNNING, state_machine_arn=arn)
        paused(bench, token="")

        cancel_execution(ME, bench.ports())

        assert bench.machine.runs[arn].status == "RUNNING"

    @pytest.mark.parametrize(
        "found_by",
        [
            lambda ports: cancel_execution(ME, ports),
            lambda ports: find({}, ports),
        ],
        ids=["a repeated cancel", "the sweep"],
    )
    @pytest.mark.parametrize("in_flight", [False, True])
    def test_a_pause_that_a_crash_left_is_released(
        self, bench: Bench, found_by: Callable[[Ports], Any], in_flight: bool
    ) -> None:
        if in_flight:
            bench.start(0)
        paused(bench)
        with pytest.raises(Unavailable):
            cancel_execution(
                ME, replace(bench.ports(), callbacks=SilentCallbacks())
            )
        assert bench.record.task_token
        assert not bench.record.finalized_at

        found_by(bench.ports())

        assert [token for token, *_ in bench.callbacks.failed] == ["token-1"]
        assert not bench.record.task_token
        assert bool(bench.record.finalized_at) is not in_flight

    def test_a_cancel_is_answered_again_while_the_run_ends(
        self, bench: Bench
    ) -> None:
        arn = bench.machine.start(KEY.execution_id, {})
        bench.becomes(Status.RUNNING, state_machine_arn=arn)
        bench.becomes(Status.CANCELLED, cancelled_by="ann")

        reply = cancel_execution(ME, bench.ports())
        bench.machine.stop(arn, "ended")

        assert reply["status"] == "CANCELLED"
        found = refusal(cancel_execution, bench)
        assert found.code == "EXECUTION_NOT_CANCELLABLE"

    def test_an_intent_that_appears_meanwhile_keeps_it_cancelling(
        self, bench: Bench
    ) -> None:
        bench.start(0)
        bench.has_intent(settled_at=bench.clock.now())
        paused(bench)

        def late() -> None:
            bench.has_intent(settled_at=0)
            bench.becomes(Status.PAUSED)

        bench.executions.meanwhile(late)

        reply = cancel_execution(ME, bench.ports())

        assert reply["status"] == "CANCELLING"
        assert bench.intents[0].intent_state is IntentState.CONFIRMED


def test_a_read_shows_the_servers_and_never_the_token(bench: Bench) -> None:
    bench.start(0)
    paused(bench)

    body = get_execution(ME, bench.ports())

    assert "taskToken" not in body
    assert len(body["waves"][0]["serverStatuses"]) == 2
    assert body["status"] == "PAUSED"
