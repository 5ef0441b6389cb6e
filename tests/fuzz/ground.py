"""The four functions by their entry points, over what is in memory.

``Ground`` holds one execution as it was at one moment; ``ask`` sends an event
to a function, with everything as it was, and proves what holds of every
answer:

- it is JSON, or one of our typed errors whose text is a JSON error body;
- it is no bug's error;
- the error's message is there, is bounded, and holds no trace and no token;
- an input that is refused as such has changed nothing;
- it comes within seconds.
"""

import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from types import ModuleType
from typing import Any, Literal

import execution_handler.handler
import orchestration.handler
import orchestration_stepfunctions.handler
import query_handler.handler
from execution_handler.ports import Ports as ExecutionPorts
from orchestration.ports import Ports as OrchestratorPorts
from query_handler.ports import Ports as QueryPorts
from shared.domain.errors import DrError
from shared.domain.execution import Wire
from shared.domain.items import Item, ItemKey
from shared.domain.ports import Handler, MachineRun
from tests.fuzz.mutations import TOKEN, Mutant
from tests.support.fakes import (
    FakeAccounts,
    FakeCallbacks,
    FakeMachine,
    FakeWorker,
    InProcess,
)
from tests.support.world import PLAN, World

SECONDS = 10
Function = Literal["generic", "direct", "execution", "query"]
Moment = Literal["accepted", "polling", "paused"]
HANDLERS: dict[str, ModuleType] = {
    "generic": orchestration.handler,
    "direct": orchestration_stepfunctions.handler,
    "execution": execution_handler.handler,
    "query": query_handler.handler,
}
# The input itself is refused, whatever the tables hold.
INPUT_REFUSED = frozenset(
    {
        "INVALID_INVOCATION",
        "INVALID_TYPE",
        "INVALID_FORMAT",
        "INVALID_TAGS",
        "INVALID_WAVE_DATA",
        "INVALID_EXECUTION_TYPE",
        "MISSING_FIELD",
        "MISSING_REGION",
        "UNKNOWN_ACTION",
        "UNKNOWN_OPERATION",
    }
)


class Context:
    """The part of Lambda's context that the entry points read."""

    invoked_function_arn = (
        "arn:aws:lambda:us-east-1:111122223333:function:dr-test"
    )

    def get_remaining_time_in_millis(self) -> int:
        """Return as much as the execution handler has."""
        return 300_000


class Ground:
    """One execution at one moment."""

    def __init__(self, moment: Moment) -> None:
        world = World()
        world.has_servers("db", 2)
        world.has_servers("web", 2)
        world.has_plan(
            {"protectionGroupId": "db", "waveName": "Databases"},
            {
                "protectionGroupIds": ["web"],
                "pauseBeforeWave": True,
                "dependsOnWaves": [0],
                "onFailure": "continue",
                "maxWaitSeconds": 3_600,
            },
        )
        # A job's id may be anything where the table was mangled.
        world.drs.refuses_requests_as_the_sdk()
        self.world = world
        self.execution_id = world.starts()
        if moment == "polling":
            world.runs_until(lambda: len(world.states) > 1)
        if moment == "paused":
            world.pauses(self.execution_id)
        self._groups = [world.groups.group(name) for name in ("db", "web")]
        self._items = deepcopy(world.executions.items)
        for item in self._items.values():
            if item.get("taskToken"):
                item["taskToken"] = TOKEN
        self.reset()

    @property
    def state(self) -> Wire:
        """Return the state that the state machine carries at the moment."""
        state: Wire = deepcopy(self.world.states[-1])
        return state

    @property
    def arn(self) -> str:
        """Return the ARN of the state machine's execution."""
        return self.world.driver.arn_of(self.execution_id)

    @property
    def task(self) -> Wire:
        """Return what a task of the state machine says of itself."""
        return {
            "executionArn": self.arn,
            "taskState": {
                "Name": "UpdateWaveStatus",
                "EnteredTime": "2026-01-01T00:00:00Z",
                "RetryCount": 1,
            },
        }

    def begin(self) -> Wire:
        """Return the event with which a plan begins."""
        waves = self.world.plans.plan(PLAN).waves
        return {
            "action": "begin",
            "execution": self.execution_id,
            "plan": {
                "planId": PLAN,
                "planName": "Three tiers",
                "waves": [
                    {
                        "waveNumber": wave.wave_number,
                        "waveName": wave.wave_name,
                        "protectionGroupId": wave.protection_group_id,
                        "protectionGroupIds": list(wave.protection_group_ids),
                        "serverIds": [],
                        "pauseBeforeWave": wave.pause_before_wave,
                        "dependsOnWaves": list(wave.depends_on_waves),
                        "onFailure": wave.on_failure,
                    }
                    for wave in waves
                ],
            },
            "isDrill": True,
            "accountContext": {
                "accountId": "111122223333",
                "assumeRoleName": "",
                "isCurrentAccount": True,
            },
            **self.task,
        }

    def reset(self) -> None:
        """Let everything be as it was at the moment."""
        items = self.world.executions.items
        items.clear()
        items.update(deepcopy(self._items))
        for group in self._groups:
            self.world.groups.put(group)
        self._peer: Handler | None = None
        self.callbacks = FakeCallbacks()
        self.worker = FakeWorker()
        self.machine = FakeMachine()
        self.machine.runs[self.arn] = MachineRun("RUNNING", "", "")

    @property
    def items(self) -> dict[ItemKey, Item]:
        """Return what the history table holds at the moment."""
        return deepcopy(self._items)

    def ask(
        self,
        function: Function,
        event: Any,
        stored: Mapping[ItemKey, Item] | None = None,
        group: Mapping[str, Any] | None = None,
        peer: Handler | None = None,
    ) -> Wire | DrError:
        """Return the answer to an event, proved to be one we give.

        Args:
            function: Who is asked.
            event: What.
            stored: Items of the history table that are another than usual.
            group: A protection group that is another than usual.
            peer: What answers in the place of the orchestrator's peers.
        """
        self.reset()
        self._peer = peer
        if group is not None:
            self.world.groups.put(group)
        self.world.executions.items.update(deepcopy(dict(stored or {})))
        before = self._seen()
        try:
            with _patience():
                reply: Wire = self._invoke(function, event)
        except DrError as error:
            _check_error(error)
            if error.code in INPUT_REFUSED:
                assert self._seen() == before, error
            return error
        _check_reply(reply)
        return reply

    def ask_mutant(self, function: Function, mutant: Mutant) -> Wire | DrError:
        """Ask, and prove that a refusal says what is wrong."""
        answer = self.ask(function, mutant.value)
        if isinstance(answer, DrError) and answer.code in INPUT_REFUSED:
            _check_named(answer, mutant)
        return answer

    def _invoke(self, function: str, event: Any) -> Any:
        handler = HANDLERS[function]
        ports = {
            "generic": self._orchestrator,
            "direct": self._execution,
            "execution": self._execution,
            "query": self._query,
        }[function]
        connected = handler.ports
        handler.__dict__["ports"] = lambda _: ports()
        try:
            return handler.lambda_handler(event, Context())
        finally:
            handler.__dict__["ports"] = connected

    def _seen(self) -> object:
        """Return all that an answer may have changed."""
        return (
            deepcopy(self.world.executions.items),
            len(self.world.drs.jobs_started),
            list(self.callbacks.succeeded),
            list(self.callbacks.failed),
            list(self.worker.sent),
            dict(self.machine.runs),
        )

    def _execution(self) -> ExecutionPorts:
        return ExecutionPorts(
            run=self.world.run_ports,
            plans=self.world.plans,
            groups=self.world.groups,
            accounts=FakeAccounts({"accountId": "999988887777"}),
            drs=self.world.drs,
            callbacks=self.callbacks,
            machine=self.machine,
            worker=self.worker,
            audit=self.world.audit,
        )

    def _starter(self) -> InProcess:
        return InProcess(
            lambda event: self._invoke("execution", event), "execution-handler"
        )

    def _query(self) -> QueryPorts:
        return QueryPorts(
            run=self.world.run_ports,
            execution=self._starter(),
            drs=self.world.drs,
        )

    def _orchestrator(self) -> OrchestratorPorts:
        watcher = InProcess(
            lambda event: self._invoke("query", event), "query-handler"
        )
        return OrchestratorPorts(
            run=self.world.run_ports,
            execution=self._peer or self._starter(),
            query=self._peer or watcher,
            callbacks=self.callbacks,
        )


@contextmanager
def _patience() -> Iterator[None]:
    """Fail what does not end."""

    def too_late(*_: object) -> None:
        raise AssertionError(f"no answer within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _check_reply(reply: Any) -> None:
    text = json.dumps(reply, allow_nan=False, ensure_ascii=False)
    assert isinstance(reply, dict)
    assert len(text.encode()) < 1_000_000


def _check_error(error: DrError) -> None:
    text = str(error)
    body = json.loads(text)
    assert body["error"] == error.code
    message = body["message"]
    # What a bug leaves as, from the function itself and from a peer.
    assert error.code != "INTERNAL_ERROR", error.__cause__
    assert "failed with DrError" not in message
    assert message.strip()
    assert len(message) <= 4_000
    for secret in ("Traceback", 'File "', TOKEN):
        assert secret not in text


def _check_named(error: DrError, mutant: Mutant) -> None:
    """Prove that a refusal names the way to what was changed, or a part."""
    steps = [step for step in mutant.path if isinstance(step, str)]
    if isinstance(mutant.was, dict):
        steps += mutant.was
    body: Mapping[str, Any] = error.body()
    said = f"{body['message']} {body.get('field', '')}"
    assert any(step in said for step in steps), (said, mutant.path)
