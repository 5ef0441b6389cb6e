"""A cloud, executions, a clock and a screen that remember."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cli.domain.ports import CommandFailed, Executions, Fault, MachineRun
from cli.domain.seeding import Seeds
from cli.domain.settings import Chosen, Settings
from cli.domain.view import View, changes
from shared.domain.record import Record
from tests.cli.builders import EXECUTION_ID, MACHINE_ARN, a_record

ACCOUNT = "123456789012"


class FakeClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        """Return epoch seconds."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


class FakeScreen:
    """Keeps every line that a person would have read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.closed = False
        self._last: View | None = None

    def say(self, line: str) -> None:
        """Keep the line."""
        self.lines.append(line)

    def show(self, view: View) -> None:
        """Keep what changed."""
        self.lines.extend(changes(self._last, view))
        self._last = view

    def close(self) -> None:
        """Remember that nothing more comes."""
        self.closed = True


class FakeExecutions:
    """An execution that goes through the records it was given.

    Each look takes the next record; the last one stays. A paused record
    stays until it is resumed.
    """

    def __init__(self, *records: Record | None) -> None:
        self._records = list(records)
        self._machine: MachineRun | None = a_run("RUNNING")
        self._end: MachineRun | None = a_run("SUCCEEDED")
        self._refusals: list[CommandFailed] = []
        self._resumed = False
        self.started: list[tuple[str, str]] = []
        self.resumed: list[str] = []
        self.cancelled: list[str] = []
        self.on_look: Callable[[], None] = lambda: None

    def will_refuse(self, error: CommandFailed) -> None:
        """Answer the next start, resume or cancel with an error."""
        self._refusals.append(error)

    def goes_on(self, *records: Record | None) -> None:
        """Go through these records from now on."""
        self._records = list(records)

    def machine_is(
        self, now: MachineRun | None, then: MachineRun | None
    ) -> None:
        """Say what runs while the record is active, and afterwards."""
        self._machine, self._end = now, then

    def start(self, plan_id: str, execution_type: str) -> str:
        """Start the plan and return the execution's id."""
        self._may_refuse()
        self.started.append((plan_id, execution_type))
        return EXECUTION_ID

    def resume(self, execution_id: str) -> None:
        """Release the pause that the execution is in."""
        self._may_refuse()
        self.resumed.append(execution_id)
        self._resumed = True

    def cancel(self, execution_id: str) -> None:
        """Ask for the execution's end."""
        self._may_refuse()
        self.cancelled.append(execution_id)

    def record(self, execution_id: str, plan_id: str) -> Record | None:
        """Return the present record and move on."""
        self.on_look()
        present = self._records[0]
        held = present is not None and present.status == "PAUSED"
        if len(self._records) > 1 and (not held or self._resumed):
            self._records.pop(0)
            self._resumed = False
        return present

    def machine_run(self, arn: str) -> MachineRun | None:
        """Return the run of the state machine, if there is one."""
        last = self._records[0]
        ended = len(self._records) == 1 and last and last.status.is_terminal
        return self._end if ended else self._machine

    def _may_refuse(self) -> None:
        if self._refusals:
            raise self._refusals.pop(0)


class FakeCloud:
    """A cloud that remembers what was asked of it."""

    def __init__(self, executions: Executions | None = None) -> None:
        self.executions_now = executions or FakeExecutions(a_record("PENDING"))
        self.running = False
        self.asked: list[str] = []
        self.seeded: list[Seeds] = []
        self.faults: list[Fault] = []
        self.chosen = Chosen()
        self._broken: BaseException | None = None

    def is_already_up(self) -> None:
        """Let somebody have started it before."""
        self.running = True

    def will_break(self, error: BaseException) -> None:
        """Fail to come up."""
        self._broken = error

    def is_up(self) -> bool:
        """Tell whether it runs."""
        return self.running

    def up(self) -> None:
        """Start."""
        self.asked.append("up")
        if self._broken:
            raise self._broken
        self.running = True

    def release(self) -> None:
        """Go on alone."""
        self.asked.append("release")

    def settings(self) -> Settings:
        """Return how it is."""
        return self.chosen.over(Settings())

    def down(self) -> None:
        """Stop."""
        self.asked.append("down")
        self.running = False

    def status(self) -> Mapping[str, Any]:
        """Return what runs, and where."""
        return {"aws": "http://127.0.0.1:1", "region": "us-east-1"}

    def account_id(self) -> str:
        """Return the account that everything is deployed in."""
        return ACCOUNT

    def seed(self, seeds: Seeds) -> None:
        """Keep the seeds."""
        self.seeded.append(seeds)

    def inject(self, faults: Sequence[Fault]) -> None:
        """Keep the faults."""
        self.faults.extend(faults)

    def executions(self) -> Executions:
        """Return the executions of this cloud."""
        return self.executions_now


def a_run(status: str, error: str = "", cause: str = "") -> MachineRun:
    """Return what Step Functions says."""
    return MachineRun(arn=MACHINE_ARN, status=status, error=error, cause=cause)
