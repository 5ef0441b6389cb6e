"""What names the values of a JSON document have, however deep."""

from collections.abc import Iterator
from typing import Any


def keys_within(value: Any) -> Iterator[str]:
    """Yield every key of every object within a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_within(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_within(inner)
