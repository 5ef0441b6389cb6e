"""The drill over the whole product in one process, on a virtual clock.

Records, state machine and estate are the product's own; only the transport
is left out. What the command line seeds must be what the handlers read, and
what they write must be what it shows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cli.domain.ports import Executions, Fault, MachineRun
from cli.domain.report import exit_status, report
from cli.domain.seeding import Seeds
from cli.domain.settings import Settings
from cli.domain.view import View, failures
from cli.drill import Run, run_plan
from cli.plan_loading import load_plan
from shared.domain.plan import plan_from_item
from shared.domain.record import Record
from tests.cli.builders import EXAMPLE
from tests.cli.fakes import FakeScreen
from tests.support.fake_drs import HUB
from tests.support.world import Orchestrator, World


class WorldCloud:
    """A cloud whose handlers run in this process."""

    def __init__(self, orchestrator: Orchestrator) -> None:
        self.world = World(orchestrator)

    def is_up(self) -> bool:
        """Tell whether it runs."""
        return True

    def up(self) -> None:
        """Nothing is to be started."""

    def release(self) -> None:
        """Nothing is held."""

    def down(self) -> None:
        """Nothing is to be stopped."""

    def settings(self) -> Settings:
        """Return the usual settings."""
        return Settings()

    def status(self) -> Mapping[str, Any]:
        """Return nothing."""
        return {}

    def account_id(self) -> str:
        """Return the account that holds the estate."""
        return HUB

    def seed(self, seeds: Seeds) -> None:
        """Load the estate and store groups and plan."""
        self.world.drs.simulator.load_estate(seeds.estate)
        for group in seeds.groups:
            self.world.groups.put(group)
        self.world.plans.put(plan_from_item(seeds.plan))

    def inject(self, faults: Sequence[Fault]) -> None:
        """Put faults into the simulator."""
        self.world.drs.simulator.inject([dict(fault) for fault in faults])

    def executions(self) -> Executions:
        """Return the executions of this world."""
        return WorldExecutions(self.world)


class WorldExecutions:
    """Operations called in process, records read from the fake table."""

    def __init__(self, world: World) -> None:
        self._world = world

    def start(self, plan_id: str, execution_type: str) -> str:
        """Start the plan and return the execution's id."""
        reply = self._world.operate(
            "start_execution",
            planId=plan_id,
            executionType=execution_type,
            initiatedBy="dro",
        )
        return str(reply["executionId"])

    def resume(self, execution_id: str) -> None:
        """Release the pause that the execution is in."""
        self._world.operate("resume", executionId=execution_id)

    def cancel(self, execution_id: str) -> None:
        """Ask for the execution's end."""
        self._world.operate("cancel_execution", executionId=execution_id)

    def record(self, execution_id: str, plan_id: str) -> Record | None:
        """Return the stored record."""
        return self._world.record(execution_id)

    def machine_run(self, arn: str) -> MachineRun | None:
        """Return the run of the state machine."""
        run = self._world.driver.run(arn)
        return MachineRun(
            arn=arn,
            status=run.status,
            error=run.error or "",
            cause=run.cause or "",
        )


class WorldTime:
    """The world's clock; to sleep lets the world go on."""

    def __init__(self, world: World) -> None:
        self._virtual = world.virtual

    def now(self) -> float:
        """Return epoch seconds."""
        return self._virtual.now()

    def sleep(self, seconds: float) -> None:
        """Let the world go on, twenty times faster than asked."""
        self._virtual.advance(seconds * 20)


def drilled(
    orchestrator: Orchestrator, *fail: str, faults: Sequence[Fault] = ()
) -> tuple[View, list[str], World]:
    """Run the example; return the end, the lines and the world."""
    cloud = WorldCloud(orchestrator)
    screen = FakeScreen()
    run = Run(plan=load_plan(EXAMPLE), fail=fail, faults=faults)
    seen = run_plan(run, cloud, screen, WorldTime(cloud.world))
    return seen, screen.lines, cloud.world


BOTH = pytest.mark.parametrize("orchestrator", ["generic", "direct"])


@BOTH
def test_the_example_completes_with_every_server(
    orchestrator: Orchestrator,
) -> None:
    seen, said, world = drilled(orchestrator)

    assert exit_status(seen) == 0
    told = report(seen, orchestrator)
    assert [wave["launched"] for wave in told["waves"]] == [3, 5, 4]
    assert [wave["seconds"] > 0 for wave in told["waves"]] == [True] * 3
    assert any("Paused before wave 3" in line for line in said)
    assert any("a resume, before wave 3 (Web)" in line for line in said)
    assert len(world.drs.jobs_started) == 3


@BOTH
def test_the_server_that_fails_is_named_with_its_reason(
    orchestrator: Orchestrator,
) -> None:
    seen, said, _ = drilled(orchestrator, "app-2")

    assert exit_status(seen) == 1
    ((wave, server),) = failures(seen)
    assert (wave.name, server.name) == ("Application", "app-2")
    assert "asked for with --fail" in server.error
    assert seen.machine is not None
    assert "app-2" in seen.machine.cause
    assert seen.waves[2].status == "NOT_STARTED"
    assert any("app-2" in line and "FAILED" in line for line in said)


@BOTH
def test_a_lost_reply_of_a_launch_makes_no_second_job(
    orchestrator: Orchestrator,
) -> None:
    lost = {"op": "StartRecovery", "loseReply": True, "times": 1}

    seen, _, world = drilled(orchestrator, faults=[lost])

    assert exit_status(seen) == 0
    assert len(world.drs.jobs_started) == 3
