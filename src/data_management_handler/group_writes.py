"""Storing groups with the trail's entries of their servers.

Entries of servers whose own configuration changes are written with the
change, as far as one transaction holds them; the group's own entry, which
is always among them, has the whole change.
"""

from collections.abc import Sequence
from typing import Final

from data_management_handler.audit import accepted, accepted_of_servers
from data_management_handler.domain.request import Request
from data_management_handler.names import name_taken
from data_management_handler.ports import Ports
from data_management_handler.versions import changed_meanwhile
from shared import log
from shared.domain.catalogue import FURTHER_ENTRIES, GROUPS, Refusal
from shared.domain.errors import DatabaseError
from shared.domain.items import Item

NAME_EXISTS: Final = "PG_NAME_EXISTS"


def create_group(request: Request, group: Item, ports: Ports) -> None:
    """Store a new group.

    Raises:
        Conflict: ``PG_NAME_EXISTS``.
    """
    entry = accepted(request, GROUPS, {}, group, ports)
    also = accepted_of_servers(request, {}, group, ports)
    together = also[:FURTHER_ENTRIES]
    if ports.groups.create(group, entry, also=together) is not None:
        raise name_taken(GROUPS, NAME_EXISTS, group["groupName"])
    _add(also[FURTHER_ENTRIES:], group, ports)


def replace_group(
    request: Request,
    before: Item,
    after: Item,
    ports: Ports,
    entry: Item | None = None,
) -> None:
    """Store a group over the version that was read.

    Args:
        request: Who asks for what.
        before: The group as it was read.
        after: The group as it is to be.
        ports: The outside.
        entry: The one entry of a change that is no group's, but a server's.

    Raises:
        Conflict: ``VERSION_CONFLICT``, ``PG_NAME_EXISTS``.
    """
    also: list[Item] = []
    if entry is None:
        entry = accepted(request, GROUPS, before, after, ports)
        also = accepted_of_servers(request, before, after, ports)
    together = also[:FURTHER_ENTRIES]
    refusal = ports.groups.replace(before, after, entry, also=together)
    if refusal is Refusal.NAME_TAKEN:
        raise name_taken(GROUPS, NAME_EXISTS, after["groupName"])
    if refusal is not None:
        raise changed_meanwhile(
            GROUPS, ports.groups.find(before["groupId"]), before
        )
    _add(also[FURTHER_ENTRIES:], after, ports)


def _add(entries: Sequence[Item], group: Item, ports: Ports) -> None:
    """Write the entries that were too many for the transaction."""
    if not entries:
        return
    try:
        ports.audit.add(entries)
    except DatabaseError as error:
        log.error(
            "audit_entries_lost",
            resource_id=group["groupId"],
            entries=len(entries),
            reason=error.message,
        )
