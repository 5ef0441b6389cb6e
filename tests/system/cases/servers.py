"""Rows of a group's servers, which data-management-handler answers."""

from collections.abc import Mapping
from typing import Any

from tests.system.cases.case import LONG, SERVER, row

BULK = "POST /protection-groups/{id}/servers/bulk-launch-config"
ADDRESS = {"staticPrivateIp": "10.0.0.9", "subnetId": "subnet-0"}
MEMBER = {"sourceServerId": "{group_server}"}
NOBODY = "s-00000000000000000"
ASKED: Mapping[str, Any] = {
    f"PUT {SERVER}/launch-config": {"launchTemplate": {}},
    f"DELETE {SERVER}/launch-config": None,
    f"POST {SERVER}/validate-ip": ADDRESS,
    f"GET {SERVER}/audit-log": None,
}
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
    *(
        row(route, 404, "NOT_FOUND", id="{group}", serverId=NOBODY, body=body)
        for route, body in ASKED.items()
    ),
    *(
        row(
            route,
            400,
            code,
            id="{group}",
            serverId="{group_server}",
            body=body,
        )
        for route, code, body in (
            (f"PUT {SERVER}/launch-config", "MISSING_FIELD", {"text": "x"}),
            (
                f"PUT {SERVER}/launch-config",
                "INVALID_TYPE",
                {"launchTemplate": 7},
            ),
            (
                f"POST {SERVER}/validate-ip",
                "INVALID_TYPE",
                {**ADDRESS, "staticPrivateIp": 7},
            ),
            (
                f"POST {SERVER}/validate-ip",
                "INVALID_FORMAT",
                {**ADDRESS, "staticPrivateIp": LONG},
            ),
        )
    ),
    *(
        row(
            *(f"DELETE {SERVER}/launch-config", status, code),
            query=f"version={version}",
            id="{group}",
            serverId="{group_server}",
        )
        for status, code, version in (
            (400, "INVALID_TYPE", "last"),
            (409, "VERSION_CONFLICT", 99),
        )
    ),
    *(
        row(BULK, status, code, id="{group}", body=body)
        for status, code, body in (
            (400, "MISSING_FIELD", {"servers": []}),
            (
                400,
                "INVALID_SERVERS",
                {"servers": [{"sourceServerId": NOBODY}]},
            ),
            (
                400,
                "INVALID_FORMAT",
                {"servers": [{**MEMBER, "criticality": "x"}]},
            ),
            (409, "VERSION_CONFLICT", {"servers": [MEMBER], "version": 99}),
        )
    ),
    *(
        row(
            route,
            409,
            "PG_IN_ACTIVE_EXECUTION",
            id="{running_group}",
            body=body,
            **place,
        )
        for running in ("{member_of_running_group}",)
        for route, body, place in (
            (
                f"PUT {SERVER}/launch-config",
                {"launchTemplate": {}},
                {"serverId": running},
            ),
            (f"DELETE {SERVER}/launch-config", None, {"serverId": running}),
            (BULK, {"servers": [{"sourceServerId": running}]}, {}),
        )
    ),
)
