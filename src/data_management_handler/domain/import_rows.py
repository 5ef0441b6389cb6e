"""What an import tells of each entry of a document.

Decides the reason that a refusal is reported with, and the form of the
result. What is refused is decided where groups and plans are created.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from drs.domain.errors import DRS_NOT_INITIALIZED, REGION_NOT_ENABLED
from shared.domain.errors import DrError, Unavailable
from shared.domain.items import Item


class EntryType(StrEnum):
    """What an entry of a document is."""

    GROUP = "ProtectionGroup"
    PLAN = "RecoveryPlan"


class RowStatus(StrEnum):
    """What became of an entry, or would without a dry run."""

    CREATED = "created"
    SKIPPED = "skipped"
    FAILED = "failed"


class Reason(StrEnum):
    """Why an entry was skipped or failed, or what is odd about it."""

    ALREADY_EXISTS = "ALREADY_EXISTS"
    SERVER_NOT_FOUND = "SERVER_NOT_FOUND"
    DRS_NOT_INITIALIZED = "DRS_NOT_INITIALIZED"
    DRS_VALIDATION_ERROR = "DRS_VALIDATION_ERROR"
    SERVER_CONFLICT = "SERVER_CONFLICT"
    ACTIVE_EXECUTION_CONFLICT = "ACTIVE_EXECUTION_CONFLICT"
    NO_TAG_MATCHES = "NO_TAG_MATCHES"
    TAG_RESOLUTION_ERROR = "TAG_RESOLUTION_ERROR"
    NO_SELECTION_METHOD = "NO_SELECTION_METHOD"
    CREATE_ERROR = "CREATE_ERROR"
    CASCADE_FAILURE = "CASCADE_FAILURE"
    MISSING_PROTECTION_GROUP = "MISSING_PROTECTION_GROUP"


_SUMMARY: Final = (
    ("protectionGroups", EntryType.GROUP),
    ("recoveryPlans", EntryType.PLAN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry and what became of it."""

    type: EntryType
    name: str
    status: RowStatus
    reason: Reason | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_wire(self) -> Item:
        """Return the row as the API shows it."""
        return {
            "type": str(self.type),
            "name": self.name,
            "status": str(self.status),
            "reason": None if self.reason is None else str(self.reason),
            "details": dict(self.details),
        }


def failed(kind: EntryType, name: str, reason: Reason, error: DrError) -> Row:
    """Return the row of an entry that was refused."""
    return Row(
        type=kind,
        name=name,
        status=RowStatus.FAILED,
        reason=reason,
        details={
            "code": error.code,
            "message": error.message,
            **error.details,
        },
    )


def reason_of(
    error: DrError, *, by_tags: bool, active: Collection[str]
) -> Reason:
    """Return the reason that a group's refusal is reported with.

    Args:
        error: How its creation was refused.
        by_tags: Whether it selects its servers by tags.
        active: The servers of active executions.
    """
    unread = (
        Reason.TAG_RESOLUTION_ERROR if by_tags else Reason.DRS_VALIDATION_ERROR
    )
    if isinstance(error, Unavailable):
        return unread
    match error.code:
        case "TAG_CONFLICT":
            return Reason.SERVER_CONFLICT
        case "SERVER_CONFLICT":
            rows = error.details["conflicts"]
            return (
                Reason.ACTIVE_EXECUTION_CONFLICT
                if any(_is_active(row, active) for row in rows)
                else Reason.SERVER_CONFLICT
            )
        case "INVALID_SERVERS" if error.details.get("missingServers"):
            return Reason.SERVER_NOT_FOUND
        case "INVALID_SERVERS" if error.details.get("invalidServers"):
            return Reason.DRS_VALIDATION_ERROR
        case "INVALID_TAGS":
            return Reason.TAG_RESOLUTION_ERROR
        case code if code == DRS_NOT_INITIALIZED:
            return Reason.DRS_NOT_INITIALIZED
        case code if code == REGION_NOT_ENABLED:
            return unread
        case _:
            return Reason.CREATE_ERROR


def result(rows: Sequence[Row], *, dry_run: bool, correlation_id: str) -> Item:
    """Return the result of an import."""
    by_status = {
        status: [row for row in rows if row.status is status]
        for status in RowStatus
    }
    refused = by_status[RowStatus.FAILED]
    summary = {
        name: {
            str(status): sum(row.type is kind for row in found)
            for status, found in by_status.items()
        }
        for name, kind in _SUMMARY
    }
    return {
        "success": not refused,
        "dryRun": dry_run,
        "correlationId": correlation_id,
        "summary": summary,
        **{
            str(status): [row.to_wire() for row in found]
            for status, found in by_status.items()
        },
        "importedPGs": summary["protectionGroups"]["created"],
        "importedRPs": summary["recoveryPlans"]["created"],
        "errors": [
            f"{row.type} {row.name}: {row.details['message']}"
            for row in refused
        ],
    }


def _is_active(row: Mapping[str, Any], active: Collection[str]) -> bool:
    return "protectionGroupId" not in row and row["serverId"] in active
