"""Kills Lambda processes of one local cloud while they are at work.

A process is ours when its environment names the address of this cloud's
emulator. It is seen at work when it used the processor since the last look:
one that waits for an invocation uses none.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

LOOK_SECONDS = 0.002
LATEST_SECONDS = 0.02
"""How long a process lives on at most after the sighting that dooms it."""
FIRST_LOOKS = 50
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a process is killed.

    Attributes:
        function: Whose process; the middle of the function's name.
        sighting: How many sightings of its work come before.
        later: Seconds from then on.
    """

    function: str
    sighting: int
    later: float


def moments(chance: random.Random, usual: Mapping[str, int]) -> list[Moment]:
    """Draw one moment for each function, any time of its work as likely.

    Args:
        chance: Decides.
        usual: How often each function is seen at work in a drill.
    """
    return [
        Moment(
            function=function,
            sighting=chance.randrange(usual[function]),
            later=chance.random() * LATEST_SECONDS,
        )
        for function in sorted(usual)
    ]


class Killer:
    """Watches the processes of a cloud for a `with` block and kills some."""

    def __init__(self, aws_url: str, kills: Sequence[Moment] = ()) -> None:
        """Prepare.

        Args:
            aws_url: The address of the cloud's emulator.
            kills: When to kill.
        """
        self.seen = Counter[str]()
        self.killed: list[Moment] = []
        self._aws_url = aws_url
        self._due = list(kills)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._functions: dict[int, str] = {}
        self._looks = Counter[int]()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        before = self._work()
        while not self._over.wait(LOOK_SECONDS):
            now = self._work()
            for pid, worked in now.items():
                if worked != before.get(pid):
                    self._saw(pid)
            before = now

    def _saw(self, pid: int) -> None:
        function = self._functions[pid]
        self.seen[function] += 1
        for moment in list(self._due):
            if (
                moment.function == function
                and moment.sighting < self.seen[function]
            ):
                self._due.remove(moment)
                time.sleep(moment.later)
                self._kill(pid, moment)
                return

    def _kill(self, pid: int, moment: Moment) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed.append(moment)

    def _work(self) -> dict[int, str]:
        """Answer how long each of our processes has run, as text."""
        return {
            pid: _read(_PROC / str(pid) / "schedstat").partition(" ")[0]
            for pid in (
                int(entry) for entry in os.listdir(_PROC) if entry.isdigit()
            )
            if self._function(pid)
        }

    def _function(self, pid: int) -> str:
        """Answer the function that a process of this cloud runs, or none.

        A process that has just been forked still shows its parent's
        environment, so that a stranger is looked at more than once.
        """
        if pid not in self._functions and self._looks[pid] < FIRST_LOOKS:
            self._looks[pid] += 1
            pairs = _read(_PROC / str(pid) / "environ").split("\0")
            own = dict(pair.partition("=")[::2] for pair in pairs)
            name = own.get("AWS_LAMBDA_FUNCTION_NAME", "")
            if name and own.get("AWS_ENDPOINT_URL") == self._aws_url:
                self._functions[pid] = _middle(name)
        return self._functions.get(pid, "")


def _middle(name: str) -> str:
    return name.removeprefix("drs-orchestration-").removesuffix("-local")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
