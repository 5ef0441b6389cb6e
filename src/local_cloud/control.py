"""The DRS simulator's control path: estates and faults.

It is the one thing about a local cloud that no AWS API has. What a document
may hold is decided by the simulator, whose refusals are passed on.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from local_cloud.endpoints import Endpoints


class ControlRefused(Exception):
    """The simulator did not accept a document."""


def load_estate(endpoints: Endpoints, estate: Mapping[str, Any]) -> Any:
    """Give the simulator its accounts and servers; answer the servers' ids."""
    return _post(f"{endpoints.drs_url}/_sim/estate", estate)


def faults(endpoints: Endpoints, rules: Sequence[Mapping[str, Any]]) -> Any:
    """Give the simulator further faults; answer those in force."""
    return _post(f"{endpoints.drs_url}/_sim/faults", list(rules))


def _post(url: str, document: object) -> Any:
    request = urllib.request.Request(
        url,
        data=json.dumps(document).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(  # nosec B310 # an address of our own
            request, timeout=60
        ) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace")
        raise ControlRefused(
            f"The DRS simulator refused a document at {url}: {said}"
        ) from error
