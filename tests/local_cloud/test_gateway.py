"""What is asked of the stable address reaches the API as it was asked."""

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from local_cloud import programs
from local_cloud.programs import Ports
from local_cloud.supervisor import Places, Running, free_ports
from tests.local_cloud.test_endpoints import ENDPOINTS


class Echoes(http.server.BaseHTTPRequestHandler):
    """Answers what it was asked."""

    def do_GET(self) -> None:
        """Echo, with headers of its own."""
        length = int(self.headers.get("Content-Length", 0))
        said = {
            "method": self.command,
            "path": self.path,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": self.rfile.read(length).decode(),
        }
        body = json.dumps(said).encode()
        self.send_response(307 if "moved" in self.path else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_GET
    do_OPTIONS = do_GET
    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that runs, and the file that tells it where the API is."""

    port: int
    endpoints: Path
    log: Path

    def leads_to(self, port: int) -> None:
        """Tell it where the emulator is."""
        replace(
            ENDPOINTS,
            aws_url=f"http://127.0.0.1:{port}",
            outputs={"ApiId": "abc"},
        ).write(self.endpoints)

    def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, list[tuple[str, str]], Any]:
        """Make a request, word for word; answer status, headers, JSON."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        wire.request(method, path, body or None, headers)
        answer = wire.getresponse()
        said = json.loads(answer.read() or "null")
        wire.close()
        return answer.status, answer.getheaders(), said


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echoes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def served(
    echo: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    home = tmp_path_factory.mktemp("gateway")
    places = Places(state_dir=home)
    [port] = free_ports(1)
    found = Gateway(
        port=port,
        endpoints=home / "endpoints.json",
        log=places.logs / "gateway.log",
    )
    found.leads_to(echo)
    program = programs.gateway(
        ports=Ports(aws=echo, drs=0, whoami=0, api=port),
        run=places.run,
        logs=places.logs,
        endpoints=found.endpoints,
    )
    running = Running.start(places, [program])
    running.wait_for({"gateway": f"http://127.0.0.1:{port}/"})
    yield found
    running.stop()


@pytest.fixture
def to_echo(served: Gateway, echo: int) -> Gateway:
    served.leads_to(echo)
    return served


def test_a_request_is_passed_on_as_it_was_made(to_echo: Gateway) -> None:
    status, _, said = to_echo.ask(
        "POST",
        "/a%2Fb/c%20d?q=1&q=%7E&empty=",
        '{"a": 1}',
        **{"Authorization": "token", "Content-Type": "application/json"},
    )

    assert status == 200
    assert said["method"] == "POST"
    assert said["path"] == (
        "/restapis/abc/live/_user_request_/a%2Fb/c%20d?q=1&q=%7E&empty="
    )
    assert said["body"] == '{"a": 1}'
    assert said["headers"]["authorization"] == "token"
    assert said["headers"]["content-type"] == "application/json"


def test_nothing_is_added_to_what_a_client_sends(to_echo: Gateway) -> None:
    said = to_echo.ask("GET", "/x", Connection="close")[2]

    assert set(said["headers"]) == {"host", "accept-encoding"}
    assert said["headers"]["accept-encoding"] == "identity"
    assert said["body"] == ""


def test_an_answer_is_passed_on_as_it_was_given(to_echo: Gateway) -> None:
    status, headers, _ = to_echo.ask("GET", "/moved")

    assert status == 307
    assert ("Location", "/elsewhere") in headers
    assert [v for k, v in headers if k == "Set-Cookie"] == ["a=1", "b=2"]


def test_any_path_is_passed_on(to_echo: Gateway) -> None:
    path = f"/a%0Ab/{'c' * 20_000}"

    assert to_echo.ask("GET", path)[2]["path"].endswith(path)


def test_options_are_asked_for_as_anything_else(to_echo: Gateway) -> None:
    assert to_echo.ask("OPTIONS", "/x")[2]["method"] == "OPTIONS"


def test_until_the_api_is_deployed_it_says_so(served: Gateway) -> None:
    served.endpoints.unlink()

    status, _, said = served.ask("GET", "/x")

    assert (status, said["error"]) == (503, "CHECK_UNAVAILABLE")
    assert "being deployed" in said["message"]


def test_an_emulator_that_is_gone_is_told(served: Gateway) -> None:
    [port] = free_ports(1)
    served.leads_to(port)

    status, _, said = served.ask("GET", "/x")

    assert (status, said["error"]) == (503, "CHECK_UNAVAILABLE")
    assert "did not answer" in said["message"]


def test_nothing_of_a_request_is_logged(to_echo: Gateway) -> None:
    to_echo.ask("POST", "/a-path", "a body", Authorization="a token")

    assert to_echo.log.read_text() == ""
