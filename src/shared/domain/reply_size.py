"""How much a function may answer: Lambda carries 6 MB back and no more.

Decides how many rows fit. A reply that is too large never arrives; one that
leaves rows out has to say so.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from shared.domain.errors import BadRequest

# What is around the rows, and blanks between them, need the rest.
MAX_REPLY_BYTES: Final = 5_500_000


def fitting(rows: Sequence[Any], room: int) -> int:
    """Return how many rows, from the first, fit into so many bytes."""
    left = room
    for number, row in enumerate(rows):
        left -= size_of(row) + 1
        if left < 0:
            return number
    return len(rows)


def servers_that_fit(
    views: Sequence[Any], items: Sequence[Any]
) -> tuple[list[Any], list[str]]:
    """Return the items that a reply can carry beside the views.

    Returns:
        The items, from the first, and a warning where some are left out.

    Raises:
        BadRequest: ``MISSING_PARAMETERS``: not even the views fit.
    """
    room = MAX_REPLY_BYTES - size_of(views)
    if room < 0:
        raise BadRequest(
            f"{len(views)} servers are more than one answer can carry; ask "
            "for some of them by 'serverIds' of /drs/source-servers.",
            code="MISSING_PARAMETERS",
            field="serverIds",
        )
    number = fitting(items, room)
    if number == len(items):
        return list(items), []
    return list(items[:number]), [
        f"'sourceServers' has the first {number} of {len(items)} servers; "
        "one answer cannot carry more. 'serverIds' of /drs/source-servers "
        "shows others."
    ]


def size_of(value: Any) -> int:
    """Return the bytes of a value as JSON in the text of a reply.

    That text is itself in JSON, so its quotes are escaped.
    """
    text = msgspec.json.encode(value)
    return len(text) + text.count(b'"') + text.count(b"\\")
