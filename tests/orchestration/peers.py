"""An orchestrator among peers that answer as they are told."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestration.ports import Ports
from shared.domain.errors import DrError
from shared.domain.execution import Wire, to_wire
from shared.domain.plan import Plan
from shared.domain.ports import ServerKey
from shared.domain.record import Record, Reserved
from shared.run import RunPorts
from tests.shared.builders import HUB, KEY, a_plan, a_state
from tests.support.fake_executions import FakeExecutions
from tests.support.fake_locks import FakeLocks
from tests.support.fakes import FakeCallbacks, FakeClock, FakeNotifier

ARN = "arn:aws:states:us-east-1:111122223333:execution:dr-test:" + (
    KEY.execution_id
)


class FakeHandler:
    """A peer that answers with what a function makes of the state."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._answer: Callable[[Wire], Any] = lambda state: state

    def answers(self, answer: Callable[[Wire], Any]) -> None:
        """Answer every further call with what this returns."""
        self._answer = answer

    def adds(self, **keys: Any) -> None:
        """Answer every further call with the state and these keys."""
        self._answer = lambda state: {**state, **keys}

    def fails(self, error: DrError) -> None:
        """Raise at every further call."""

        def raising(_: Wire) -> Wire:
            raise error

        self._answer = raising

    def call(self, action: str, payload: Mapping[str, Any]) -> Any:
        """Return the peer's reply."""
        self.calls.append((action, dict(payload)))
        return self._answer(dict(payload["state"]))


class Stage:
    """The fakes around one execution of a plan."""

    def __init__(self, record: Record, plan: Plan | None = None) -> None:
        self.plan = plan or a_plan(count=3)
        self.clock = FakeClock()
        self.executions = FakeExecutions(self.clock)
        self.locks = FakeLocks(self.executions)
        self.notifier = FakeNotifier()
        self.callbacks = FakeCallbacks()
        self.execution = FakeHandler()
        self.query = FakeHandler()
        self.locks.acquire_plan(record.key, self.clock.now())
        self._reserve(record.reserved)
        self.executions.save_plan(record.key, self.plan)
        self.executions.has(record)

    def _reserve(self, reserved: tuple[Reserved, ...]) -> None:
        for group in reserved:
            keys = [
                ServerKey(HUB, group.region, one) for one in group.server_ids
            ]
            self.locks.reserve(
                KEY, keys, group.wave_number, 0, record_exists=False
            )

    def is_disturbed(self, times: int) -> None:
        """Let somebody else write just before each of the next writes."""

        def happens() -> None:
            item = self.executions.items[KEY]
            item["revision"] = item.get("revision", 0) + 1

        for _ in range(times):
            self.executions.meanwhile(happens)

    @property
    def record(self) -> Record:
        """Return the record as it is now."""
        return self.executions.record(KEY)

    @property
    def locked(self) -> list[str]:
        """Return the locks and reservations that are held."""
        return [key[0] for key in self.executions.items if "-lock-" in key[0]]

    @property
    def ports(self) -> Ports:
        """Return the orchestrator's ports."""
        return Ports(
            run=RunPorts(
                executions=self.executions,
                locks=self.locks,
                notifier=self.notifier,
                clock=self.clock,
                hub_account_id=HUB,
            ),
            execution=self.execution,
            query=self.query,
            callbacks=self.callbacks,
        )

    def begin(self, **more: Any) -> Wire:
        """Return the event of a begin."""
        wire = to_wire(a_state(self.plan))
        return {
            "action": "begin",
            "execution": KEY.execution_id,
            "plan": {
                "planId": KEY.plan_id,
                "planName": self.plan.plan_name,
                "waves": wire["waves"],
            },
            "isDrill": True,
            "accountContext": {"accountId": HUB},
            "executionArn": ARN,
            **more,
        }

    def event(self, action: str, **state: Any) -> Wire:
        """Return an action's event with a state."""
        return {
            "action": action,
            "application": {**to_wire(a_state(self.plan)), **state},
            "executionArn": ARN,
        }
