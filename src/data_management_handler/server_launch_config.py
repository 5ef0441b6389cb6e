"""One server's own launch configuration: read, set, put back to defaults.

A server has what its group sets unless it sets it itself. Every write is one
of the group, in the group's version.
"""

from collections.abc import Mapping
from typing import Any

from data_management_handler.apply import OF_SERVERS, applied_on_save
from data_management_handler.audit import accepted_of_server
from data_management_handler.domain.group_rules import (
    check_storable,
    own_settings_in,
)
from data_management_handler.domain.launch_status import expected_of
from data_management_handler.domain.request import (
    Request,
    request_of,
    version_in,
    version_in_query,
)
from data_management_handler.domain.server_entries import (
    entry_of,
    own_settings,
    server_config,
    with_entries,
    without_entry,
)
from data_management_handler.group_checks import check_not_running
from data_management_handler.group_writes import replace_group
from data_management_handler.launch_checks import check_launch
from data_management_handler.members import member, server_id_of
from data_management_handler.ports import Ports
from data_management_handler.versions import check_version, version_of
from drs.domain.servers import SourceServer
from shared.domain.catalogue import GROUPS
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.updates import iso
from shared.domain.wire import missing

SETTINGS = ("useGroupDefaults", "launchTemplate")


def get_server_launch_config(event: Wire, ports: Ports) -> Wire:
    """Return a server's launch configuration.

    Raises:
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``, ``NOT_FOUND``: the server
            is not in the group now.
    """
    request = request_of(event)
    group = ports.groups.find(request.object_id)
    server = member(group, server_id_of(request), ports)
    return server_config(group, server)


def update_server_launch_config(event: Wire, ports: Ports) -> Wire:
    """Set what a server is launched with; what is not sent stays.

    Raises:
        BadRequest: ``MISSING_FIELD``, section 11's codes.
        Conflict: ``VERSION_CONFLICT``, ``PG_IN_ACTIVE_EXECUTION``.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``, ``NOT_FOUND``.
    """
    request = request_of(event)
    body = request.needed_body()
    group, server = _changeable(request, version_in(body), ports)
    if all(body.get(name) is None for name in SETTINGS):
        raise missing("launchTemplate")
    value = sent_over_stored(group, server.source_server_id, body)
    entry = own_settings_in(server, value)
    return _saved(request, group, with_entries(group, [entry]), server, ports)


def delete_server_launch_config(event: Wire, ports: Ports) -> Wire:
    """Let a server be launched as its group says.

    Raises:
        Conflict: ``VERSION_CONFLICT``, ``PG_IN_ACTIVE_EXECUTION``.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``, ``NOT_FOUND``.
    """
    request = request_of(event)
    seen = version_in_query(request.query)
    group, server = _changeable(request, seen, ports)
    after = without_entry(group, server.source_server_id)
    return _saved(request, group, after, server, ports)


def sent_over_stored(
    group: Mapping[str, Any], server_id: str, sent: Mapping[str, Any]
) -> dict[str, Any]:
    """Return settings of a request, with stored ones where it has none."""
    entry = entry_of(group, server_id)
    return {
        **{name: entry.get(name) for name in SETTINGS},
        **{name: value for name, value in sent.items() if value is not None},
    }


def _changeable(
    request: Request, seen: int | None, ports: Ports
) -> tuple[Item, SourceServer]:
    group = ports.groups.find(request.object_id)
    check_version(GROUPS, group, seen)
    server = member(group, server_id_of(request), ports)
    check_not_running(group, ports, while_paused=True)
    return group, server


def _saved(
    request: Request,
    before: Item,
    changed: Item,
    server: SourceServer,
    ports: Ports,
) -> Wire:
    """Check, store and apply a change of one server, and show it.

    A change that changes nothing is not stored, only applied again.
    """
    server_id = server.source_server_id
    after = before
    if own_settings(before, server_id) != own_settings(changed, server_id):
        after = stamped(changed, before, [server_id], ports)
        paths = {server_id: "launchTemplate"}
        check_launch(after, before, ports, of_group=False, paths=paths)
        check_storable(after)
        entry = accepted_of_server(request, server_id, before, after, ports)
        replace_group(request, before, after, ports, entry)
    saved = applied_on_save(
        after, [server_id], request.user, ports, failed_as=OF_SERVERS
    )
    return {
        **server_config(saved.group, server),
        "applyResult": saved.results,
    }


def stamped(
    changed: Item, before: Item, server_ids: list[str], ports: Ports
) -> Item:
    """Return a changed group in its next version, with its times."""
    now = ports.clock.now()
    after = {
        **changed,
        "version": version_of(before) + 1,
        "lastModifiedDate": now,
        "updatedAt": iso(now),
    }
    return expected_of(after, server_ids)
