"""The service behind a socket: ``python -m drs_simulator.aws.server``.

Decides options, threads and what is written to the state file. Everything a
caller can see is decided in ``front`` and in the model.
"""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from drs_simulator.aws.authorise import GuardedDoor, OpenDoor
from drs_simulator.aws.ec2 import Ec2Machines, clients_at
from drs_simulator.aws.events import HttpEvents
from drs_simulator.aws.front import Door, Front, Request
from drs_simulator.domain.faults import ReplyLost
from drs_simulator.domain.memory import restore, saved
from drs_simulator.domain.simulator import Simulator

LOG = logging.getLogger("drs_simulator")
TICK_SECONDS = 0.25
DEFAULT_ACCOUNT = "123456789012"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the server was told when it was started."""

    port: int = 0
    host: str = "127.0.0.1"
    scale: float = 1.0
    seed: int = 0
    state: Path | None = None
    sts_endpoint: str = ""
    whoami: str = ""
    ec2_endpoint: str = ""
    events_url: str = ""
    poll_driven: int | None = None
    account: str = DEFAULT_ACCOUNT


class Handler(BaseHTTPRequestHandler):
    """Carries requests from the socket to the front."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "DrsServer"

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer()

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parts.query,
            headers={key.lower(): text for key, text in self.headers.items()},
            body=self.rfile.read(length),
        )
        try:
            reply = self.server.front.answer(request)
        except ReplyLost:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, text in reply.headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Log a request where debugging was asked for."""
        LOG.debug(format, *args)


class DrsServer(ThreadingHTTPServer):
    """The service on one port, with a thread that keeps time.

    Args:
        settings: what it was told.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: Settings) -> None:
        super().__init__((settings.host, settings.port), Handler)
        self.settings = settings
        self.front = Front(_simulator(settings), _door(settings))
        self._stop = threading.Event()
        self._ticker = threading.Thread(target=self._keep_time, daemon=True)
        self._serving = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}
        )

    @property
    def url(self) -> str:
        """Return the address the service answers at."""
        return f"http://{self.settings.host}:{self.server_port}"

    def start(self) -> None:
        """Serve in the background until ``stop``."""
        self._ticker.start()
        self._serving.start()

    def wait(self) -> None:
        """Wait until somebody calls ``stop``."""
        self._stop.wait()

    def release(self) -> None:
        """Let ``wait`` return; safe in a signal handler."""
        self._stop.set()

    def stop(self) -> None:
        """Answer no more, and write the state file."""
        self.release()
        self.shutdown()
        self._serving.join()
        self._ticker.join()
        self.server_close()
        self.save()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong; a caller who hung up is no news."""
        if isinstance(sys.exception(), ConnectionError):
            LOG.debug("%s hung up", client_address)
        else:
            LOG.exception("a request of %s failed", client_address)

    def save(self) -> None:
        """Write the state file, where there is to be one."""
        path = self.settings.state
        if path is None:
            return
        with self.front.lock:
            content = saved(self.front.simulator)
        beside = path.with_name(path.name + ".part")
        beside.write_bytes(content)
        os.replace(beside, path)

    def _keep_time(self) -> None:
        simulator, seen = self.front.simulator, 0
        while not self._stop.wait(TICK_SECONDS):
            with self.front.lock:
                simulator.tick()
                count = simulator.changes
            if count != seen:
                seen = count
                self.save()


def _simulator(settings: Settings) -> Simulator:
    machines = None
    if settings.ec2_endpoint:
        machines = Ec2Machines(clients_at(settings.ec2_endpoint))
    simulator = Simulator(
        time.time,
        Random(settings.seed),  # nosec B311 # chance, not secrets
        scale=settings.scale,
        machines=machines,
        polls_to_complete=settings.poll_driven,
        events=(
            HttpEvents(settings.events_url) if settings.events_url else None
        ),
    )
    if settings.state is not None and settings.state.exists():
        restore(simulator, settings.state.read_bytes())
    return simulator


def _door(settings: Settings) -> Door:
    if settings.whoami:
        return GuardedDoor(settings.whoami, settings.sts_endpoint)
    return OpenDoor(settings.account)


def parsed(arguments: Sequence[str]) -> Settings:
    """Return the settings that command-line arguments say."""
    parser = argparse.ArgumentParser(
        prog="python -m drs_simulator.aws.server",
        description="AWS Elastic Disaster Recovery, simulated.",
    )
    add = parser.add_argument
    add("--port", type=int, default=4570, help="0 takes a free one")
    add("--host", default="127.0.0.1")
    add("--scale", type=float, default=1.0, help="factor for durations")
    add("--seed", type=int, default=0, help="repeats a run")
    add("--state", type=Path, help="file that outlives the process")
    add("--sts-endpoint", default="", help="IAM that is asked for permission")
    add("--whoami", default="", help="answers GET <whoami>/<access key>")
    add("--ec2-endpoint", default="", help="where instances are to exist")
    add("--events-url", default="", help="where aws.drs events are posted")
    add("--poll-driven", type=int, metavar="N", help="jobs end by N polls")
    add("--account", default=DEFAULT_ACCOUNT, help="account of plain keys")
    return Settings(**vars(parser.parse_args(arguments)))


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    server = DrsServer(parsed(arguments))

    def stop(number: int, frame: FrameType | None) -> None:
        server.release()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.start()
    LOG.info("DRS simulator ready at %s", server.url)
    server.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
