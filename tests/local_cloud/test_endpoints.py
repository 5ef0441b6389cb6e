"""The file of endpoints, and the simulator's refusals."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_cloud.control import ControlRefused, faults
from local_cloud.endpoints import Endpoints, environment

ENDPOINTS = Endpoints(
    aws_url="http://127.0.0.1:1",
    api_url="http://127.0.0.1:4",
    drs_url="http://127.0.0.1:2",
    quotas_url="http://127.0.0.1:2",
    events_url="http://127.0.0.1:3/events",
    region="us-east-1",
    account_id="123456789012",
    orchestrator="generic",
    speed=10.0,
    outputs={"StateMachineArn": "arn"},
)


class Refuses(http.server.BaseHTTPRequestHandler):
    """Answers every document with a reason."""

    def do_POST(self) -> None:
        """Refuse."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(400)
        self.end_headers()
        self.wfile.write(b"no such key: sever")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    ENDPOINTS.write(tmp_path / "endpoints.json")

    assert Endpoints.read(tmp_path / "endpoints.json") == ENDPOINTS


def test_where_nothing_was_written_there_is_nothing(tmp_path: Path) -> None:
    assert Endpoints.read(tmp_path / "endpoints.json") is None


def test_a_process_needs_no_flags_to_reach_every_service() -> None:
    variables = environment(ENDPOINTS)

    assert variables["AWS_ENDPOINT_URL"] == ENDPOINTS.aws_url
    assert variables["AWS_ENDPOINT_URL_DRS"] == ENDPOINTS.drs_url
    assert variables["AWS_ENDPOINT_URL_SERVICE_QUOTAS"] == ENDPOINTS.drs_url
    assert variables["AWS_ACCESS_KEY_ID"] == ENDPOINTS.account_id
    assert variables["AWS_REGION"] == "us-east-1"


def test_a_refused_document_says_why(refusing: str) -> None:
    endpoints = replace(ENDPOINTS, drs_url=refusing)

    with pytest.raises(ControlRefused, match="no such key: sever"):
        faults(endpoints, [{"sever": "s-1"}])
