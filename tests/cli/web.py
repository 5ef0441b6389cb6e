"""A web server on this machine that answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it came."""

    method: str
    path: str
    token: str | None
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back; a text as it is, all else as JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None


@contextmanager
def served(answer: Callable[[Sent], Answer]) -> Iterator[str]:
    """Serve for the length of a block; give the address."""

    class Handler(BaseHTTPRequestHandler):
        """Asks the function given."""

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length)
            reply = answer(
                Sent(
                    method=self.command,
                    path=self.path,
                    token=self.headers.get("Authorization"),
                    body=json.loads(text) if text else None,
                )
            )
            body = reply.body
            content = body if isinstance(body, str) else json.dumps(body)
            self.send_response(reply.status)
            for name, value in (reply.headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content.encode())

        do_GET = do_POST = do_PUT = do_DELETE = _any

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
