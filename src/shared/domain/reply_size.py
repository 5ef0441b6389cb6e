"""How much a function may answer: Lambda carries 6 MB back and no more.

Decides how many rows fit. A reply that is too large never arrives; one that
leaves rows out has to say so.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

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


def size_of(value: Any) -> int:
    """Return the bytes of a value as JSON in the text of a reply.

    That text is itself in JSON, so its quotes are escaped.
    """
    text = msgspec.json.encode(value)
    return len(text) + text.count(b'"') + text.count(b"\\")
