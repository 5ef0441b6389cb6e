"""Finding one server of a group, in the group's current set."""

from collections.abc import Mapping
from typing import Any

from data_management_handler.domain.group_rules import selection_of
from data_management_handler.domain.request import Request
from data_management_handler.ports import Ports
from drs.domain.servers import SourceServer, is_server_id
from drs.domain.tags import matching
from drs.looks import look
from shared.domain.errors import NotFound
from shared.domain.wire import missing, shown, text_in


def server_id_of(request: Request) -> str:
    """Return the server's id in the path.

    Raises:
        BadRequest: ``MISSING_FIELD``.
    """
    found = text_in(request.path, "serverId").strip()
    if not found:
        raise missing("pathParameters.serverId")
    return found


def member(
    group: Mapping[str, Any], server_id: str, ports: Ports
) -> SourceServer:
    """Return a server that DRS has and that the group selects now.

    Raises:
        NotFound: ``NOT_FOUND``.
        Unavailable: DRS cannot be asked.
    """
    selection = selection_of(group)
    named = selection.tags or server_id in selection.server_ids
    if named and is_server_id(server_id):
        reach = ports.at(ports.place_of(group))
        found = look(lambda: reach.source_servers([server_id]))
        if selection.tags:
            found = matching(found, selection.tags)
        if found:
            return found[0]
    raise NotFound(
        f"Server {shown(server_id)} is not in group {group['groupName']} now.",
        groupId=group["groupId"],
        serverId=server_id,
    )
