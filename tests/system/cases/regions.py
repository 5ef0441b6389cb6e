"""Rows of Regions and accounts that do not let us in any more.

Each of these ends every request that looks there, whatever the request is.
And one Region has more than an answer can carry.
"""

from typing import Any

from tests.system.cases.case import GROUP, SERVER, Case, row
from tests.system.moments import FAR

NOBODY = "s-00000000000000000"
BULK = "POST /protection-groups/{id}/servers/bulk-launch-config"
EXISTING = "GET /recovery-plans/{id}/check-existing-instances"
THERE = {"tags": {"kind": "far"}, "region": FAR}
# Status and code of a group in such a place, and when the place is one.
SHUT = (
    (400, "DRS_NOT_INITIALIZED", "far_group", "DRS is not set up"),
    (400, "REGION_NOT_ENABLED", "far_group", "the Region is shut"),
    (
        *(404, "TARGET_ACCOUNT_NOT_FOUND", "guest_group"),
        "the account is inactive",
    ),
)


def _of_group(status: int, code: str, group: str, during: str) -> list[Case]:
    """Return what is asked of a group and of plans that use it."""
    wave = {"protectionGroupId": f"{{{group}}}"}
    bulk: Any = {"servers": [{"sourceServerId": NOBODY}]}
    address = {"staticPrivateIp": "10.0.0.9", "subnetId": "subnet-0"}
    server = {"serverId": NOBODY}
    asked: tuple[tuple[str, dict[str, str], Any], ...] = (
        ("PUT /protection-groups/{id}", {}, {"launchConfig": {}}),
        (BULK, {}, bulk),
        (f"GET {SERVER}/launch-config", server, None),
        (f"PUT {SERVER}/launch-config", server, {"launchTemplate": {}}),
        (f"DELETE {SERVER}/launch-config", server, None),
        (f"POST {SERVER}/validate-ip", server, address),
        (f"GET {SERVER}/audit-log", server, None),
    )
    plan = {"name": "{new_name}", "waves": [wave]}
    return [
        *(
            row(
                route,
                status,
                code,
                id=f"{{{group}}}",
                body=body,
                during=during,
                **places,
            )
            for route, places, body in asked
        ),
        row(*("POST /recovery-plans", status, code), body=plan, during=during),
        row(
            *("PUT /recovery-plans/{id}", status, code),
            id="{plan}",
            body=plan,
            during=during,
        ),
    ]


REGIONS = (
    *(asked for place in SHUT for asked in _of_group(*place)),
    row(
        *(EXISTING, 404, "TARGET_ACCOUNT_NOT_FOUND"),
        id="{plan_of_guest_group}",
        during="the account is inactive",
    ),
    *(
        row(route, 400, code, body=body, during=during)
        for _, code, _, during in SHUT[:2]
        for route, body in (
            (
                "POST /protection-groups",
                {**GROUP, "serverSelectionTags": {"kind": "far"}, **THERE},
            ),
            ("POST /protection-groups/resolve", THERE),
            ("POST /drs/tag-sync", {"region": FAR}),
        )
    ),
    row(
        *("POST /protection-groups/resolve", 400, "MISSING_PARAMETERS"),
        body={"region": "{crowded_region}", "tags": {"kind": "crowd"}},
    ),
)
