"""Pages of a listing, with opaque tokens bound to the question asked.

Decides the size of a page and where the next one begins. A token names the
last item given, so items that come or go between two calls neither repeat
nor hide others.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from drs_simulator.domain.faults import invalid

DEFAULT_PAGE = 100
LARGEST_PAGE = 1000


def question(operation: str, request: Mapping[str, Any]) -> str:
    """Return a short fingerprint of what is asked, whatever the page."""
    asked = {
        key: value
        for key, value in request.items()
        if key not in ("nextToken", "maxResults")
    }
    text = json.dumps([operation, asked], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def size(request: Mapping[str, Any]) -> int:
    """Return how many items the caller gets at most."""
    return min(int(request.get("maxResults") or DEFAULT_PAGE), LARGEST_PAGE)


def last_seen(operation: str, request: Mapping[str, Any]) -> str | None:
    """Return the key of the last item of the page before, if any.

    Raises:
        ServiceFault: the token is not one that this question was given.
    """
    token = request.get("nextToken")
    if not token:
        return None
    try:
        text = base64.urlsafe_b64decode(str(token).encode()).decode()
        fingerprint, key = json.loads(text)
    except (binascii.Error, UnicodeError, ValueError, TypeError) as error:
        raise invalid("The nextToken is not valid.") from error
    if fingerprint != question(operation, request):
        raise invalid("The nextToken belongs to another request.")
    return str(key)


def token(operation: str, request: Mapping[str, Any], key: str) -> str:
    """Return the token that continues after the item with this key."""
    text = json.dumps([question(operation, request), key])
    return base64.urlsafe_b64encode(text.encode()).decode()


def page[Item](
    operation: str,
    request: Mapping[str, Any],
    items: Iterable[tuple[str, Item]],
) -> tuple[list[Item], str | None]:
    """Return one page of items given in ascending order of their keys."""
    after = last_seen(operation, request)
    limit = size(request)
    chosen: list[Item] = []
    last = ""
    for key, item in items:
        if after is not None and key <= after:
            continue
        if len(chosen) == limit:
            return chosen, token(operation, request, last)
        chosen.append(item)
        last = key
    return chosen, None
