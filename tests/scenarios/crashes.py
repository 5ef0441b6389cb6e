"""A world whose functions can be killed wherever they touch the outside.

Every call of a port inside a function is a point: the function may be
killed just before it, and just after it where the call changes something.
What AWS does then is done here: the state machine sees an error of one of
two names, a caller that waits for a peer sees its exit, and asynchronous
invocations are delivered again.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from shared.domain.ports import Handler
from shared.domain.record import Record
from shared.domain.replies import peer_error
from shared.domain.status import IntentState, Status
from shared.run import RunPorts
from tests.campaign.points import Frame, Killed, Watch
from tests.support.fakes import InProcess
from tests.support.scenario_driver.attempts import Delayed
from tests.support.scenario_driver.errors import (
    ExecutionDoesNotExist,
    TaskFailed,
)
from tests.support.scenario_driver.run import Run
from tests.support.world import PLAN, Orchestrator, World

# What Step Functions calls a function whose process ended, then and now.
ENDED = ("Lambda.Unknown", "Runtime.ExitError")
CHANGES = frozenset(
    {
        "acquire_plan",
        "commit",
        "commit_intent",
        "create",
        "delete_plan",
        "fail",
        "finalize",
        "give_up",
        "later",
        "release",
        "release_plan",
        "reserve",
        "reserve_all",
        "save_plan",
        "send",
        "start",
        "start_recovery",
        "stop",
        "succeed",
    }
)
LOOKS = frozenset(
    {
        "active_jobs",
        "describe",
        "entry",
        "find",
        "group",
        "instances",
        "intents",
        "job_log",
        "jobs",
        "jobs_since",
        "live",
        "plan",
        "quotas",
        "record",
        "recovery_instances",
        "reserved",
        "source_servers",
    }
)


class Points:
    """Counts the points and kills at the chosen ones."""

    def __init__(self, chosen: Iterable[int], looks: bool) -> None:
        self.count = 0
        self.names: list[str] = []
        self.watch = Watch(self)
        self._chosen = set(chosen)
        self._looks = looks
        self.at: dict[int, Callable[[], object]] = {}

    def passed(self, name: str) -> None:
        """Pass a point, or die there."""
        self.count += 1
        self.names.append(name)
        happens = self.at.pop(self.count, None)
        if happens is not None:
            with self.watch.outside():
                happens()
        if self.count in self._chosen:
            raise Killed(f"killed at point {self.count}, {name}")

    def kill(self, point: int) -> None:
        """Choose a further point to kill at."""
        self._chosen.add(point)

    def function(self) -> AbstractContextManager[None]:
        """Count the points of a function's invocation."""
        return self.watch.function(Frame(function="any"))

    def meet(self, call: str, frame: Frame, work: Callable[[], Any]) -> Any:
        """Make a call between its points."""
        name = call.partition(".")[2]
        if name in CHANGES or (name in LOOKS and self._looks):
            self.passed(f"before {name}")
        answer = work()
        if name in CHANGES:
            self.passed(f"after {name}")
        return answer


class CrashingWorld(World):
    """Two small waves, and a function that dies at each chosen point."""

    def __init__(
        self,
        *chosen: int,
        kind: Orchestrator = "generic",
        looks: bool = False,
        seconds: float = 40,
        **second: object,
    ) -> None:
        super().__init__(kind)
        self.points = Points(chosen, looks)
        watched = self.points.watch.watched
        self.executions = watched("executions", self.executions)
        self.drs = watched("drs", self.drs)
        self.locks = watched("locks", self.locks)
        self.groups = watched("groups", self.groups)
        self.run_ports = RunPorts(
            executions=self.executions,
            locks=self.locks,
            notifier=watched("notifier", self.notifier),
            clock=self.clock,
            hub_account_id=self.run_ports.hub_account_id,
        )
        for tier in ("db", "web"):
            for server in self.has_servers(tier, 2):
                self.drs.will_launch(server, after=seconds)
        self.has_plan(
            {"protectionGroupId": "db"},
            {"protectionGroupId": "web", "dependsOnWaves": [0], **second},
        )

    def begins(self) -> str:
        """Start the plan; a caller whose start died asks again."""
        for _ in range(30):
            try:
                with self.points.function():
                    return self.starts(clientToken="once")
            except Killed:
                self.virtual.advance(5)
        raise AssertionError("the start never came through")

    def finishes(self, execution_id: str, within: float = 2e5) -> Record:
        """Let the time pass until the record and its machine have ended."""

        def ended() -> bool:
            record = self.record(execution_id)
            run = self.run_if_any(execution_id)
            return bool(record.finalized_at) and not (run and run.running)

        self.runs_until(ended, within)
        return self.record(execution_id)

    def run_if_any(self, execution_id: str) -> Run | None:
        """Return the state machine's execution, where one was started."""
        try:
            return self.run_of(execution_id)
        except ExecutionDoesNotExist:
            return None

    def asks(self, operation: str, **fields: Any) -> dict[str, Any]:
        """Call an operation; a caller whose call died asks again."""
        for _ in range(30):
            try:
                with self.points.function():
                    return super().operate(operation, **fields)
            except Killed:
                self.virtual.advance(2)
        raise AssertionError(f"{operation} never came through")

    def operate(self, operation: str, **fields: Any) -> dict[str, Any]:
        """Call an operation; the sweep's next minute follows a crash."""
        if operation != "find":
            return super().operate(operation, **fields)
        try:
            with self.points.function():
                return super().operate(operation, **fields)
        except Killed:
            return {}

    def _works(self, payload: dict[str, Any]) -> None:
        try:
            with self.points.function():
                super()._works(payload)
        except Killed:
            self.virtual.call_later(60, lambda: self._works(payload))

    def _invoke(self, payload: dict[str, Any]) -> Delayed:
        try:
            with self.points.function():
                return super()._invoke(payload)
        except Killed as killed:
            name = ENDED[self.points.count % len(ENDED)]
            error = TaskFailed(name, str(killed))
            return Delayed(after=self._slept(), error=error)

    def _status_changed(self, run: Run) -> None:
        try:
            with self.points.function():
                super()._status_changed(run)
        except Killed:
            self.virtual.call_later(60, lambda: self._status_changed(run))

    def execution_ports(self) -> Any:
        plain = super().execution_ports()
        watched = self.points.watch.watched
        return replace(
            plain,
            callbacks=watched("callbacks", plain.callbacks),
            machine=watched("machine", plain.machine),
            worker=watched("worker", plain.worker),
        )

    def peer(
        self, answer: Callable[[dict[str, Any]], Mapping[str, Any]], name: str
    ) -> Handler:
        """Let a peer that is killed be an error of its caller's call."""

        def dispatched(event: dict[str, Any]) -> Mapping[str, Any]:
            try:
                return answer(event)
            except Killed as killed:
                raise peer_error(
                    name, "Runtime.ExitError", f"RequestId: 1 Error: {killed}"
                ) from killed

        return InProcess(dispatched, name)

    def _orchestrator_ports(self) -> Any:
        plain = super()._orchestrator_ports()
        if self.kind == "direct":
            return plain
        watched = self.points.watch.watched
        return replace(plain, callbacks=watched("callbacks", plain.callbacks))


def check(world: CrashingWorld, record: Record) -> None:
    """Check what holds after every end, however it came about."""
    intents = world.executions.intents(record.key)
    run = world.run_if_any(record.execution_id)
    jobs = world.drs.jobs_started
    assert record.status.is_terminal and record.finalized_at
    succeeded = run is not None and run.status == "SUCCEEDED"
    assert succeeded == (record.status is Status.COMPLETED)
    assert not [i for i in intents if i.in_flight]
    confirmed = [i for i in intents if i.intent_state is IntentState.CONFIRMED]
    assert sorted(i.job_id for i in confirmed) == sorted(
        j.job_id for j in jobs
    )
    in_jobs = [s for job in jobs for s in job.server_ids]
    assert len(in_jobs) == len(set(in_jobs))
    launched = [s for i in confirmed for s in i.server_ids]
    assert sorted(launched) == sorted(in_jobs)
    for entry in record.waves:
        for server in entry.server_statuses:
            known = server.source_server_id in launched
            assert known or server.error_code or entry.status_message
    assert not [k for k in world.executions.items if "lock-" in k[0]]
    assert world.executions.live() == []
    assert world.executions.plan(record.key).plan_id == PLAN


__all__ = ["CrashingWorld", "Killed", "Points", "check"]
