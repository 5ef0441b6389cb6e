"""Putting an entry into the log and the audit trail, best effort.

The entry follows what it tells of: a trail that cannot be written to undoes
nothing that was done, it is logged instead. What an entry says is decided by
those who carry a change out.
"""

from shared import log
from shared.domain.audit import AuditEntry
from shared.domain.errors import DrError
from shared.domain.ports import Audit


def tell(entry: AuditEntry) -> None:
    """Put an entry into the log."""
    log.event(
        "audit",
        user=entry.user,
        action=entry.action,
        resource_type=entry.resource_type,
        resource_id=entry.resource_id,
        result=str(entry.result),
        changes=entry.changes,
        error_code=entry.error_code,
    )


def note(entry: AuditEntry, audit: Audit) -> None:
    """Tell of an entry and keep it; one that names nothing is only told."""
    tell(entry)
    if not entry.resource_id:
        return
    try:
        audit.write(entry)
    except DrError as error:
        log.error(
            "audit_entry_lost",
            action=entry.action,
            resource_id=entry.resource_id,
            error_code=error.code,
            reason=error.message,
        )
