"""Rows of a group's servers, which data-management-handler answers."""

from tests.system.cases.case import SERVER, row

SERVERS = (
    row(
        f"GET {SERVER}/launch-config",
        200,
        id="{group}",
        serverId="{group_server}",
    ),
    row(
        *(f"GET {SERVER}/launch-config", 404, "NOT_FOUND"),
        id="{group}",
        serverId="s-00000000000000000",
    ),
    row(
        *(f"PUT {SERVER}/launch-config", 200),
        body={"useGroupDefaults": True},
        id="{group}",
        serverId="{group_server}",
    ),
    row(
        *(f"PUT {SERVER}/launch-config", 409, "VERSION_CONFLICT"),
        body={"launchTemplate": {}, "version": 99},
        id="{group}",
        serverId="{group_server}",
    ),
    row(
        *(f"PUT {SERVER}/launch-config", 400, "BLOCKED_FIELDS_PRESENT"),
        body={"launchTemplate": {"imageId": "ami-1"}},
        id="{group}",
        serverId="{group_server}",
    ),
    row(
        *(f"POST {SERVER}/validate-ip", 200),
        body={"staticPrivateIp": "10.0.0.9", "subnetId": "subnet-0"},
        id="{group}",
        serverId="{group_server}",
    ),
    row(
        *(f"POST {SERVER}/validate-ip", 400, "MISSING_FIELD"),
        body={"subnetId": "subnet-0"},
        id="{group}",
        serverId="{group_server}",
    ),
    row(
        *("POST /protection-groups/{id}/servers/bulk-launch-config", 200),
        id="{group}",
        body={
            "servers": [
                {"sourceServerId": "{group_server}", "useGroupDefaults": True}
            ]
        },
    ),
    row(
        *("POST /protection-groups/{id}/servers/bulk-launch-config", 400),
        "INVALID_TYPE",
        id="{group}",
        body={"servers": "all"},
    ),
    row(
        f"GET {SERVER}/audit-log", 200, id="{group}", serverId="{group_server}"
    ),
    row(
        *(f"GET {SERVER}/audit-log", 400, "INVALID_FORMAT"),
        query="limit=none",
        id="{group}",
        serverId="{group_server}",
    ),
    row(
        f"DELETE {SERVER}/launch-config",
        200,
        id="{group}",
        serverId="{group_server}",
    ),
)
