"""What two drills have in common: their records without what must differ.

Ids, addresses and ARNs are replaced by their rank among those of their run, in
the order of the attributes' names: the order in which they are stored depends
on what was written first. Times are replaced by one word. How often something
was tried or written is left out.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

_UNIQUE = re.compile(
    r"arn:[^\s\"]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
    r"[0-9a-f]{32}|drsjob-[0-9a-f]+|i-[0-9a-f]{8,}|(?:\d{1,3}\.){3}\d{1,3}"
)
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*Z")
_EPOCH = 1_000_000_000
_COUNTERS = frozenset({"revision", "attempt", "durationSeconds"})


def likeness(items: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Answer the items as they would be after any like drill."""
    ranks: dict[str, str] = {}
    ordered = sorted(items, key=lambda item: str(item["planId"]))
    return [_alike(item, ranks) for item in ordered]


def _alike(value: Any, ranks: dict[str, str]) -> Any:
    match value:
        case Mapping():
            return {
                _alike(key, ranks): _alike(inner, ranks)
                for key, inner in sorted(value.items(), key=_name)
                if key not in _COUNTERS
            }
        case list():
            return [_alike(inner, ranks) for inner in value]
        case set():
            return sorted(str(_alike(inner, ranks)) for inner in value)
        case Decimal() if value > _EPOCH:
            return "time"
        case str():
            return _UNIQUE.sub(
                lambda found: _rank(found[0], ranks), _STAMP.sub("time", value)
            )
    return value


def _name(attribute: tuple[str, Any]) -> str:
    return _UNIQUE.sub("", attribute[0])


def _rank(found: str, ranks: dict[str, str]) -> str:
    return ranks.setdefault(found, f"<{len(ranks)}>")
