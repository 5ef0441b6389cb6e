"""One handler's operations, asked over an API that is made up here."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import trying


class Api(http.server.BaseHTTPRequestHandler):
    """Answers what it was asked; a sign-in gets a token."""

    def do_GET(self) -> None:
        """Answer, with 404 for what is called `none`."""
        length = int(self.headers.get("Content-Length", 0))
        said: dict[str, object] = {
            "asked": f"{self.command} {self.path}",
            "token": self.headers.get("Authorization"),
            "body": self.rfile.read(length).decode(),
        }
        if "InitiateAuth" in self.headers.get("X-Amz-Target", ""):
            said = {"AuthenticationResult": {"IdToken": "signed-in"}}
        self.send_response(404 if "none" in self.path else 200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("DRO_TOKEN", "mine")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("handler", sorted(trying.HANDLERS))
def test_a_handlers_operations_are_listed(
    handler: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trying.main([handler]) == 0

    listed = capsys.readouterr().out
    assert "GET /" in listed
    assert "options" not in listed


def test_one_operation_is_asked_for_with_its_body(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["execution-handler", "pauseExecution", "--set", "id=a/b"]

    ended = trying.main([*asked, "--body", '{"reason": "x"}', "--url", url])

    said = capsys.readouterr().out
    assert ended == 0
    assert '"asked": "POST /executions/a%2Fb/pause"' in said
    assert '"token": "mine"' in said
    assert "reason" in said


def test_an_error_is_an_exit_status(url: str) -> None:
    asked = ["execution-handler", "getExecution", "--set", "id=none"]

    assert trying.main([*asked, "--url", url]) == 1


def test_all_that_read_are_asked_for_and_the_rest_said(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["query-handler", "--read-only", "--set", "region=us-east-1"]

    assert trying.main([*asked, "--url", url]) == 0

    said = capsys.readouterr().out
    assert "GET /drs/source-servers?region=us-east-1" in said
    assert "skipped, needs id" in said
    assert "POST" not in said


def test_what_cannot_be_asked_for_is_said(
    url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = "execution-handler"

    assert trying.main([handler, "nothing", "--url", url]) == 2
    assert trying.main([handler, "getExecution", "--url", url]) == 2
    assert trying.main([handler, "listExecutions", "--url", "file:/x"]) == 2
    monkeypatch.delenv("DRO_TOKEN")
    monkeypatch.setattr(trying, "ENDPOINTS", Path("/nowhere/endpoints.json"))
    assert trying.main([handler, "listExecutions"]) == 2

    said = capsys.readouterr().err
    for part in ("no operation nothing", "--set id=", "file:/x", "DRO_TOKEN"):
        assert part in said


def test_a_user_of_the_local_cloud_is_signed_in(
    url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {"aws_url": url, "api_url": url, "outputs": {}}
    known["outputs"] = {"UserPoolClientId": "client"}
    endpoints = tmp_path / "endpoints.json"
    endpoints.write_text(json.dumps(known))
    monkeypatch.delenv("DRO_TOKEN")
    monkeypatch.setattr(trying, "ENDPOINTS", endpoints)

    assert trying.main(["query-handler", "getUserProfile"]) == 0
    assert '"token": "signed-in"' in capsys.readouterr().out
