"""An API works where it answers for its health and keeps others out."""

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from deployment.domain.errors import SmokeFailed
from deployment.smoke import check


@contextmanager
def an_api(answers: Mapping[str, tuple[int, object]]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return None

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_an_api_that_works_passes() -> None:
    with an_api(
        {"/health": (200, {"status": "healthy"}), "/executions": (401, {})}
    ) as url:
        check(url, patience=0)


@pytest.mark.parametrize(
    ("health", "executions", "told"),
    [
        ((500, {}), (401, {}), "/health answers 500"),
        ((200, {"status": "ill"}), (401, {}), "/health answers 200"),
        ((200, {"status": "healthy"}), (200, []), "not 401"),
        ((200, {"status": "healthy"}), (502, "?"), "/executions answers 502"),
    ],
)
def test_an_api_that_does_not_is_told_with_its_answer(
    health: tuple[int, object], executions: tuple[int, object], told: str
) -> None:
    with (
        an_api({"/health": health, "/executions": executions}) as url,
        pytest.raises(SmokeFailed, match=told),
    ):
        check(url, patience=0)


def test_an_api_that_is_not_there_is_told() -> None:
    with pytest.raises(SmokeFailed, match="answers nothing"):
        check("http://127.0.0.1:9", patience=0)
