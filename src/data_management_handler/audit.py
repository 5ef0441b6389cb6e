"""Who changed what: entries of the audit trail, and their log lines.

An accepted change is written together with its entry, whoever asked for it.
A refused operation has its entry written here, and is refused whatever
becomes of the entry; refusals of the API are put into the trail by its front.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from data_management_handler.domain.launch_status import without_status
from data_management_handler.domain.request import Request, request_of
from data_management_handler.domain.server_entries import (
    own_settings,
    servers_changed,
)
from data_management_handler.ports import Ports
from data_management_handler.versions import version_of
from shared import log, trail
from shared.domain.audit import (
    AuditResult,
    audit_to_item,
    changes_between,
    entry_at,
    result_of,
)
from shared.domain.catalogue import SERVERS, Kind
from shared.domain.errors import DrError
from shared.domain.execution import Wire
from shared.domain.items import Item, item_bytes
from shared.domain.wire import MAX_ID_CHARACTERS

_NAMELESS = "-"
_CHANGES_BYTES = 204_800

type Operation = Callable[[Wire, Ports], Any]


def accepted(
    request: Request,
    kind: Kind,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    ports: Ports,
) -> Item:
    """Return the entry of a change that is about to be written.

    Args:
        request: Who asks for what.
        kind: What is changed.
        before: The object as it is; empty for one that is created.
        after: The object as it will be; empty for one that is deleted.
        ports: The outside.
    """
    whole = after or before
    return _item(
        request,
        ports,
        resource_type=kind.resource_type,
        resource_id=str(whole[kind.id_name]),
        changes=_bounded(
            changes_between(without_status(before), without_status(after))
        ),
        version=version_of(whole),
    )


def accepted_of_server(
    request: Request,
    server_id: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    ports: Ports,
) -> Item:
    """Return the entry of one server's configuration within its group.

    Args:
        request: Who asks for what.
        server_id: The server.
        before: The group as it is; empty for one that is created.
        after: The group as it will be.
        ports: The outside.
    """
    return _item(
        request,
        ports,
        resource_type=SERVERS.resource_type,
        resource_id=f"{after['groupId']}/{server_id}",
        changes=_bounded(
            changes_between(
                own_settings(before, server_id), own_settings(after, server_id)
            )
        ),
        version=version_of(after),
    )


def accepted_of_servers(
    request: Request,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    ports: Ports,
) -> list[Item]:
    """Return an entry for each server whose own configuration changes."""
    return [
        accepted_of_server(request, server, before, after, ports)
        for server in servers_changed(before, after)
    ]


def _item(request: Request, ports: Ports, **of: Any) -> Item:
    now = ports.clock.now()
    entry = entry_at(
        now,
        user=request.user,
        roles=ports.caller.roles,
        action=ports.caller.action or request.operation,
        result=AuditResult.ALLOWED,
        source_ip=ports.caller.source_ip,
        correlation_id=ports.caller.correlation_id,
        **of,
    )
    return audit_to_item(entry, str(uuid.uuid4()), now)


def _bounded(changes: dict[str, Any]) -> dict[str, Any]:
    """Return changes that one item can hold, the largest cut to its size."""
    while item_bytes(changes) > _CHANGES_BYTES:
        largest = max(changes, key=lambda name: item_bytes(changes[name]))
        size = item_bytes(changes[largest])
        said = f"{size} bytes, too large for the trail"
        changes = {**changes, largest: {"old": said, "new": said}}
    return changes


def audited(kind: Kind, operation: Operation) -> Operation:
    """Return the operation with its log line and its refusals kept."""

    def noted(event: Wire, ports: Ports) -> Any:
        try:
            reply = operation(event, ports)
        except DrError as error:
            _note(kind, event, error, ports)
            raise
        request = request_of(event)
        log.event(
            "change_accepted",
            operation=request.operation,
            resource_type=kind.resource_type,
            resource_id=_about(kind, request, reply),
            user=request.user,
        )
        return reply

    return noted


def _note(kind: Kind, event: Wire, error: DrError, ports: Ports) -> None:
    try:
        request = request_of(event)
    except DrError:
        # What cannot be read as a request names nobody and nothing.
        return
    entry = entry_at(
        ports.clock.now(),
        user=request.user,
        action=request.operation,
        resource_type=kind.resource_type,
        resource_id=_about(kind, request, {})[: 2 * MAX_ID_CHARACTERS + 1],
        result=result_of(error),
        error_code=error.code,
    )
    trail.note(entry, ports.audit)


def _about(kind: Kind, request: Request, reply: Mapping[str, Any]) -> str:
    """Return the id, or the name, of what a request was about."""
    if kind is SERVERS:
        parts = (request.path.get("id"), request.path.get("serverId"))
        return "/".join(str(part).strip() for part in parts if part)
    for value in (
        reply.get(kind.id_name),
        request.path.get("id"),
        request.body.get(kind.id_name),
        request.body.get(kind.name_name),
        request.body.get("name"),
    ):
        if isinstance(value, str) and value.strip():
            return value.strip()
    return _NAMELESS
