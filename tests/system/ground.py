"""What the table of routes stands on: groups, plans, executions, accounts.

Everything is made over the API by an administrator. A name that begins with
``new_`` is made anew for each case that names it.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local_cloud import cloud
from tests.system import outside
from tests.system.api import Api
from tests.system.launch_ground import LaunchGround
from tests.system.marked import Marked
from tests.system.moments import Moment, Moments
from tests.system.place_ground import PlaceGround
from tests.system.shaped import Shaped
from tests.system.troubles import Troubles
from tests.system.world import System

REGION = "us-east-1"
HUB = "123456789012"
SERVERS = 90
PATIENCE = 120
DRILL = {"executionType": "DRILL"}


class Ground:
    """Things that exist, by the names that cases use."""

    def __init__(self, system: System, api: Api) -> None:
        self._done = api.done
        self._system = system
        self._numbers = itertools.count(1)
        self._known: dict[str, str] = {}
        self._servers = self._loaded(system, "quick", SERVERS, 60)
        self._tagged = self._loaded(system, "tagged", 1, 60)
        self._slow = self._loaded(system, "slow", 16, 10**7)
        [self._broken] = self._loaded(system, "broken", 1, 60)
        cloud.faults(
            system.endpoints, [{"server": self._broken, "launch": "FAILED"}]
        )
        self._moments = Moments(system, api, self.value)
        self._make: dict[str, Callable[[], str]] = {
            "account": self._account,
            "execution": lambda: self._ended(self._started(self._plan())),
            "failed": self._failed,
            "group": self._group,
            "group_name": lambda: self._of_group("groupName"),
            "group_server": lambda: self._of_group("sourceServerIds")[0],
            "group_in_use": lambda: self._group_of(self.value("plan")),
            "hub": lambda: HUB,
            "name": lambda: f"name-{next(self._numbers)}",
            "account_id": lambda: f"{777700000000 + next(self._numbers)}",
            "paused": self._paused,
            "plan": self._plan,
            "plan_name": self._plan_name,
            "reachable": self._reachable,
            "running": lambda: self._started(self._plan(slow=True)),
            "running_group": lambda: self._group_of(
                self.value("running_plan")
            ),
            "running_plan": lambda: self._plan_of(self.value("running")),
            "server": lambda: next(self._servers),
            **LaunchGround(system, self._done, self.value).words,
            **PlaceGround(
                *(system, self._moments, self._done, self.value, self._until)
            ).words,
            "slow_plan": lambda: self._plan(slow=True),
            "one_wave_plan": self._one_wave_plan,
        }
        shaped = Shaped(system)
        self._marked = Marked(api, self.value, shaped)
        self.troubles = Troubles(system, api, self.value, shaped)
        self._make |= self._marked.makers | self.troubles.makers

    def value(self, name: str) -> str:
        """Return what a case's name stands for."""
        if name.startswith("new_"):
            return self._make[name.removeprefix("new_")]()
        if name.startswith("member_of_"):
            group = self.value(name.removeprefix("member_of_"))
            found = self._done(f"GET /protection-groups/{group}")
            return str(found["sourceServerIds"][0])
        if name not in self._known:
            self._known[name] = self._made(name)
        return self._known[name]

    def during(self, moment: str, places: Mapping[str, str]) -> Moment:
        """Return what is so while a case is asked."""
        return self._moments.of(moment, places)

    def failed_of(self, plan: str) -> str:
        """Return an execution of a plan that failed before its first wave."""
        return self._marked.failed_of(plan)

    def wait_for_lock(self, plan: str) -> None:
        """Wait until a start of a plan has the plan's lock."""
        deadline = time.monotonic() + PATIENCE
        while not self._system.items(f"execution-lock-{plan}"):
            assert time.monotonic() < deadline, f"Nobody starts {plan}."
            time.sleep(0.1)

    def _made(self, name: str) -> str:
        plan = name.removeprefix("failed_of_")
        if plan != name:
            return self.failed_of(self.value(plan))
        return self._make[name]()

    def _loaded(
        self, system: System, kind: str, count: int, seconds: int
    ) -> Iterator[str]:
        servers = [
            {
                "hostname": f"{kind}-{n}",
                "tags": {"kind": kind},
                "launchSeconds": seconds,
            }
            for n in range(count)
        ]
        return iter(outside.has_servers(system, HUB, servers))

    def _account(self) -> str:
        body = {"accountId": self.value("new_account_id")}
        return str(self._done("POST /accounts/targets", body)["accountId"])

    def _group(self, *servers: str) -> str:
        body = {
            "groupName": self.value("new_name"),
            "region": REGION,
            "sourceServerIds": servers or [next(self._servers)],
        }
        return str(self._done("POST /protection-groups", body)["groupId"])

    def _plan(
        self, *first: str, slow: bool = False, pause: bool = False
    ) -> str:
        servers = self._slow if slow else self._servers
        groups = [
            self._group(*first or [next(servers)]),
            self._group(next(servers)),
        ]
        body = {
            "name": self.value("new_name"),
            "waves": [
                {
                    "protectionGroupId": group,
                    "pauseBeforeWave": pause and n == 1,
                    "dependsOnWaves": [0] if n and first else [],
                }
                for n, group in enumerate(groups)
            ],
        }
        return str(self._done("POST /recovery-plans", body)["planId"])

    def _one_wave_plan(self) -> str:
        waves = [{"protectionGroupId": self._group(next(self._slow))}]
        body = {"name": self.value("new_name"), "waves": waves}
        return str(self._done("POST /recovery-plans", body)["planId"])

    def _of_group(self, field: str) -> Any:
        group = self.value("group")
        return self._done(f"GET /protection-groups/{group}")[field]

    def _plan_name(self) -> str:
        plan = self.value("plan")
        return str(self._done(f"GET /recovery-plans/{plan}")["planName"])

    def _reachable(self) -> str:
        """Register an account whose role lets the hub in."""
        account, external_id = self.value("new_account_id"), "ground"
        outside.let_the_hub_in(self._system, account, external_id)
        outside.has_servers(self._system, account, [])
        body = {"accountId": account, "externalId": external_id}
        self._done("POST /accounts/targets", body)
        return account

    def _group_of(self, plan: str) -> str:
        found = self._done(f"GET /recovery-plans/{plan}")
        return str(found["waves"][0]["protectionGroupId"])

    def _plan_of(self, execution: str) -> str:
        return str(self._done(f"GET /executions/{execution}")["planId"])

    def _started(self, plan: str) -> str:
        route = f"POST /recovery-plans/{plan}/execute"
        return str(self._done(route, DRILL)["executionId"])

    def _paused(self) -> str:
        execution = self._started(self._plan(pause=True))
        # Paused is said before the token is there that a resume needs.
        while not any("taskToken" in i for i in self._system.items(execution)):
            time.sleep(0.1)
        return self._until(execution, "PAUSED")

    def _failed(self) -> str:
        return self._ended(self._started(self._plan(self._broken)))

    def _ended(self, execution: str) -> str:
        return self._until(execution, "COMPLETED", "PARTIAL", "FAILED")

    def _until(self, execution: str, *wanted: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self._done(f"GET /executions/{execution}")
            goes_on = found["status"] in ("PAUSED", "POLLING")
            if found["status"] in wanted and (
                goes_on or found.get("finalizedAt")
            ):
                return execution
            time.sleep(0.1)
        raise AssertionError(f"{execution} is {found['status']}.")
