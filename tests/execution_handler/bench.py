"""One execution on fakes, whose handlers are called one invocation at a time.

The clock stands still unless somebody sleeps, so a test says what happens
between two invocations and after how long.
"""

from typing import Any

from msgspec.structs import replace

from execution_handler.ports import Ports
from execution_handler.start_wave import start_wave_recovery
from shared.domain.execution import Execution, from_wire, to_wire
from shared.domain.plan import Plan, plan_from_item
from shared.domain.record import Change, Intent, Key, Record, WaveEntry
from shared.domain.run_state import begun
from shared.domain.status import Status
from shared.run import RunPorts
from tests.support.fake_drs import HUB, FakeDrs
from tests.support.fake_executions import FakeExecutions
from tests.support.fake_locks import FakeLocks
from tests.support.fakes import (
    FakeAccounts,
    FakeAudit,
    FakeCallbacks,
    FakeClock,
    FakeGroups,
    FakeMachine,
    FakeNotifier,
    FakePlans,
    FakeWorker,
)

REGION = "us-east-1"
PLAN = "plan-1"
KEY = Key("exec-1", PLAN)


class Bench:
    """Everything the execution handler reaches, in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.drs = FakeDrs(self.clock)
        self.executions = FakeExecutions(self.clock)
        self.locks = FakeLocks(self.executions)
        self.notifier = FakeNotifier()
        self.plans = FakePlans()
        self.groups = FakeGroups()
        self.accounts = FakeAccounts()
        self.callbacks = FakeCallbacks()
        self.machine = FakeMachine()
        self.worker = FakeWorker()
        self.audit = FakeAudit()
        self.state: Execution | None = None

    def run_ports(self) -> RunPorts:
        return RunPorts(
            executions=self.executions,
            locks=self.locks,
            notifier=self.notifier,
            clock=self.clock,
            hub_account_id=HUB,
        )

    def ports(self, seconds: int = 300) -> Ports:
        """Return the ports of an invocation that may take so long."""
        return Ports(
            run=self.run_ports(),
            plans=self.plans,
            groups=self.groups,
            accounts=self.accounts,
            drs=self.drs,
            callbacks=self.callbacks,
            machine=self.machine,
            worker=self.worker,
            audit=self.audit,
            deadline=self.clock.now() + seconds,
        )

    def has_group(self, name: str, count: int, **more: Any) -> list[str]:
        """Add servers and the group that selects them by tag."""
        ids = self.drs.has_servers(
            REGION,
            [{"Name": f"{name}-{n}", "tier": name} for n in range(count)],
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
                **more,
            }
        )
        return ids

    def has_plan(self, *waves: dict[str, Any]) -> Plan:
        plan = plan_from_item(
            {
                "planId": PLAN,
                "planName": "Tiers",
                "version": 1,
                "waves": [dict(wave) for wave in waves],
            }
        )
        self.plans.put(plan)
        return plan

    def runs(
        self,
        *waves: dict[str, Any],
        status: Status = Status.RUNNING,
        **more: Any,
    ) -> Execution:
        """Store a record that has begun and return its state."""
        plan = self.has_plan(*waves)
        self.executions.save_plan(KEY, plan)
        self.locks.acquire_plan(KEY, self.clock.now())
        record = self.executions.has(
            Record(
                execution_id=KEY.execution_id,
                plan_id=KEY.plan_id,
                plan_name=plan.plan_name,
                status=status,
                start_time=self.clock.now(),
                total_waves=len(plan.waves),
                account_context={"accountId": HUB, "isCurrentAccount": True},
                **more,
            )
        )
        self.state = begun(
            record, plan, record.account_context, self.clock.now()
        )
        return self.state

    def start(self, number: int = 0, seconds: int = 300) -> Execution:
        """Invoke the start of a wave with the state as it is."""
        assert self.state is not None
        reply = start_wave_recovery(
            {"state": to_wire(self.state), "wave_number": number},
            self.ports(seconds),
        )
        self.state = from_wire(reply)
        return self.state

    @property
    def record(self) -> Record:
        return self.executions.record(KEY)

    def entry(self, number: int = 0) -> WaveEntry:
        entry = self.executions.entry(self.record, number)
        assert entry is not None
        return entry

    @property
    def intents(self) -> list[Intent]:
        return self.executions.intents(KEY)

    def becomes(self, status: Status, **facts: Any) -> Record:
        """Write a status as somebody else would."""
        written = self.executions.commit(
            self.record, Change(status=status, set=facts)
        )
        assert written is not None
        return written

    def has_intent(self, **changes: Any) -> Intent:
        """Change the first intent as it is stored."""
        intent = replace(self.intents[0], **changes)
        self.executions.has_intent(KEY, intent)
        return intent
