"""The API of a local cloud, asked over HTTP by its users."""

import json
import urllib.error
import urllib.request
from typing import Any

from local_cloud import cloud
from local_cloud.aws.people import PEOPLE, id_token
from tests.system.world import System

ADMIN = PEOPLE["DRSOrchestrationAdmin"]


class Api:
    """The API of a local cloud, and the tokens of its users."""

    def __init__(self, system: System) -> None:
        known = system.endpoints
        self.url = known.api_url
        self.pool = known.outputs["UserPoolId"]
        self.client_id = known.outputs["UserPoolClientId"]
        self.account = cloud.account_of(known)
        self.tokens = {
            email: id_token(self.account, self.client_id, email)
            for email in PEOPLE.values()
        }

    def ask(
        self, route: str, token: str | None, body: object = None
    ) -> tuple[int, Any]:
        """Make a request and answer its status and JSON."""
        data = None if body is None else json.dumps(body).encode()
        return self.send(route, token, data)

    def done(self, route: str, body: object = None) -> Any:
        """Have an administrator's request succeed; return its answer."""
        status, answer = self.ask(route, self.tokens[ADMIN], body)
        assert status < 300, (route, status, answer)
        return answer

    def send(
        self, route: str, token: str | None, data: bytes | None
    ) -> tuple[int, Any]:
        """Make a request with this very body."""
        method, path = route.split(" ")
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = token
        request = urllib.request.Request(
            self.url + path, method=method, headers=headers, data=data
        )
        try:
            # The address is the local cloud's own.
            answer = urllib.request.urlopen(request)  # nosec B310
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, json.loads(answer.read() or b"null")
