"""Optimistic versions: what was read is what is changed, or nothing is."""

from collections.abc import Mapping
from typing import Any, Final

from shared.domain.catalogue import Kind
from shared.domain.errors import Conflict

# How often a change that does not depend on what was read is tried again.
TRIES: Final = 5


def version_of(stored: Mapping[str, Any]) -> int:
    """Return an object's version; one of an older writer has none."""
    return int(stored.get("version") or 0)


def check_version(
    kind: Kind, stored: Mapping[str, Any], seen: int | None
) -> None:
    """Refuse a change of another version than the caller has seen.

    Raises:
        Conflict: ``VERSION_CONFLICT``.
    """
    if seen is not None and seen != version_of(stored):
        raise _conflict(kind, stored, seen)


def changed_meanwhile(
    kind: Kind,
    stored: Mapping[str, Any],
    seen: Mapping[str, Any] | None = None,
) -> Conflict:
    """Return the error of an object that was changed since it was read."""
    expected = version_of(seen or stored)
    return _conflict(kind, stored, expected)


def _conflict(
    kind: Kind, stored: Mapping[str, Any], expected: int
) -> Conflict:
    return Conflict(
        f"The {kind.said} was changed by someone else; reload it.",
        code="VERSION_CONFLICT",
        expectedVersion=expected,
        currentVersion=version_of(stored),
        resourceId=str(stored[kind.id_name]),
    )
