"""Many starts at once, by real threads, of plans that share servers.

Each call to a store is one transaction, as it is one of DynamoDB; between
any two calls another thread may get its turn, and a thread may be killed.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from execution_handler.control import cancel_execution
from execution_handler.ports import Ports
from execution_handler.start_execution import start_execution
from execution_handler.sweep import find
from shared.domain.errors import Conflict, DrError
from shared.domain.items import Item
from shared.domain.plan import plan_from_item
from shared.domain.ports import Executions, Locks
from shared.domain.record import Record
from shared.run import RunPorts
from tests.execution_handler.bench import Bench
from tests.support.fake_drs import server_id

REGIONS = ("us-east-1", "eu-west-1")
LEASE_SECONDS = 331
SILENT_SECONDS = 901


class Killed(BaseException):
    """The process has ended here."""


class Turns:
    """Lets one call at a time through; may kill the caller before one."""

    def __init__(
        self,
        port: Any,
        lock: threading.RLock,
        before: Callable[[], None],
    ) -> None:
        self._port = port
        self._lock = lock
        self._before = before

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*given: Any, **named: Any) -> Any:
            self._before()
            with self._lock:
                return method(*given, **named)

        return call


class Estate:
    """Plans over servers of two Regions, and what became of them.

    Attributes:
        servers: The servers of each plan.
    """

    def __init__(self, seed: int, plans: int, servers: int) -> None:
        self.bench = Bench()
        self._random = Random(seed)
        self._lock = threading.RLock()
        self.executions, self.locks = self.stores()
        self.servers: dict[str, frozenset[str]] = {}
        half = servers // 2
        for region in REGIONS:
            self.bench.drs.has_servers(region, [{}] * half)
        ids = [server_id(number) for number in range(1, 2 * half + 1)]
        for number in range(plans):
            self._has_plan(f"plan-{number}", [ids[:half], ids[half:]])

    def stores(self) -> tuple[Executions, Locks]:
        """Return the history and the locks."""
        return self.bench.executions, self.bench.locks

    def stored(self) -> list[Item]:
        """Return what the table of the executions holds."""
        return list(self.bench.executions.items.values())

    def _has_plan(self, plan_id: str, regions: Sequence[list[str]]) -> None:
        waves = []
        for wave in range(self._random.randint(1, 3)):
            region = self._random.randrange(2)
            chosen = self._random.sample(regions[region], 2)
            group = f"{plan_id}-{wave}"
            self.bench.groups.put(
                {
                    "groupId": group,
                    "groupName": group,
                    "region": REGIONS[region],
                    "sourceServerIds": chosen,
                }
            )
            waves.append({"protectionGroupId": group})
            known = self.servers.get(plan_id, frozenset())
            self.servers[plan_id] = known | set(chosen)
        item = {
            "planId": plan_id,
            "planName": plan_id,
            "version": 1,
            "waves": waves,
        }
        self.bench.plans.put(plan_from_item(item))

    def ports(self, before: Callable[[], None] = lambda: None) -> Ports:
        """Return the ports of one process."""
        plain = self.bench.ports()
        run = RunPorts(
            executions=Turns(self.executions, self._lock, before),
            locks=Turns(self.locks, self._lock, before),
            notifier=plain.run.notifier,
            clock=plain.run.clock,
            hub_account_id=plain.run.hub_account_id,
        )
        return replace(plain, run=run)

    def start_at_once(
        self, plans: Iterable[str], killed: int = 0
    ) -> dict[str, DrError]:
        """Start plans at once; return how some were refused.

        Args:
            plans: Which.
            killed: How many of the starts are killed on their way.
        """
        asked = sorted(plans)
        dying = set(self._random.sample(asked, min(killed, len(asked))))
        refused: dict[str, DrError] = {}
        broken: list[BaseException] = []
        begin = threading.Barrier(len(asked))

        def starts(plan_id: str, seed: int) -> None:
            chance = Random(seed)
            left = chance.randint(0, 9) if plan_id in dying else 10**9

            def before() -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed
                time.sleep(chance.random() / 1_000)

            begin.wait()
            event = {"planId": plan_id, "executionType": "DRILL"}
            try:
                start_execution(event, self.ports(before))
            except Killed:
                return
            except Conflict as error:
                refused[plan_id] = error
            except BaseException as error:  # noqa: BLE001  # shown below
                broken.append(error)

        threads = [
            threading.Thread(
                target=starts, args=(one, self._random.randrange(10**9))
            )
            for one in asked
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert broken == []
        return refused

    @property
    def active(self) -> dict[str, Record]:
        """Return the active execution of each plan that has one."""
        records = self.executions.active()
        found = {record.plan_id: record for record in records}
        assert len(found) == len(records), "a plan runs twice"
        return found

    def free(self) -> list[str]:
        """Return the plans that do not run and whose servers are free."""
        running = self.active
        busy = {s for plan in running for s in self.servers[plan]}
        return [
            plan
            for plan, servers in self.servers.items()
            if plan not in running and not servers & busy
        ]

    def linked(self) -> list[set[str]]:
        """Return the sets of plans that share servers, also via others."""
        sets: list[set[str]] = []
        for plan in self.servers:
            of = [s for s in sets if self._shares(plan, s)]
            sets = [s for s in sets if s not in of] + [{plan}.union(*of)]
        return sets

    def _shares(self, plan: str, others: set[str]) -> bool:
        mine = self.servers[plan]
        return any(mine & self.servers[one] for one in others)

    def ends_all(self) -> None:
        """End every execution, as people do or as the sweep does."""
        for record in self.active.values():
            cancel_execution(
                {"executionId": record.execution_id}, self.ports()
            )

    def waits(self, seconds: int) -> None:
        """Let the time pass; the sweep looks afterwards."""
        self.bench.clock.sleep(seconds)
        find({}, self.ports())

    @property
    def held(self) -> list[str]:
        """Return what is locked."""
        ids = [str(item["executionId"]) for item in self.stored()]
        return [one for one in ids if "-lock-" in one]
