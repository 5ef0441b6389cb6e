"""Rows of protection groups, which data-management-handler answers."""

from tests.system.cases.case import GROUP, LONG, TAGS, row

GROUPS = (
    row("GET /protection-groups", 200),
    row(
        *("GET /protection-groups", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=" + "9" * 3_000,
    ),
    row(
        *("POST /protection-groups", 201),
        body={**GROUP, "sourceServerIds": ["{new_server}"]},
    ),
    row(
        *("POST /protection-groups", 201),
        body={**GROUP, "serverSelectionTags": {"kind": "tagged"}},
    ),
    row(
        *("POST /protection-groups", 400, "INVALID_NAME"),
        body={**GROUP, **TAGS, "groupName": LONG},
    ),
    row(
        *("POST /protection-groups", 400, "MISSING_FIELD"),
        body={"groupName": "{new_name}", **TAGS},
    ),
    row(
        *("POST /protection-groups", 409, "PG_NAME_EXISTS"),
        body={
            **GROUP,
            "groupName": "{group_name}",
            "sourceServerIds": ["{new_server}"],
        },
    ),
    row(
        *("POST /protection-groups", 409, "SERVER_CONFLICT"),
        body={**GROUP, "sourceServerIds": ["{group_server}"]},
    ),
    row(
        *("POST /protection-groups", 409, "TAG_CONFLICT"),
        body={**GROUP, "serverSelectionTags": {"kind": "tagged"}},
    ),
    row(
        *("POST /protection-groups", 400, "INVALID_TAGS"),
        body={**GROUP, "serverSelectionTags": {"kind": ""}},
    ),
    row(
        *("POST /protection-groups", 400, "INVALID_SERVERS"),
        body={**GROUP, "sourceServerIds": ["s-00000000000000000"]},
    ),
    row(
        *("POST /protection-groups", 400, "DRS_NOT_INITIALIZED"),
        body={**GROUP, **TAGS, "region": "eu-west-3"},
    ),
    row(
        *("POST /protection-groups", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        body={**GROUP, **TAGS, "accountId": "000000000000"},
    ),
    row("POST /protection-groups/resolve", 200, body={**GROUP, **TAGS}),
    row(
        *("POST /protection-groups/resolve", 400, "INVALID_TAGS"),
        body={**GROUP, "tags": {}},
    ),
    row("GET /protection-groups/{id}", 200, id="{group}"),
    row(
        *("PUT /protection-groups/{id}", 200),
        id="{group}",
        body={"description": "seen"},
    ),
    row(
        *("PUT /protection-groups/{id}", 409, "VERSION_CONFLICT"),
        id="{group}",
        body={"description": "stale", "version": 99},
    ),
    row("DELETE /protection-groups/{id}", 200, id="{new_group}"),
    row(
        *("PUT /protection-groups/{id}", 409, "PG_IN_ACTIVE_EXECUTION"),
        id="{running_group}",
        body={"description": "now"},
    ),
    row(
        *("DELETE /protection-groups/{id}", 409, "PG_IN_USE"),
        id="{group_in_use}",
    ),
)
