"""The functions of an installation, asked through its HTTP API.

A request is sent again only where API Gateway says that the function broke
before it answered: a start bears a token by which its repeat is known, and
every other operation may be repeated. The token goes nowhere else, so nothing
is followed and nothing is sent in the clear but to this machine.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import IO, Any, Final
from urllib.parse import urlsplit

from cli.domain.asking import Asking, asking
from cli.domain.ports import CommandFailed, Refused

# API Gateway answers within 29 seconds, whatever the function does.
PATIENCE_SECONDS: Final = 40
_TRIES: Final = 5
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_SIGN_IN: Final = "Sign in: export DRO_TOKEN=$(dro login …)"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the token is for one host only."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> None:
        """Leave the answer as it is."""


class ApiFunctions:
    """Functions by package name, each by its routes."""

    def __init__(self, url: str, token: str) -> None:
        """Take the address at which the API's paths begin, and who asks.

        Raises:
            CommandFailed: There is no token, or it would be sent in the
                clear.
        """
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (
            parts.scheme == "http" and parts.hostname in _LOOPBACK
        )
        if not safe or not parts.hostname:
            raise CommandFailed(
                f"--api {url!r} is no address of an API; it begins with "
                "https://."
            )
        if not token:
            raise CommandFailed(f"DRO_TOKEN is not set. {_SIGN_IN}")
        self._url = url.rstrip("/")
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirect)

    def call(self, function: str, operation: str, **fields: Any) -> Any:
        """Return what the function answers to the operation.

        Raises:
            Refused: It answered with one of the product's errors.
            CommandFailed: It could not be asked, or broke.
        """
        request = asking(operation, fields)
        for _ in range(_TRIES):
            status, answer = self._sent(request, operation)
            if status != HTTPStatus.BAD_GATEWAY:
                break
        if status >= HTTPStatus.BAD_REQUEST:
            raise _refusal(status, answer)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise CommandFailed(
                f"{self._url} leads elsewhere ({status}); check --api."
            )
        return answer[request.part] if request.part else answer

    def _sent(self, request: Asking, operation: str) -> tuple[int, Any]:
        headers = {"Authorization": self._token, "Accept": "application/json"}
        data = None
        if request.body is not None:
            data = json.dumps(request.body).encode()
            headers["Content-Type"] = "application/json"
        asked = urllib.request.Request(  # nosec B310 # the scheme is checked
            self._url + request.path,
            data=data,
            headers=headers,
            method=request.method,
        )
        try:
            with self._answer(asked) as reply:
                return int(reply.status), json.loads(reply.read() or b"null")
        except (OSError, HTTPException, ValueError) as error:
            raise CommandFailed(
                f"{self._url} cannot be asked to {operation}: {error}. "
                "Check --api and your network."
            ) from error

    def _answer(self, asked: urllib.request.Request) -> Any:
        try:
            return self._opener.open(asked, timeout=PATIENCE_SECONDS)
        except urllib.error.HTTPError as error:
            return error


def _refusal(status: int, answer: Any) -> CommandFailed:
    """Read an error of the product, or of what stands before it."""
    told: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    message = str(told.get("message") or answer)
    if status == HTTPStatus.UNAUTHORIZED:
        return CommandFailed(
            f"The token is not accepted, or its time is over. {_SIGN_IN}"
        )
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        return CommandFailed(
            "The API waited for 29 s and gave up; what was asked may go on. "
            "Look before you ask again."
        )
    if "error" in told:
        return Refused(str(told["error"]), message)
    return CommandFailed(f"The API answered {status}: {message}")
