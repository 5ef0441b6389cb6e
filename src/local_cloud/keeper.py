"""The process that owns the local cloud's programs, and ends them.

A command starts it with a list of programs on its standard input and holds
that pipe. If the pipe closes, because the command ended in whatever way, the
keeper ends the programs and itself; after the line `detach` it stays until it
is told to end by SIGTERM. If the keeper itself is killed, the programs die
with it. It restarts nothing.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from local_cloud import processes
from local_cloud.processes import Identity, Program

DETACH = "detach"
STATE_FILE = "state.json"
_TURN = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the keeper last wrote down."""

    keeper: Identity
    programs: tuple[Identity, ...]
    ended: dict[str, int]


def read_snapshot(run: Path) -> Snapshot | None:
    """Read what the keeper of a run directory wrote; None without one."""
    try:
        found = json.loads((run / STATE_FILE).read_text())
    except FileNotFoundError:
        return None
    return Snapshot(
        keeper=Identity(**found["keeper"]),
        programs=tuple(Identity(**each) for each in found["programs"]),
        ended=found["ended"],
    )


@dataclass(slots=True)
class Keeper:
    """The programs, and the file that says which they are."""

    run: Path
    children: dict[str, "subprocess.Popen[bytes]"] = field(
        default_factory=dict
    )
    ended: dict[str, int] = field(default_factory=dict)
    asked_to_end: bool = False

    def start(self, programs: Iterable[Program]) -> None:
        """Start each program, written down before the next one starts."""
        self.write_down()
        for program in programs:
            self.children[program.name] = processes.start(program)
            self.write_down()

    def watch(self, orders: IO[bytes]) -> None:
        """Stay until the pipe closes, or SIGTERM after `detach`."""
        attached = True
        while not self.asked_to_end:
            ready = attached and select.select([orders], [], [], _TURN)[0]
            if ready:
                order = orders.readline().decode().strip()
                if order != DETACH:
                    return
                attached = False
            elif not attached:
                time.sleep(_TURN)
            self._note_ended()

    def stop(self) -> None:
        """End every program and forget the run."""
        for name in reversed(self.children):
            processes.end_group(self.children[name].pid)
        shutil.rmtree(self.run, ignore_errors=True)

    def write_down(self) -> None:
        """Write the state so that a reader never sees half of it."""
        state = {
            "keeper": asdict(processes.identify("keeper", os.getpid())),
            "programs": [
                asdict(processes.identify(name, child.pid))
                for name, child in self.children.items()
            ],
            "ended": self.ended,
        }
        scratch = self.run / f"{STATE_FILE}.new"
        scratch.write_text(json.dumps(state, indent=1))
        scratch.replace(self.run / STATE_FILE)

    def _note_ended(self) -> None:
        news = {
            name: child.returncode
            for name, child in self.children.items()
            if name not in self.ended and child.poll() is not None
        }
        if news:
            self.ended.update(news)
            self.write_down()


def main(run: Path, orders: IO[bytes]) -> None:
    """Keep the programs named by the first line of the orders."""
    keeper = Keeper(run=run)

    def end(*_: Any) -> None:
        keeper.asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        wanted = json.loads(orders.readline())
        keeper.start(Program(**each) for each in wanted)
        keeper.watch(orders)
    finally:
        keeper.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdin.buffer)
