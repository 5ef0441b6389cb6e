"""Brings the local cloud's programs up and down, and never leaves one behind.

One keeper process owns the programs of a state directory (keeper.py says how
they end with it). This module starts the keeper, waits until every program
answers, hands the keeper over or ends it, and clears up after one that was
killed. It deploys nothing.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from local_cloud import keeper, processes
from local_cloud.processes import Program

_PATIENCE = 30.0


class CloudFailed(Exception):
    """The local cloud could not be brought up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a local cloud keeps its files."""

    state_dir: Path

    @property
    def run(self) -> Path:
        """What exists only while the programs run."""
        return self.state_dir / "run"

    @property
    def logs(self) -> Path:
        """The programs' output; kept until the next start."""
        return self.state_dir / "logs"

    @property
    def layers(self) -> Path:
        """Unpacked layers; kept for the next start."""
        return self.state_dir / "layers"


class Running:
    """The programs of one state directory, held by this process."""

    def __init__(self, places: Places, held: "subprocess.Popen[bytes]"):
        """Hold the keeper's pipe."""
        self._places = places
        self._held = held

    @classmethod
    def start(cls, places: Places, programs: Sequence[Program]) -> Self:
        """Start the keeper and give it the programs."""
        shutil.rmtree(places.logs, ignore_errors=True)
        places.logs.mkdir(parents=True)
        (places.run / "tmp").mkdir(parents=True)
        with (places.logs / "keeper.log").open("ab") as log:
            held = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "local_cloud.keeper",
                    str(places.run),
                ],
                env={
                    "PATH": os.defpath,
                    "PYTHONPATH": processes.search_path(),
                },
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = cls(places, held)
        running._tell(json.dumps([asdict(program) for program in programs]))
        return running

    def wait_for(self, urls: Mapping[str, str]) -> None:
        """Wait until each program answers at its address.

        Raises:
            CloudFailed: A program ended, or did not answer in time; the
                message holds the end of its log.
        """
        for name, url in urls.items():
            processes.wait_until(
                lambda: answers(url) or self._has_ended(name), _PATIENCE
            )
            if not answers(url):
                raise CloudFailed(_silence(self._places, name, url))

    def detach(self) -> None:
        """Let the programs go on when this process has ended."""
        self._tell(keeper.DETACH)

    def stop(self) -> None:
        """End the programs and wait until they are gone."""
        if self._held.stdin:
            self._held.stdin.close()
        stop(self._places)
        self._held.wait(_PATIENCE)

    def _has_ended(self, name: str) -> bool:
        if self._held.poll() is not None:
            return True
        snapshot = keeper.read_snapshot(self._places.run)
        return snapshot is not None and name in snapshot.ended

    def _tell(self, line: str) -> None:
        if self._held.stdin is None:
            raise CloudFailed("The keeper was started without a pipe.")
        try:
            self._held.stdin.write(f"{line}\n".encode())
            self._held.stdin.flush()
        except BrokenPipeError as error:
            raise CloudFailed(
                "The local cloud's keeper has ended. Its log ends:\n"
                + log_end(self._places.logs / "keeper.log")
            ) from error


def stop(places: Places) -> bool:
    """End whatever runs for a state directory; answer whether anything did.

    It also ends what a killed keeper left behind.
    """
    snapshot = keeper.read_snapshot(places.run)
    found = False
    if snapshot and processes.is_alive(snapshot.keeper):
        found = True
        # It ends its programs first, hence the patience.
        processes.end_group(snapshot.keeper.pid, _PATIENCE)
    for program in snapshot.programs if snapshot else ():
        if processes.is_alive(program):
            found = True
            processes.end_group(program.pid)
        elif processes.kill_orphans(program.pid, str(places.run)):
            found = True
    shutil.rmtree(places.run, ignore_errors=True)
    return found


def wait_for_answer(places: Places, name: str, url: str) -> None:
    """Wait until a program answers at its address, whoever holds it.

    Raises:
        CloudFailed: It did not in time; the message holds the log's end.
    """
    if not processes.wait_until(lambda: answers(url), _PATIENCE):
        raise CloudFailed(_silence(places, name, url))


def is_running(places: Places) -> bool:
    """Answer whether a keeper lives for a state directory."""
    snapshot = keeper.read_snapshot(places.run)
    return snapshot is not None and processes.is_alive(snapshot.keeper)


def free_ports(count: int) -> list[int]:
    """Answer loopback ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def is_free(port: int) -> bool:
    """Answer whether nobody listens on a loopback port."""
    with socket.socket() as ours:
        # As a server does: what waits for its end is no reason to refuse.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(url: str) -> bool:
    """Answer whether an address is served, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # nosec B310
            return bool(answer.status)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, http.client.HTTPException):
        return False


def log_end(log: Path, lines: int = 15) -> str:
    """Answer the last lines of a log."""
    try:
        written = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return "(no log)"
    return "\n".join(written[-lines:])


def _silence(places: Places, name: str, url: str) -> str:
    return (
        f"The local cloud's {name} does not answer at {url}. "
        f"Its log, {places.logs / name}.log, ends:\n"
        + log_end(places.logs / f"{name}.log")
    )
