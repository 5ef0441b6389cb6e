"""Who changed a server's launch configuration, page by page."""

import base64
import binascii
import re
from typing import Any, Final

from data_management_handler.domain.request import request_of
from data_management_handler.members import member, server_id_of
from data_management_handler.ports import Ports
from shared.domain.audit import SERVER, AuditEntry
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.routes import number_in

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 100
_PLACE: Final = re.compile(r"[0-9TZ:.-]{20,32}#[\w-]{1,64}", re.ASCII)


def get_server_audit_log(event: Wire, ports: Ports) -> Wire:
    """Return the entries of one server, newest first.

    Raises:
        BadRequest: ``INVALID_FORMAT``.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``, ``NOT_FOUND``.
    """
    request = request_of(event)
    query = {k: str(v) for k, v in request.query.items() if v is not None}
    limit = number_in(
        query, "limit", default=DEFAULT_LIMIT, low=1, high=MAX_LIMIT
    )
    after = _place(query.get("nextToken", ""))
    group = ports.groups.find(request.object_id)
    server_id = member(group, server_id_of(request), ports).source_server_id
    page = ports.audit.page(
        SERVER, f"{group['groupId']}/{server_id}", limit=limit, after=after
    )
    return {
        "auditLog": [_shown(entry) for entry in page.entries],
        "count": len(page.entries),
        "nextToken": _token(page.next) if page.next else None,
    }


def _shown(entry: AuditEntry) -> dict[str, Any]:
    return {
        "timestamp": entry.timestamp,
        "user": entry.user,
        "action": entry.action,
        "result": str(entry.result),
        "changes": entry.changes,
        "version": entry.version,
    }


def _token(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(token: str) -> str:
    if not token:
        return ""
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
        place = raw.decode("ascii")
    except (binascii.Error, ValueError):
        place = ""
    if not _PLACE.fullmatch(place):
        raise BadRequest(
            "'nextToken' is none that this list has given; begin again "
            "without it.",
            code="INVALID_FORMAT",
            field="nextToken",
        )
    return place
