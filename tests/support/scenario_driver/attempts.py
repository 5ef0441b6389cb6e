"""A task's tries, the state it belongs to, and what retries and catches it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.support.scenario_driver.clock import Event, VirtualClock
from tests.support.scenario_driver.definition import Definition, State
from tests.support.scenario_driver.errors import TaskFailed
from tests.support.scenario_driver.run import Run

UNCAUGHT = ("States.Runtime", "States.DataLimitExceeded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """A function's reply, or its error, that takes its time to come."""

    after: float
    reply: Any = None
    error: TaskFailed | None = None


class Service(Protocol):
    """What an execution needs of the service it runs in."""

    clock: VirtualClock
    definition: Definition
    invoke: Callable[[Any], Any]

    def start(self, name: str, input: Any) -> Run:  # noqa: A002
        """Start another execution of the same machine."""

    def new_token(self, attempt: "Attempt") -> str:
        """Hand out a token that answers this attempt."""

    def changed(self, run: Run) -> None:
        """Tell the watchers that the run's status changed."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try of a task; only its first answer counts."""

    clock: VirtualClock
    done: Callable[[Any], None]
    failed: Callable[[TaskFailed], None]
    open: bool = True
    timer: Event | None = None

    def close(self) -> bool:
        """Refuse further answers; answer whether any was still awaited."""
        was_open, self.open = self.open, False
        if self.timer is not None:
            self.timer.cancel()
        return was_open

    def succeed(self, result: Any) -> None:
        """Take the result, if none was taken before."""
        if self.close():
            self.clock.call_later(0, lambda: self.done(result))

    def fail(self, error: TaskFailed) -> None:
        """Take the error, if no answer was taken before."""
        if self.close():
            self.clock.call_later(0, lambda: self.failed(error))


@dataclass(slots=True, kw_only=True)
class Visit:
    """A state being carried out: its input and how often it was tried."""

    name: str
    state: State
    input: Any
    entered_at: str
    tries: dict[int, int] = field(default_factory=dict)
    token: str | None = None

    @property
    def context(self) -> dict[str, Any]:
        """Return the parts of the context object that belong to it."""
        found: dict[str, Any] = {
            "State": {
                "Name": self.name,
                "EnteredTime": self.entered_at,
                "RetryCount": sum(self.tries.values()),
            }
        }
        if self.token is not None:
            found["Task"] = {"Token": self.token}
        return found


def matches(names: list[str], error: str) -> bool:
    """Tell whether a retrier's or catcher's names cover an error."""
    if error in UNCAUGHT:
        return False
    return (
        error in names
        or "States.ALL" in names
        or ("States.TaskFailed" in names and error != "States.Timeout")
    )
