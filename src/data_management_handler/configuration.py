"""The configuration as a document: export and import.

The functions under their fixed names, and the operations that ask them. What
a document says is decided in ``shared.domain.configuration``, what an import
does in ``importing``.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from data_management_handler import importing
from data_management_handler.domain.import_rows import result
from data_management_handler.domain.request import Request, request_of, wish
from data_management_handler.importing import Existing
from data_management_handler.ports import Ports
from data_management_handler.wiring import own_ports
from drs.conflicts import get_servers_in_active_executions
from shared.domain.configuration import document_in, exported
from shared.domain.execution import Wire
from shared.domain.identity import direct_caller
from shared.domain.items import Item
from shared.domain.wire import object_in


def export_configuration(
    *, ports: Ports | None = None, user: str = ""
) -> dict[str, Any]:
    """Return all groups and plans as a document."""
    at = ports or own_ports()
    return exported(
        _get_existing_protection_groups(ports=at),
        _get_existing_recovery_plans(ports=at),
        now=at.clock.now(),
        region=at.hub_region,
        user=user or direct_caller({}),
    )


def import_configuration(
    config: Mapping[str, Any],
    *,
    dry_run: bool = False,
    ports: Ports | None = None,
    request: Request | None = None,
) -> dict[str, Any]:
    """Add the groups and plans of a document whose names do not exist.

    Args:
        config: The document.
        dry_run: Whether to check everything and to write nothing.
        ports: The outside; this container's without it.
        request: Who asks.

    Raises:
        BadRequest: ``MISSING_SCHEMA_VERSION``,
            ``UNSUPPORTED_SCHEMA_VERSION``, ``INVALID_TYPE``.
    """
    document = document_in(config)
    at = importing.seen_once(ports or own_ports())
    existing = Existing(
        groups=_get_existing_protection_groups(ports=at),
        plans=_get_existing_recovery_plans(ports=at),
        active=frozenset(_get_active_execution_servers(ports=at)),
    )
    entries = importing.checked(document, existing, at)
    rows = [one.row for one in entries]
    if not dry_run:
        asked = request or request_of({"operation": "import_configuration"})
        rows = importing.written(entries, asked, at)
    number = at.caller.correlation_id or str(uuid.uuid4())
    return result(rows, dry_run=dry_run, correlation_id=number)


def _get_existing_protection_groups(
    *, ports: Ports | None = None
) -> list[Item]:
    """Return every stored group, all pages."""
    return (ports or own_ports()).groups.all()


def _get_existing_recovery_plans(*, ports: Ports | None = None) -> list[Item]:
    """Return every stored plan, all pages."""
    return (ports or own_ports()).plans.all()


def _get_active_execution_servers(*, ports: Ports | None = None) -> set[str]:
    """Return the servers that active executions work on or have reserved."""
    at = ports or own_ports()
    return get_servers_in_active_executions(
        at.executions, at.hub_account_id, found=at.servers_in_executions()
    )


def exported_for(event: Wire, ports: Ports) -> Wire:
    """Return the document for whoever asks."""
    return export_configuration(ports=ports, user=request_of(event).user)


def imported_for(event: Wire, ports: Ports) -> Wire:
    """Import the document of a request, in ``config`` or as its body.

    Raises:
        BadRequest: As the import; ``MISSING_BODY``, ``INVALID_TYPE``.
    """
    request = request_of(event)
    body = request.needed_body()
    config = object_in(body, "config") if "config" in body else body
    return import_configuration(
        config,
        dry_run=wish(body, "dryRun"),
        ports=ports,
        request=request,
    )
