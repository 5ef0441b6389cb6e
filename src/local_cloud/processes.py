"""Processes as values: who they are, whether they live, how they end.

A process is known by its id and its start time, so that an id which the
system gave to somebody else since is never signalled. It decides nothing about
which processes there are.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_STEP = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start: a command line, its whole environment, its directory."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One process of this machine, for as long as it lives."""

    name: str
    pid: int
    started: str


def start(program: Program) -> "subprocess.Popen[bytes]":
    """Start a program as the leader of its own group.

    On Linux it is killed when the calling thread's process ends, however
    that ends.
    """
    log = Path(program.log)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            list(program.argv),
            cwd=program.cwd,
            env=dict(program.env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )


def search_path() -> str:
    """Answer where this process finds modules, for one in any directory."""
    return os.pathsep.join(os.path.abspath(path) for path in sys.path if path)


def identify(name: str, pid: int) -> Identity:
    """Note who a process is now."""
    return Identity(name=name, pid=pid, started=start_time(pid) or "")


def is_alive(identity: Identity) -> bool:
    """Answer whether this very process still runs."""
    found = start_time(identity.pid)
    return found is not None and found == identity.started


def start_time(pid: int) -> str | None:
    """Answer when a process began; None where it has ended."""
    if not Path("/proc/self/stat").exists():
        return _start_time_by_ps(pid)
    try:
        # The name may hold blanks and parentheses: count from its end.
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = fields.split()
    return None if state in "ZX" else rest[18]


def end_group(leader: int, patience: float = 5.0) -> None:
    """End a process group: politely, then at once after `patience` seconds."""
    if not _signal_group(leader, signal.SIGTERM):
        return
    if not wait_until(lambda: not _group_lives(leader), patience):
        _signal_group(leader, signal.SIGKILL)
        wait_until(lambda: not _group_lives(leader), patience)


def kill_orphans(leader: int, mark: str) -> bool:
    """Kill what is left of a group whose leader has ended.

    Args:
        leader: The id that the leader had, and the group has.
        mark: Text in the environment of every process of ours, without which
            none is signalled: the group's id may be somebody else's by now.

    Returns:
        Whether there was any.
    """
    found = [
        pid
        for pid in _processes()
        if _group_of(pid) == leader and _environment_has(pid, mark)
    ]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return bool(found)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; answer whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_STEP)
    return True


def _signal_group(leader: int, number: int) -> bool:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return False
    return True


def _group_lives(leader: int) -> bool:
    _reap(leader)
    if not _signal_group(leader, 0):
        return False
    members = [pid for pid in _processes() if _group_of(pid) == leader]
    # Who has ended is still a member until somebody takes it in, which the
    # first process of a container may do late or never.
    return not members or any(start_time(pid) for pid in members)


def _processes() -> list[int]:
    """List every process; none where there is no /proc."""
    root = Path("/proc")
    names = [each.name for each in root.iterdir()] if root.exists() else []
    return [int(name) for name in names if name.isdigit()]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _environment_has(pid: int, mark: str) -> bool:
    try:
        return mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def _reap(pid: int) -> None:
    """Take in an ended child, which would count as a member otherwise."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _start_time_by_ps(pid: int) -> str | None:
    found = subprocess.run(
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None


def _die_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    # Loaded here: nothing may be imported between fork and exec.
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask_for_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    return ask_for_signal
