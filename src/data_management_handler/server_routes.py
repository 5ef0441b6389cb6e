"""The routes of single servers of a group."""

from typing import Final

from data_management_handler.route_kinds import changes, looks
from shared.domain.audit import SERVER
from shared.domain.rbac import Permission
from shared.domain.routes import Body

_SERVERS: Final = "/protection-groups/{id}/servers"
_SERVER: Final = f"{_SERVERS}/{{serverId}}"
# What the trail calls a server.
_ABOUT: Final = "{id}/{serverId}"

SERVER_ROUTES: Final = (
    looks(
        "GET",
        f"{_SERVER}/launch-config",
        "get_server_launch_config",
        Permission.VIEW_PROTECTION_GROUPS,
        SERVER,
        about=_ABOUT,
    ),
    changes(
        "PUT",
        f"{_SERVER}/launch-config",
        "update_server_launch_config",
        Permission.MODIFY_PROTECTION_GROUPS,
        about=_ABOUT,
        body=Body.REQUIRED,
    ),
    changes(
        "DELETE",
        f"{_SERVER}/launch-config",
        "delete_server_launch_config",
        Permission.MODIFY_PROTECTION_GROUPS,
        about=_ABOUT,
    ),
    looks(
        "POST",
        f"{_SERVER}/validate-ip",
        "validate_server_static_ip",
        Permission.VIEW_PROTECTION_GROUPS,
        SERVER,
        about=_ABOUT,
        body=Body.REQUIRED,
    ),
    looks(
        "GET",
        f"{_SERVER}/audit-log",
        "get_server_audit_log",
        Permission.VIEW_PROTECTION_GROUPS,
        SERVER,
        about=_ABOUT,
    ),
    changes(
        "POST",
        f"{_SERVERS}/bulk-launch-config",
        "bulk_update_server_launch_config",
        Permission.MODIFY_PROTECTION_GROUPS,
        body=Body.REQUIRED,
    ),
)
