"""What the audit trail says of a change that somebody asked for.

An entry is written once and never changed. Which changes are audited is
decided by those who carry them out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from shared.domain.errors import DrError, Forbidden, Unauthenticated
from shared.domain.items import Item, built
from shared.domain.updates import iso

KEPT_SECONDS: Final = 400 * 24 * 3600
CONFIG: Final = "config"
EXECUTION: Final = "execution"
PROTECTION_GROUP: Final = "protection_group"
RECOVERY_PLAN: Final = "recovery_plan"
_SECRET: Final = frozenset({"externalId"})
_MASK: Final = "***"
ACCOUNT: Final = "account"
SERVER: Final = "server"


class AuditResult(StrEnum):
    """What became of it: done, not permitted, or refused for a reason."""

    ALLOWED = "allowed"
    DENIED = "denied"
    FAILED = "failed"


class AuditEntry(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """Who asked for what, of which object, and what became of it.

    ``changes`` has an ``old`` and a ``new`` value for each field, and
    ``version`` is the object's after it, where it has one.
    """

    timestamp: str
    user: str
    action: str
    resource_type: str
    resource_id: str
    result: AuditResult
    roles: tuple[str, ...] = msgspec.field(default_factory=lambda: ())
    changes: dict[str, Any] = msgspec.field(default_factory=dict)
    error_code: str = ""
    version: int = 0
    source_ip: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some entries of one resource, and where the next page begins.

    ``next`` is empty on the last page.
    """

    entries: tuple[AuditEntry, ...] = ()
    next: str = ""


def result_of(error: DrError) -> AuditResult:
    """Return what a refusal is in the trail."""
    if isinstance(error, Forbidden | Unauthenticated):
        return AuditResult.DENIED
    return AuditResult.FAILED


def changed(new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of a request that says only what is to be."""
    return {
        name: {"old": None, "new": value}
        for name, value in new.items()
        if value is not None
    }


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what differs between two states, what is secret masked."""
    return {
        name: {
            "old": _shown(name, before.get(name)),
            "new": _shown(name, after.get(name)),
        }
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def audit_to_item(entry: AuditEntry, identity: str, now: int) -> Item:
    """Return the item of an entry, under an identity of its own.

    Args:
        entry: The entry.
        identity: What tells it from others of the same second.
        now: Epoch seconds, from which its keeping is counted.
    """
    item: Item = built(entry)
    return {
        **item,
        "executionId": partition(entry.resource_type, entry.resource_id),
        "planId": f"{entry.timestamp}#{identity}",
        "TTL": now + KEPT_SECONDS,
    }


def partition(resource_type: str, resource_id: str) -> str:
    """Return the hash key of all entries of one resource."""
    return f"audit#{resource_type}#{resource_id}"


def audit_of_item(item: Mapping[str, Any]) -> AuditEntry:
    """Return the entry that an item holds."""
    return msgspec.convert(item, AuditEntry, strict=False)


def page_of(items: Sequence[Item], limit: int) -> AuditPage:
    """Return a page of items in order, of which one too many was read."""
    shown = items[:limit]
    return AuditPage(
        entries=tuple(map(audit_of_item, shown)),
        next=str(shown[-1]["planId"]) if len(items) > limit else "",
    )


def entry_at(now: int, **of: Any) -> AuditEntry:
    """Return an entry of this time."""
    return AuditEntry(timestamp=iso(now), **of)


def _shown(name: str, value: Any) -> Any:
    """Return a value with secrets masked, however deep they lie."""
    if name in _SECRET and value:
        return _MASK
    match value:
        case Mapping():
            return {inner: _shown(inner, v) for inner, v in value.items()}
        case list() | tuple():
            return [_shown(name, inner) for inner in value]
        case _:
            return value
