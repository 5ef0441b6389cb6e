"""What holds of any execution, whatever is asked of it and how often.

The peers are played here: the starter writes an entry and a job, the
watcher writes what became of the wave. Every action may come at any time,
repeated, and late.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from msgspec.structs import replace

from orchestration.actions import ACTIONS
from shared.boundary import behind, close_wave, cross, pause_before
from shared.domain.execution import Wire, from_wire, to_wire
from shared.domain.plan import Plan, wave_order
from shared.domain.record import Change, IntentChange, Record
from shared.domain.run_state import entered, mirrored, paused_before
from shared.domain.status import (
    Event,
    IntentState,
    Status,
    WaveStatus,
    after,
    follows,
)
from shared.run import cancel_now, end_run, settle_end
from tests.orchestration.peers import Stage
from tests.shared.builders import (
    KEY,
    a_plan,
    a_record,
    a_server,
    a_wave,
    an_entry,
    an_intent,
)

PLANS = st.sampled_from(
    [
        a_plan(count=3),
        a_plan(a_wave(0, depends_on_waves=(2,)), a_wave(1), a_wave(2)),
        a_plan(
            a_wave(0, pause_before_wave=True),
            a_wave(1, on_failure="continue"),
            a_wave(2, depends_on_waves=(1,)),
        ),
        a_plan(
            a_wave(0, on_failure="continue"),
            a_wave(1, depends_on_waves=(0,)),
            a_wave(2, pause_before_wave=True),
        ),
    ]
)
ENDS = st.sampled_from(
    [
        WaveStatus.COMPLETED,
        WaveStatus.COMPLETED,
        WaveStatus.PARTIAL,
        WaveStatus.FAILED,
        WaveStatus.TIMEOUT,
    ]
)


class Peers:
    """The execution handler and the query handler, as far as statuses go."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.next_end: WaveStatus | None = None
        stage.execution.call = self._start  # type: ignore[method-assign]
        stage.query.call = self._poll  # type: ignore[method-assign]

    def _start(self, action: str, payload: Any) -> Wire:
        state = from_wire(payload["state"])
        number = payload["wave_number"]
        run, record = self._stage.ports.run, self._stage.record
        entry = record.entry(number)
        wave = self._stage.plan.wave(number)
        if entry is not None and entry.is_final:
            if entry.status is WaveStatus.SKIPPED:
                return to_wire(replace(state, wave_completed=True))
            return to_wire(behind(state, record, entry, run))
        if entry is None:
            if record.status.is_terminal or record.status.is_cancel:
                return to_wire(mirrored(state, record, 0))
            if record.status in (Status.PAUSED, Status.PAUSE_PENDING):
                assert pause_before(record, number, run)
                return to_wire(paused_before(state, number))
            server = a_server(number, "IN_PROGRESS")
            entry = an_entry(
                number,
                WaveStatus.IN_PROGRESS,
                (server,),
                job_id=f"job-{number}",
                intent_count=1,
            )
            intent = an_intent(wave=number)
            assert self._stage.executions.commit(
                record,
                Change(
                    status=after(record.status, Event.JOB_ACCEPTED),
                    wave=entry,
                ),
                [IntentChange(before=None, after=intent)],
            )
        state = entered(state, wave, entry, pending=False, awaited=None)
        return to_wire(state)

    def _poll(self, action: str, payload: Any) -> Wire:
        state = from_wire(payload["state"])
        ports, record = self._stage.ports, self._stage.record
        if record.status is Status.CANCELLING or record.status.is_terminal:
            return to_wire(mirrored(state, record, 0))
        if record.status is Status.PAUSED:
            number = record.paused_before_wave or 0
            return to_wire(paused_before(state, number))
        if state.wave_completed:
            return to_wire(cross(state, ports.boundary))
        entry = record.entry(state.current_wave_number)
        if entry is None or (not entry.is_final and self.next_end is None):
            return to_wire(state)
        if entry.is_final:
            state = behind(state, record, entry, ports.run)
        else:
            closed = self._closed(state, record, entry.wave_number)
            assert closed is not None
            state = closed
        if state.status == "running" and state.wave_completed:
            state = cross(state, ports.boundary)
        return to_wire(state)

    def _closed(self, state: Any, record: Record, number: int) -> Any:
        end, self.next_end = self.next_end, None
        assert end is not None
        done = "LAUNCHED" if end is not WaveStatus.FAILED else "FAILED"
        servers = [a_server(number, done)]
        if end is WaveStatus.PARTIAL:
            servers.append(a_server(number + 50, "FAILED"))
        code = "" if end is WaveStatus.COMPLETED else "WAVE_LAUNCH_FAILED"
        entry = an_entry(number, end, tuple(servers), error_code=code)
        entry = replace(entry, job_id=f"job-{number}", intent_count=1)
        return close_wave(
            state,
            record,
            entry,
            self._stage.ports.run,
            list(settled(self._stage, number)),
        )


def settled(stage: Stage, number: int | None = None) -> list[IntentChange]:
    """Return the changes that settle what flies."""
    return [
        IntentChange(before=one, after=replace(one, settled_at=1))
        for one in stage.executions.intents(KEY, number)
        if one.intent_state is IntentState.CONFIRMED and not one.settled_at
    ]


class Runs(RuleBasedStateMachine):
    """One execution, and everything that can happen to it."""

    @initialize(plan=PLANS)
    def starts(self, plan: Plan) -> None:
        self.plan = plan
        self.stage = Stage(a_record(Status.PENDING), plan)
        self.peers = Peers(self.stage)
        self.before = self.stage.record
        self.last: Wire | None = None
        self.inputs: list[tuple[str, Wire]] = []
        self.tokens = 0

    def _does(self, action: str, event: Wire) -> None:
        self.inputs.append((action, event))
        self.last = ACTIONS[action](event, self.stage.ports)

    @rule(end=st.none() | ENDS)
    def the_machine_goes_on(self, end: WaveStatus | None) -> None:
        """Do what the definition would do next."""
        self.peers.next_end = end
        if self.last is None:
            self._does("begin", self.stage.begin())
        elif self.last["status"] == "running":
            event = {"application": self.last, "executionArn": "arn:x"}
            self._does("poll_wave_status", event)
        elif self.last["status"] == "paused":
            self.tokens += 1
            ACTIONS["store_task_token"](
                {"application": self.last, "taskToken": f"t{self.tokens}"},
                self.stage.ports,
            )

    @rule()
    def somebody_resumes(self) -> None:
        if self.last and self.last["status"] == "paused":
            if self.stage.record.task_token:
                event = {"application": {**self.last, "resume": {}}}
                self._does("resume_wave", event)

    @rule(data=st.data())
    def an_action_is_repeated(self, data: st.DataObject) -> None:
        """Send the last event again; its reply had been lost."""
        if self.inputs:
            action, event = self.inputs[-1]
            self.last = ACTIONS[action](event, self.stage.ports)

    @rule()
    def somebody_asks_for_a_pause(self) -> None:
        record = self.stage.record
        reached = follows(record.status, Event.PAUSE_REQUESTED)
        if reached and len(record.waves) < record.total_waves:
            self.stage.executions.commit(record, Change(status=reached))

    @rule()
    def somebody_cancels(self) -> None:
        record, run = self.stage.record, self.stage.ports.run
        flies = any(i.in_flight for i in self.stage.executions.intents(KEY))
        if follows(record.status, Event.CANCELLED_AT_REST) and not flies:
            cancel_now(record, Event.CANCELLED_AT_REST, run)
        elif reached := follows(record.status, Event.CANCEL_REQUESTED):
            self.stage.executions.commit(record, Change(status=reached))

    @rule()
    def the_sweep_comes(self) -> None:
        record, run = self.stage.record, self.stage.ports.run
        if not (record.status.is_terminal or record.status.is_cancel):
            return
        for change in settled(self.stage):
            self.stage.executions.commit_intent(KEY, change)
        if record.task_token:
            released = Change(remove=("task_token",))
            record = self.stage.executions.commit(record, released) or record
        if record.status is Status.CANCELLING:
            cancel_now(record, Event.DRAINED, run)
        else:
            settle_end(record, run)

    @rule()
    def somebody_skips_a_wave_that_waits(self) -> None:
        record = self.stage.record
        number = record.paused_before_wave
        if record.status is Status.PAUSED and number is not None:
            skipped = an_entry(number, WaveStatus.SKIPPED, ())
            self.stage.executions.commit(record, Change(wave=skipped))

    @rule(outcome=st.sampled_from(["FAILED", "TIMEOUT", "CANCELLED"]))
    def a_late_outcome_changes_no_end(self, outcome: str) -> None:
        """Keep a rule enabled when all is over."""
        before = self.stage.record
        if before.status.is_terminal:
            event = {"application": self.last, "outcome": outcome}
            if self.last is not None:
                ACTIONS["record_outcome"](event, self.stage.ports)
            assert self.stage.record == before
            end_run(KEY, self.stage.ports.run, reason="late")
            assert self.stage.record == before

    @invariant()
    def the_status_only_moves_as_the_table_says(self) -> None:
        before, record = self.before, self.stage.record
        self.before = record
        if before.status.is_terminal:
            assert record.status is before.status
            assert record.end_time == before.end_time
            assert record.outcome == before.outcome
        assert record.revision >= before.revision

    @invariant()
    def waves_run_in_order_and_after_what_they_depend_on(self) -> None:
        record = self.stage.record
        order = wave_order(self.plan.waves) or (0, 1, 2)
        entered_ = [entry.wave_number for entry in record.waves]
        assert entered_ == [n for n in order if n in entered_]
        assert len([e for e in record.waves if not e.is_final]) <= 1
        for entry in record.waves:
            if entry.job_id:
                for needed in self.plan.wave(
                    entry.wave_number
                ).depends_on_waves:
                    met = record.entry(needed)
                    assert met and met.status is WaveStatus.COMPLETED

    @invariant()
    def a_wave_is_paused_before_only_while_it_has_no_job(self) -> None:
        record = self.stage.record
        if record.status is Status.PAUSED:
            assert record.paused_before_wave is not None
            entry = record.entry(record.paused_before_wave)
            assert entry is None or not entry.intent_count

    @invariant()
    def an_end_is_explained_and_lets_go(self) -> None:
        record = self.stage.record
        if not record.status.is_terminal:
            return
        states = [entry.status for entry in record.waves]
        assert record.end_time is not None
        waits = bool(record.task_token)
        assert record.status is Status.CANCELLED or not waits
        assert record.completed_waves == states.count(WaveStatus.COMPLETED)
        flies = any(i.in_flight for i in self.stage.executions.intents(KEY))
        assert bool(record.finalized_at) is not (flies or waits)
        assert bool(self.stage.locked) is flies
        launched = sum(entry.launched_count for entry in record.waves)
        if record.status is Status.COMPLETED:
            assert states == [WaveStatus.COMPLETED] * 3
        elif record.status is Status.PARTIAL:
            assert launched
        elif record.status is Status.FAILED:
            assert not launched
        elif record.status is Status.TIMEOUT:
            assert WaveStatus.TIMEOUT in states
        if record.status not in (Status.COMPLETED, Status.CANCELLED):
            assert record.error_message

    @invariant()
    def the_state_agrees_with_itself(self) -> None:
        state = self.last
        if state is None:
            return
        assert not (
            state["status"] == "paused" and state["all_waves_completed"]
        )
        if state["status"] == "failed":
            assert state["error"]
        if state["status"] in ("timeout", "cancelled"):
            assert state["status_reason"]
        if state["status"] in ("completed", "failed", "timeout"):
            assert self.stage.record.status.is_terminal


TestRuns = Runs.TestCase
TestRuns.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None
)
