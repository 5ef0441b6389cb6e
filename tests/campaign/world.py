"""A world drawn from a seed, in which everything that can go wrong may.

The functions run as in ``tests.support.world``; every call of theirs to the
outside passes the trouble maker. While a function sleeps or hangs, the rest
of the world goes on.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

from execution_handler.ports import Ports as ExecutionPorts
from orchestration.ports import Ports as OrchestratorPorts
from shared.domain.errors import (
    Conflict,
    DatabaseError,
    DrError,
    LimitExceeded,
    Unavailable,
)
from shared.domain.execution import Wire, size_of
from shared.domain.items import Item
from shared.domain.ports import Executions, Handler, Locks
from shared.domain.replies import peer_error
from shared.run import RunPorts
from tests.campaign.draw import Draw
from tests.campaign.estate import furnish
from tests.campaign.faults import Fault, Kind, Schedule
from tests.campaign.in_turn import settle_servers_in_turn
from tests.campaign.others import Others
from tests.campaign.points import Frame, Killed, Watch
from tests.campaign.trouble import Trouble
from tests.campaign.troubled_drs import TroubledDrs
from tests.support.fake_drs import HUB, FakeDrs
from tests.support.fake_executions import FakeExecutions
from tests.support.fakes import InProcess
from tests.support.scenario_driver.attempts import Delayed
from tests.support.scenario_driver.clock import START, VirtualClock
from tests.support.scenario_driver.errors import TaskFailed
from tests.support.scenario_driver.run import Run
from tests.support.world import Orchestrator, World, WorldClock

SECONDS = {"execution": 300, "query": 330, "orchestrator": 360, "direct": 360}
REDELIVERY = (60, 120)
TRIES = 60
SLOW_SECONDS = 25
# Jobs of others may hold the servers, or the room: they end in time.
BUSY = (Conflict, LimitExceeded)
BUSY_SECONDS = 60


class LivingClock(WorldClock):
    """A clock on which the world goes on while somebody sleeps."""

    def __init__(
        self, virtual: VirtualClock, passes: Callable[[float], None]
    ) -> None:
        super().__init__(virtual)
        self._passes = passes

    def sleep(self, seconds: float) -> None:
        """Let the time pass, and everything happen that is due."""
        self._passes(seconds)


class Campaign(World):
    """The world of one draw.

    Attributes:
        raw: The execution history as nobody watches it.
        told: What happened, for people.
        largest_state: The bytes of the largest state so far.
        after_step: Called after every step of the clock.
    """

    def __init__(
        self,
        drawn: Draw,
        orchestrator: Orchestrator | None = None,
        *,
        common: bool = False,
    ) -> None:
        self.drawn = drawn
        self.common = common
        schedule = Schedule(drawn.seed, drawn.faults, common=common)
        self.trouble = Trouble(schedule, self)
        self.watch = Watch(self.trouble)
        self.told: list[str] = []
        self.execution = ""
        self.largest_state = 0
        self.after_step: Callable[[], None] = lambda: None
        settle_servers_in_turn()
        super().__init__(orchestrator or drawn.orchestrator)
        furnish(self, drawn)
        self.raw, locks = self.stores()
        watched = self.watch.watched
        self.executions = watched("executions", self.raw)
        self.locks = watched("locks", locks)
        self.run_ports = RunPorts(
            executions=self.executions,
            locks=self.locks,
            notifier=watched("notifier", self.notifier),
            clock=self.clock,
            hub_account_id=HUB,
        )
        self.true_drs, self.drs = self.drs, watched("drs", self.drs)
        self.others = Others(self)

    def stores(self) -> tuple[Executions, Locks]:
        """Return the history and the locks as nobody watches them."""
        return self.executions, self.locks

    def stored(self) -> list[Item]:
        """Return what the table of the executions holds."""
        assert isinstance(self.raw, FakeExecutions)
        return list(self.raw.items.values())

    def shown(self, execution_id: str) -> dict[str, Any]:
        """Return what readers of the API see of an execution."""
        return super().operate("get_execution", executionId=execution_id)

    def new_clock(self) -> WorldClock:
        """Return a clock on which the world goes on."""
        return LivingClock(self.virtual, self.sleep)

    def new_drs(self, seed: int) -> FakeDrs:
        """Return DRS with small pages and trouble."""
        return TroubledDrs(self.clock, self.drawn.seed, self.drawn.page_size)

    # What the trouble maker asks for.

    def now(self) -> float:
        """Return the time."""
        return self.virtual.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due."""
        until = self.now() + seconds
        with self.watch.outside():
            while (at := self.virtual.next_at()) is not None and at <= until:
                self.virtual.step()
                self.after_step()
            self.virtual.advance_to(until)

    def trouble_drs(self, kind: Kind, times: int) -> None:
        """Let the next calls to DRS go wrong."""
        assert isinstance(self.true_drs, TroubledDrs)
        self.true_drs.trouble(kind, times)

    def tell(self, what: str) -> None:
        """Take note of what happened."""
        self.told.append(f"{self.now() - START:9.1f}  {what}")

    def meanwhile(self, fault: Fault, frame: Frame) -> None:
        """Let somebody else do something, or the function hang."""
        if fault.kind is Kind.SLOW:
            self.sleep(fault.size * SLOW_SECONDS)
            return
        twin = self.watch.frames[0] if self.common else frame
        with self.watch.outside():
            if fault.kind is not Kind.TWIN:
                self.others.meanwhile(fault)
            elif twin.again is not None:
                twin.again()

    # Functions and how they are reached.

    def function(self, name: str, work: Callable[[], Any]) -> Any:
        """Invoke a function; it may be killed."""
        frame = Frame(
            function=name,
            deadline=self.now() + SECONDS[name.partition(".")[0]],
            again=lambda: self.survives(name, work),
        )
        depth = len(self.watch.frames)
        self.tell(f"{'  ' * depth}{name}")
        with self.watch.function(frame):
            return work()

    def survives(self, name: str, work: Callable[[], Any]) -> bool:
        """Invoke a function that nobody waits for; tell whether it ended."""
        try:
            with self.watch.outside():
                self.function(name, work)
        except (Killed, DrError) as ended:
            self.tell(f"{name} ended: {type(ended).__name__}: {ended}")
            return False
        return True

    def delivers(
        self, call: str, name: str, work: Callable[[], Any], tried: int = 0
    ) -> None:
        """Invoke a function asynchronously, as often as Lambda would."""
        fault = self.trouble.delivery(call)
        if fault is not None and fault.kind is Kind.LOST:
            return
        again = partial(self.delivers, call, name, work, tried + 1)
        later = self.virtual.call_later
        if not self.survives(name, work) and tried < len(REDELIVERY):
            later(REDELIVERY[tried], again)
        elif fault is not None and tried < len(REDELIVERY):
            later(fault.size * SLOW_SECONDS, again)

    def operate(self, operation: str, **fields: Any) -> dict[str, Any]:
        """Call an operation; the sweep's next minute follows a crash."""
        name = f"execution.{operation}"
        answered = super().operate
        if operation == "find":
            self.survives(name, lambda: answered(operation, **fields))
            return {}
        reply: dict[str, Any] = self.function(
            name, lambda: answered(operation, **fields)
        )
        return reply

    def begins(self) -> str:
        """Start the plan; a caller whose start died asks again.

        Returns:
            The execution's id, or nothing where it never came through.
        """
        return self._accepted(
            lambda: self.starts(
                clientToken=str(self.drawn.seed),
                executionType=self.drawn.kind,
            )
        )

    def begins_again(self) -> str:
        """Retry what the run before did not launch, as the start is made."""
        return self._accepted(
            lambda: str(
                self.operate(
                    "retry_failed",
                    executionId=self.execution,
                    clientToken=f"{self.drawn.seed} again",
                )["executionId"]
            )
        )

    def _accepted(self, start: Callable[[], str]) -> str:
        for _ in range(TRIES):
            try:
                self.execution = start()
                return self.execution
            except BUSY as ended:
                self.tell(f"start ended: {ended.code}: {ended}")
                self.sleep(BUSY_SECONDS)
            except (Killed, Unavailable, DatabaseError) as ended:
                self.tell(f"start ended: {type(ended).__name__}: {ended}")
                self.sleep(5)
            except DrError as refused:
                self.tell(f"start refused: {refused.code}: {refused}")
                return ""
        return ""

    def execution_ports(self) -> ExecutionPorts:
        """Return the execution handler's ports, watched."""
        plain = super().execution_ports()
        watched = self.watch.watched
        deadline = plain.deadline
        if self.common and self.watch.frames:
            deadline = int(self.watch.frames[0].deadline)
        return replace(
            plain,
            plans=watched("plans", plain.plans),
            groups=watched("groups", plain.groups),
            accounts=watched("accounts", plain.accounts),
            audit=watched("audit", plain.audit),
            callbacks=watched("callbacks", plain.callbacks),
            machine=watched("machine", plain.machine),
            worker=watched("worker", plain.worker),
            deadline=deadline,
        )

    def peer(
        self, answer: Callable[[dict[str, Any]], Mapping[str, Any]], name: str
    ) -> Handler:
        """Return a function that is killed alone, without its caller."""
        short = name.removesuffix("-handler")

        def invoked(event: dict[str, Any]) -> Mapping[str, Any]:
            work = partial(answer, event)
            try:
                reply: Wire = self.function(f"{short}.{event['action']}", work)
            except Killed as killed:
                raise peer_error(
                    name, "Runtime.ExitError", f"Error: {killed}"
                ) from killed
            return reply

        handler: Handler = self.watch.watched("peer", InProcess(invoked, name))
        return handler

    def _orchestrator_ports(self) -> OrchestratorPorts:
        plain = super()._orchestrator_ports()
        if self.kind == "direct":
            return plain
        callbacks = self.watch.watched("callbacks", plain.callbacks)
        return replace(plain, callbacks=callbacks)

    def _works(self, payload: dict[str, Any]) -> None:
        work = super()._works
        self.delivers(
            "delivery.worker",
            "execution.worker",
            lambda: work(deepcopy(payload)),
        )

    def _status_changed(self, run: Run) -> None:
        self.tell(f"machine {run.name[:8]} {run.status} {run.state}")
        if run.running:
            return
        work = super()._status_changed
        self.delivers(
            "delivery.status", "execution.machine_ended", lambda: work(run)
        )

    def _invoke(self, payload: dict[str, Any]) -> Delayed:
        fault = self.trouble.delivery("delivery.machine")
        kind = fault.kind if fault is not None else None
        if kind is Kind.LOST:
            error = TaskFailed("Lambda.TooManyRequestsException", "throttled")
            return Delayed(after=0, error=error)
        reply = self._invoked(payload)
        if kind is Kind.DUPLICATE:
            reply = self._invoked(payload)
        if kind is Kind.LOST_ANSWER:
            error = TaskFailed("Lambda.Unknown", "no answer")
            return Delayed(after=0, error=error)
        return reply

    def _invoked(self, payload: dict[str, Any]) -> Delayed:
        name = "direct" if self.kind == "direct" else "orchestrator"
        work = super()._invoke
        try:
            with self.watch.outside():
                reply: Delayed = self.function(
                    f"{name}.{payload['action']}",
                    lambda: work(payload),
                )
        except Killed as killed:
            self.tell(f"{name}.{payload['action']} ended: {killed}")
            error = TaskFailed("Lambda.Unknown", str(killed))
            return Delayed(after=0, error=error)
        if reply.reply is not None:
            size = size_of(reply.reply)
            self.largest_state = max(self.largest_state, size)
        return reply
