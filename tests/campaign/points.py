"""Where the code awaits something outside, and who looks on there.

Every call of a port inside a function is a point. The watcher is given the
call before it is made and makes it, spoils it or lets something happen; what
it does is its own business. Outside a function nothing is watched.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from drs.domain.ports import DrsRegion
from shared.domain import ports

NEVER = float("inf")


class Killed(BaseException):
    """The platform ended the function here; no code of it can catch that."""


class Point(NamedTuple):
    """A side of a call of a port, and the function that makes it."""

    side: str
    call: str
    function: str

    def __str__(self) -> str:
        return f"{self.side} {self.call} in {self.function}"

    @classmethod
    def parsed(cls, text: str) -> "Point":
        """Read a point from its text."""
        side, call, function = text.replace(" in ", " ").split()
        return cls(side, call, function)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A function's invocation.

    Attributes:
        function: The function, with what it was asked for.
        deadline: When the platform ends it, in epoch seconds.
        again: Invokes the function once more with the same event.
    """

    function: str
    deadline: float = NEVER
    again: Callable[[], object] | None = None


class Watcher(Protocol):
    """Whoever looks on."""

    def meet(self, call: str, frame: Frame, work: Callable[[], Any]) -> Any:
        """Have a call made, or not."""


def methods_of(protocol: type) -> frozenset[str]:
    """Return the names of a port's methods."""
    return frozenset(
        name
        for name, value in vars(protocol).items()
        if callable(value) and not name.startswith("_")
    )


PORTS = {
    "accounts": methods_of(ports.Accounts),
    "audit": methods_of(ports.Audit),
    "callbacks": methods_of(ports.Callbacks),
    "drs": methods_of(DrsRegion),
    "executions": methods_of(ports.Executions),
    "groups": methods_of(ports.Groups),
    "locks": methods_of(ports.Locks),
    "machine": methods_of(ports.Machine),
    "notifier": methods_of(ports.Notifier),
    "peer": methods_of(ports.Handler),
    "plans": methods_of(ports.Plans),
    "worker": methods_of(ports.Worker),
}


class Watch:
    """The functions under way, and the ports as they see them."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.frames: list[Frame] = []

    @contextmanager
    def function(self, frame: Frame) -> Iterator[None]:
        """Watch an invocation."""
        self.frames.append(frame)
        try:
            yield
        finally:
            self.frames.pop()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Watch nothing: somebody else is at work."""
        frames, self.frames = self.frames, []
        try:
            yield
        finally:
            self.frames = frames

    def watched(self, kind: str, port: Any) -> Any:
        """Return a port of a kind with its calls watched."""
        return _Watched(self, kind, port)

    def call(self, call: str, work: Callable[[], Any]) -> Any:
        """Make a call, watched where a function makes it."""
        if not self.frames:
            return work()
        return self._watcher.meet(call, self.frames[-1], work)


class _Watched:
    """A port, or DRS's Regions, with its calls watched."""

    def __init__(self, watch: Watch, kind: str, port: Any) -> None:
        self._watch = watch
        self._kind = kind
        self._port = port

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in PORTS[self._kind]:
            return found
        call = f"{self._kind}.{name}"
        return lambda *given, **named: self._watch.call(
            call, lambda: found(*given, **named)
        )

    def __call__(self, *given: Any) -> Any:
        return _Watched(self._watch, self._kind, self._port(*given))
