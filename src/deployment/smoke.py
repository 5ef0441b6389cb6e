"""Asks a deployment whether it works, as anybody without a token may.

It answers for its health, and it keeps others out. No more is decided here.
"""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from deployment.domain.errors import SmokeFailed

# A new API may take some time until its own Region knows it.
_PATIENCE = 60.0
_TURN = 1.0


def check(api_url: str, patience: float = _PATIENCE) -> None:
    """Ask /health, and /executions without a token.

    Args:
        api_url: Where the API's paths begin.
        patience: How many seconds the right answers may take.

    Raises:
        SmokeFailed: With the last answer.
    """
    _await(
        f"{api_url}/health",
        lambda status, body: status == 200 and body.get("status") == "healthy",
        "200 with the status healthy",
        patience,
    )
    _await(
        f"{api_url}/executions",
        lambda status, body: status == 401,
        "401 without a token",
        patience,
    )


def _await(url: str, good: Any, wanted: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        said = _ask(url)
        if isinstance(said, tuple) and good(*said):
            return
        if time.monotonic() > deadline:
            told = said if isinstance(said, str) else f"{said[0]}: {said[1]}"
            raise SmokeFailed(f"GET {url} answers {told}, not {wanted}.")
        time.sleep(_TURN)


def _ask(url: str) -> tuple[int, Mapping[str, Any]] | str:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # nosec B310
            return answer.status, _body(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _body(error.read())
    except (OSError, http.client.HTTPException) as error:
        return f"nothing ({error})"


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
