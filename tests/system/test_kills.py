"""Drills of which Lambda processes are killed, at random moments.

A drill loses one process of each function. A task is tried five times and an
asynchronous invocation three times: who is killed each time has failed.

Two of our own limits are wall time and would make a drill long: the lease of
a launch that was cut off (``leases``) and the minute after which the sweep
looks. The sweep is called here when a drill is over. How both go in their
own time is played by the scenario driver.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.system import plans
from tests.system.killer import Killer, Moment, moments
from tests.system.leases import DeadLeases
from tests.system.world import Drill, System

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(),
    reason="processes at work are found in Linux's /proc",
)

MOST_DRILLS = 20
HELD = ("server-lock-", "execution-lock-", "live-")
SWEEP_SECONDS = 20


class Drills:
    """Drills of one plan in one cloud, with kills or without.

    Attributes:
        usual: The least sightings of each function at work in a drill.
    """

    def __init__(self, system: System, plan: Path) -> None:
        """Choose where and what, and run a drill without kills."""
        self._system = system
        self._plan = plan
        self._before = self._held()
        with Killer(system.endpoints.aws_url) as watched:
            system.drill(plan=plan)
        self.usual: Mapping[str, int] = watched.seen

    def killed(self, due: Sequence[Moment]) -> list[Moment]:
        """Run a drill with kills; check its end, answer the kills made."""
        known = self._jobs().keys()
        with self._leases(), Killer(
            self._system.endpoints.aws_url, due
        ) as killer:
            drill = self._system.drill(plan=self._plan)
        self._has_ended_right(drill)
        self.usual = {
            function: min(usual, killer.seen[function] or usual)
            for function, usual in self.usual.items()
        }
        jobs = self._jobs()
        launched = Counter(s for job in jobs.keys() - known for s in jobs[job])
        assert sorted(launched.values()) == [1, 1, 1, 1], launched
        self._is_released()
        return killer.killed

    def in_flight(self) -> int:
        """Count the invocations that ended with their process so far."""
        log = self._system.home / ".local-cloud" / "logs" / "emulator.log"
        text = log.read_text(errors="replace")
        return sum(
            text.count(end)
            for end in ("Runtime exited before", "exited during init")
        )

    def _has_ended_right(self, drill: Drill) -> None:
        assert drill.exit_status == 0, drill.screen
        assert drill.report["status"] == "COMPLETED"
        assert drill.record["status"] == "COMPLETED"
        assert drill.machine["status"] == "SUCCEEDED"
        assert [
            [server["launchStatus"] for server in wave["serverStatuses"]]
            for wave in drill.record["waves"]
        ] == [["LAUNCHED"] * 2] * 2

    def _leases(self) -> DeadLeases:
        return DeadLeases(self._system.client("dynamodb"), self._table)

    @property
    def _table(self) -> str:
        return self._system.endpoints.tables["execution-history"]

    def _jobs(self) -> dict[str, list[str]]:
        """Answer the servers of every job that DRS ever had."""
        pages = self._system.client("drs").get_paginator("describe_jobs")
        return {
            job["jobID"]: [
                server["sourceServerID"]
                for server in job["participatingServers"]
            ]
            for page in pages.paginate(filters={})
            for job in page["items"]
        }

    def _is_released(self) -> None:
        """Check that nothing is held, after the sweep at the latest."""
        end = time.monotonic() + SWEEP_SECONDS
        while kept := self._held() - self._before:
            assert time.monotonic() < end, kept
            self._sweep()
            time.sleep(0.5)

    def _sweep(self) -> None:
        self._system.client("lambda").invoke(
            FunctionName=self._system.endpoints.functions["execution-handler"],
            Payload=json.dumps({"operation": "find"}),
        )

    def _held(self) -> set[str]:
        return set(self._keys())

    def _keys(self) -> Iterator[str]:
        """Yield every lock, reservation and live marker there is."""
        pages = self._system.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self._table):
            for item in page["Items"]:
                key = item["executionId"]["S"]
                if key.startswith(HELD):
                    yield key


@pytest.mark.parametrize(
    ("orchestrator", "kills"), [("system", 20), ("direct", 8)]
)
def test_a_drill_ends_right_whatever_process_is_killed(
    orchestrator: str,
    kills: int,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    system: System = request.getfixturevalue(orchestrator)
    drills = Drills(system, plans.paused(tmp_path, "killed"))
    before = drills.in_flight()
    made: list[Moment] = []

    for seed in range(MOST_DRILLS):
        chance = random.Random(seed)  # nosec B311 # no secret
        due = moments(chance, drills.usual)
        made += drills.killed(due[: kills - len(made)])
        if len(made) == kills:
            break

    hits = drills.in_flight() - before
    assert len(made) == kills, "too few moments came; raise MOST_DRILLS"
    assert hits >= kills / 2, f"{hits} of {kills} kills met an invocation"
