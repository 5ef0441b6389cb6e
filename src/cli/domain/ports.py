"""What the command line asks of the world, as small protocols."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cli.domain.seeding import Seeds
from cli.domain.settings import Settings
from shared.domain.record import Record

type Fault = Mapping[str, Any]


class CommandFailed(Exception):
    """A command could not do what was asked; the message says why."""


class Refused(CommandFailed):
    """A handler refused the request with a code of its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRun:
    """What Step Functions says of one run of the state machine."""

    arn: str
    status: str
    error: str = ""
    cause: str = ""

    @property
    def runs(self) -> bool:
        """Tell whether the state machine has not ended."""
        return self.status in ("RUNNING", "PENDING_REDRIVE")


class Executions(Protocol):
    """Recovery executions, reached through public AWS APIs alone."""

    def start(self, plan_id: str, execution_type: str) -> str:
        """Start the plan and return the execution's id."""

    def resume(self, execution_id: str) -> None:
        """Release the pause that the execution is in."""

    def cancel(self, execution_id: str) -> None:
        """Ask for the execution's end."""

    def record(self, execution_id: str, plan_id: str) -> Record | None:
        """Return the stored record, the servers of every wave joined."""

    def machine_run(self, arn: str) -> MachineRun | None:
        """Return the run of the state machine, if there is one."""


class Functions(Protocol):
    """The functions of one installation, asked by operation."""

    def call(self, function: str, operation: str, **fields: Any) -> Any:
        """Return what the function answers to the operation.

        Raises:
            Refused: It answered with one of the product's errors.
            CommandFailed: It could not be asked, or broke.
        """


class Cloud(Protocol):
    """A local cloud of this checkout."""

    def is_up(self) -> bool:
        """Tell whether it runs."""

    def up(self) -> None:
        """Bring it up; until ``release`` it ends with this process."""

    def release(self) -> None:
        """Let it go on after this process."""

    def down(self) -> None:
        """Stop every process and remove what they left."""

    def status(self) -> Mapping[str, Any]:
        """Return what runs, and where."""

    def settings(self) -> Settings:
        """Return how it is, or how it will be once it is up."""

    def account_id(self) -> str:
        """Return the account that everything is deployed in."""

    def seed(self, seeds: Seeds) -> None:
        """Load the estate and write groups and plan."""

    def inject(self, faults: Sequence[Fault]) -> None:
        """Put faults into the simulator."""

    def executions(self) -> Executions:
        """Return the executions of this cloud."""


class Clock(Protocol):
    """Time that passes."""

    def now(self) -> float:
        """Return epoch seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Screen(Protocol):
    """Where a person watches."""

    def say(self, line: str) -> None:
        """Write one line that stays."""

    def show(self, view: Any) -> None:
        """Show the present state of an execution."""

    def close(self) -> None:
        """Leave the last view on the screen."""
