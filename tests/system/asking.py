"""Asks what the processes of a local cloud tell of themselves, over HTTP."""

import json
import urllib.request
from typing import Any


def asked(address: str, method: str = "GET", document: Any = None) -> Any:
    """Make a request of JSON and return the JSON it is answered with."""
    request = urllib.request.Request(
        address,
        method=method,
        data=None if document is None else json.dumps(document).encode(),
    )
    with urllib.request.urlopen(  # nosec B310 # an address of our own
        request, timeout=30
    ) as answer:
        return json.load(answer)
