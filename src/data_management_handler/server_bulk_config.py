"""Setting the launch configurations of many servers of a group at once.

All are checked before any is stored; they are stored as one version of the
group.
"""

from collections.abc import Mapping
from typing import Any

from data_management_handler.apply import OF_SERVERS, applied_on_save
from data_management_handler.domain.group_rules import (
    check_storable,
    entries_in,
    selection_of,
    server_id_in,
)
from data_management_handler.domain.request import request_of, version_in
from data_management_handler.domain.server_entries import with_entries
from data_management_handler.group_checks import check_not_running, find
from data_management_handler.group_writes import replace_group
from data_management_handler.launch_checks import check_launch
from data_management_handler.ports import Ports
from data_management_handler.server_checks import (
    validate_and_get_source_servers,
)
from data_management_handler.server_launch_config import (
    sent_over_stored,
    stamped,
)
from data_management_handler.versions import check_version, version_of
from drs.remembered import remembering
from shared.domain.catalogue import GROUPS
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.wire import missing, wrong_type


def bulk_update_server_launch_config(event: Wire, ports: Ports) -> Wire:
    """Set what many servers are launched with; what is not sent stays.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_SERVERS``,
            ``DUPLICATE_IP_IN_BATCH``, section 11's other codes.
        Conflict: ``VERSION_CONFLICT``, ``PG_IN_ACTIVE_EXECUTION``.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``.
    """
    request = request_of(event)
    body = request.needed_body()
    before = ports.groups.find(request.object_id)
    check_version(GROUPS, before, version_in(body))
    rows = _rows(before, body)
    check_not_running(before, ports, while_paused=True)
    entries = _entries(before, rows, ports)
    ids = [str(entry["sourceServerId"]) for entry in entries]
    after = stamped(with_entries(before, entries), before, ids, ports)
    check_launch(
        after,
        before,
        ports,
        of_group=False,
        paths={
            server: f"servers[{at}].launchTemplate"
            for at, server in enumerate(ids)
        },
        batch=ids,
    )
    check_storable(after)
    replace_group(request, before, after, ports)
    saved = applied_on_save(
        after, ids, request.user, ports, failed_as=OF_SERVERS
    )
    return {
        "protectionGroupId": after["groupId"],
        **saved.results,
        "version": version_of(saved.group),
    }


def _rows(
    group: Mapping[str, Any], body: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return what is sent for each server, over what is stored."""
    value = body.get("servers")
    if value is None or value == []:
        raise missing("servers")
    if not isinstance(value, list):
        raise wrong_type("servers", "a list", value)
    rows = []
    for at, row in enumerate(value):
        if not isinstance(row, dict):
            raise wrong_type(f"servers[{at}]", "an object", row)
        server_id = server_id_in(row, f"servers[{at}]")
        rows.append(sent_over_stored(group, server_id, row))
    return rows


def _entries(
    group: Mapping[str, Any], rows: list[dict[str, Any]], ports: Ports
) -> list[Item]:
    """Return the entries as they are stored, their servers checked."""
    place = ports.place_of(group)
    regions = remembering(ports.drs)
    found = find(selection_of(group), place, ports)
    entries = entries_in({"servers": rows}, found.members)
    validate_and_get_source_servers(
        [str(entry["sourceServerId"]) for entry in entries],
        place.region,
        ports.account(place.account_id, place.assume_role_name),
        regions=regions,
    )
    return entries
