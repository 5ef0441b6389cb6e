"""The whole product in one process, on a virtual clock.

The real definition, the real actions and the real core run over in-memory
fakes and the simulator's pure model. Payloads travel as JSON. The generic
orchestrator reaches its peers as Lambdas would be reached; the direct one
has them in process, as in production.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import execution_handler.actions as execution
import orchestration.actions as orchestrator
import query_handler.actions as query
from execution_handler.ports import Ports as ExecutionPorts
from execution_handler.sweep import machine_ended
from execution_handler.worker import start_machine
from orchestration.ports import Ports as OrchestratorPorts
from orchestration_stepfunctions.composition import compose
from query_handler.ports import Ports as QueryPorts
from shared.domain.errors import DrError
from shared.domain.plan import plan_from_item
from shared.domain.ports import Handler
from shared.domain.record import Record
from shared.domain.replies import error_body, retryable_error
from shared.routing import dispatch, invoked
from shared.run import RunPorts
from tests.support.fake_drs import HUB, FakeDrs
from tests.support.fake_executions import FakeExecutions
from tests.support.fake_locks import FakeLocks
from tests.support.fakes import (
    FakeAccounts,
    FakeAudit,
    FakeGroups,
    FakeNotifier,
    FakePlans,
    InProcess,
)
from tests.support.scenario_driver import definition
from tests.support.scenario_driver.attempts import Delayed
from tests.support.scenario_driver.clock import VirtualClock
from tests.support.scenario_driver.driver import Driver
from tests.support.scenario_driver.errors import TaskFailed
from tests.support.scenario_driver.ports import DrivenCallbacks, DrivenMachine
from tests.support.scenario_driver.run import Run

REGION = "us-east-1"
PLAN = "plan-1"
INVOCATION_SECONDS = 300
Orchestrator = Literal["generic", "direct"]


class WorldClock:
    """The scenario's time, plus what an invocation has slept so far."""

    def __init__(self, virtual: VirtualClock) -> None:
        self.virtual = virtual
        self.slept = 0.0

    def now(self) -> int:
        """Return the epoch seconds, rounded down."""
        return int(self.virtual.now() + self.slept)

    def sleep(self, seconds: float) -> None:
        """Take that much longer to reply."""
        self.slept += seconds


class LaterWorker:
    """Background work, done as the clock's next business."""

    def __init__(
        self, virtual: VirtualClock, work: Callable[[dict[str, Any]], object]
    ) -> None:
        self._virtual = virtual
        self._work = work

    def later(self, payload: Mapping[str, Any]) -> None:
        """Do the work soon."""
        self._virtual.call_later(0, lambda: self._work(dict(payload)))


class World:
    """Everything there is; start with ``has_servers`` and ``has_plan``."""

    def __init__(
        self, orchestrator_kind: Orchestrator = "generic", seed: int = 0
    ) -> None:
        self.kind = orchestrator_kind
        self.virtual = VirtualClock()
        self.clock = self.new_clock()
        self.drs = self.new_drs(seed)
        self.executions = FakeExecutions(self.clock)
        self.locks = FakeLocks(self.executions)
        self.notifier = FakeNotifier()
        self.audit = FakeAudit()
        self.plans = FakePlans()
        self.groups = FakeGroups()
        self.accounts = FakeAccounts()
        self.run_ports = RunPorts(
            executions=self.executions,
            locks=self.locks,
            notifier=self.notifier,
            clock=self.clock,
            hub_account_id=HUB,
        )
        self.driver = Driver(definition.load(), self._invoke, self.virtual)
        self.driver.on_status_change(self._status_changed)
        self.states: list[dict[str, Any]] = []
        self.virtual.call_every(60, lambda: self.operate("find"))

    def new_clock(self) -> WorldClock:
        """Return the clock that everything here reads."""
        return WorldClock(self.virtual)

    def new_drs(self, seed: int) -> FakeDrs:
        """Return DRS as it is before anything is in it."""
        return FakeDrs(self.clock, seed)

    def has_servers(self, name: str, count: int) -> list[str]:
        """Add servers tagged ``tier=<name>`` and a group that selects them."""
        ids = self.drs.has_servers(
            REGION,
            [
                {"Name": f"{name}-{number}", "tier": name}
                for number in range(count)
            ],
        )
        self.groups.put(
            {
                "groupId": name,
                "groupName": name,
                "region": REGION,
                "accountId": "",
                "serverSelectionTags": {"tier": name},
                "sourceServerIds": [],
                "launchConfig": {},
                "servers": [],
            }
        )
        return ids

    def has_plan(self, *waves: Mapping[str, Any]) -> None:
        """Store the plan; a wave names its group and whatever it likes."""
        self.plans.put(
            plan_from_item(
                {
                    "planId": PLAN,
                    "planName": "Three tiers",
                    "version": 1,
                    "waves": [dict(wave) for wave in waves],
                }
            )
        )

    def starts(self, **more: Any) -> str:
        """Start the plan and return the execution's id."""
        reply = self.operate(
            "start_execution",
            planId=PLAN,
            executionType=more.pop("executionType", "DRILL"),
            initiatedBy="test",
            **more,
        )
        return str(reply["executionId"])

    def operate(self, operation: str, **fields: Any) -> dict[str, Any]:
        """Call an operation of the execution handler directly."""
        self.clock.slept = 0
        try:
            return execution.OPERATIONS[operation](
                dict(fields), self.execution_ports()
            )
        finally:
            self.clock.slept = 0

    def record(self, execution_id: str) -> Record:
        """Return the record."""
        return self.executions.find(execution_id)

    def run_of(self, execution_id: str) -> Run:
        """Return the state machine's execution of that name."""
        return self.driver.run(self.driver.arn_of(execution_id))

    def runs_until(
        self, condition: Callable[[], bool], within: float = 4e7
    ) -> None:
        """Let the time pass until something holds."""
        self.virtual.run_until(condition, within=within)

    def finishes(self, execution_id: str, within: float = 4e7) -> Record:
        """Let the time pass until record and state machine have ended."""
        self.runs_until(
            lambda: bool(self.record(execution_id).finalized_at)
            and not self.run_of(execution_id).running,
            within,
        )
        return self.record(execution_id)

    def pauses(self, execution_id: str) -> Record:
        """Let the time pass until the execution waits with its token."""
        self.runs_until(lambda: bool(self.record(execution_id).task_token))
        return self.record(execution_id)

    def execution_ports(self) -> ExecutionPorts:
        """Return the execution handler's ports, a fresh invocation."""
        return ExecutionPorts(
            run=self.run_ports,
            plans=self.plans,
            groups=self.groups,
            accounts=self.accounts,
            drs=self.drs,
            callbacks=DrivenCallbacks(self.driver),
            machine=DrivenMachine(self.driver),
            worker=LaterWorker(self.virtual, self._works),
            audit=self.audit,
            deadline=self.clock.now() + INVOCATION_SECONDS,
        )

    def _works(self, payload: dict[str, Any]) -> None:
        with invoked(payload):
            start_machine(payload, self.execution_ports())
        self.clock.slept = 0

    def _invoke(self, payload: dict[str, Any]) -> Delayed:
        self.clock.slept = 0
        try:
            reply = dispatch(
                payload, self._orchestrator_ports(), orchestrator.ACTIONS
            )
        except DrError as error:
            failed = retryable_error(error)
            return Delayed(
                after=self._slept(),
                error=TaskFailed(type(failed).__name__, error_body(failed)),
            )
        self.states.append(reply)
        return Delayed(after=self._slept(), reply=reply)

    def _slept(self) -> float:
        slept, self.clock.slept = self.clock.slept, 0.0
        return slept

    def _orchestrator_ports(self) -> OrchestratorPorts:
        if self.kind == "direct":
            return compose(self.execution_ports())
        starter = self.peer(
            lambda event: dispatch(
                event, self.execution_ports(), execution.ACTIONS
            ),
            "execution-handler",
        )
        poller = self.peer(
            lambda event: dispatch(
                event,
                QueryPorts(
                    run=self.run_ports, execution=starter, drs=self.drs
                ),
                query.ACTIONS,
            ),
            "query-handler",
        )
        return OrchestratorPorts(
            run=self.run_ports,
            execution=starter,
            query=poller,
            callbacks=DrivenCallbacks(self.driver),
        )

    def peer(
        self, answer: Callable[[dict[str, Any]], Mapping[str, Any]], name: str
    ) -> Handler:
        """Return a function as its callers reach it."""
        return InProcess(answer, name)

    def _status_changed(self, run: Run) -> None:
        if run.status not in ("FAILED", "ABORTED", "TIMED_OUT"):
            return
        machine_ended(
            {
                "detail": {
                    "name": run.name,
                    "executionArn": run.arn,
                    "status": run.status,
                }
            },
            self.execution_ports(),
        )
