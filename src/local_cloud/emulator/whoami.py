"""A loopback door to four things that no public API of the emulator has.

`GET /<access key>` answers the principal of a session, so that the DRS
simulator can authorise its callers by their role. `POST /events` puts events
whose source begins with `aws.`, which PutEvents rightly refuses. `GET /calls`
answers who called what, `DELETE /calls` forgets it. `GET /decisions` answers
what each role was allowed and refused. It decides nothing else; in particular
it authenticates nobody, hence the loopback.
"""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_cloud.emulator import calls, decisions, engine


def principal_of(access_key: str) -> dict[str, str | None]:
    """Answer the ARN behind an access key; None where there is no session."""
    session = engine.sts._sessions.get(access_key) or {}
    return {"Arn": session.get("Arn")}


def publish(event: dict[str, Any]) -> Any:
    """Put an event, in the form in which rules see it, on its account's bus.

    Raises:
        KeyError: The event lacks one of the fields that it must have.
    """
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event.get("resources", []),
    }
    with engine.responses.request_scope(event["account"], event["region"]):
        answer = engine.eventbridge._put_events(
            {"Entries": [entry]}, allow_aws_source=True
        )
    return json.loads(answer[2])


class Door(BaseHTTPRequestHandler):
    """The requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer whose a key is, who called what, or what was decided."""
        if self.path == "/calls":
            self._answer(HTTPStatus.OK, {"calls": calls.noted()})
            return
        if self.path == "/decisions":
            self._answer(HTTPStatus.OK, decisions.told())
            return
        self._answer(HTTPStatus.OK, principal_of(self.path.rsplit("/", 1)[-1]))

    def do_DELETE(self) -> None:
        """Forget who called what."""
        if self.path != "/calls":
            self._answer(HTTPStatus.NOT_FOUND, {"message": "DELETE /calls"})
            return
        calls.forget()
        self._answer(HTTPStatus.OK, {"calls": []})

    def do_POST(self) -> None:
        """Publish an event: source, detail-type, detail, account, region."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/events":
            self._answer(HTTPStatus.NOT_FOUND, {"message": "POST /events"})
            return
        try:
            answer = publish(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            self._answer(
                HTTPStatus.BAD_REQUEST, {"message": f"no event: {error!r}"}
            )
            return
        self._answer(HTTPStatus.OK, answer)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the emulator's log free of look-ups."""

    def _answer(self, status: HTTPStatus, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def serve(port: int) -> ThreadingHTTPServer:
    """Answer on the loopback address from a thread of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
