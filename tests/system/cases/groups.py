"""Rows of protection groups, which data-management-handler answers."""

from tests.system.cases.case import GROUP, LONG, TAGS, row

UPDATE = "PUT /protection-groups/{id}"
TOO_MANY = [f"s-{n:017x}" for n in range(4_001)]
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
    row(
        *("GET /protection-groups", 400, "INVALID_FORMAT"),
        query="accountId=" + "9" * 5_000,
    ),
    row(
        *("POST /protection-groups", 400, "INVALID_TYPE"),
        body={**GROUP, "sourceServerIds": "all"},
    ),
    row(
        *("POST /protection-groups", 400, "INVALID_FORMAT"),
        body={**GROUP, **TAGS, "region": "moon"},
    ),
    row(
        *("POST /protection-groups", 400, "QUOTA_EXCEEDED"),
        body={**GROUP, "sourceServerIds": TOO_MANY},
    ),
    row(
        *("POST /protection-groups/resolve", 400, "MISSING_FIELD"),
        body={"tags": {"kind": "quick"}},
    ),
    row(
        *("POST /protection-groups/resolve", 400, "INVALID_TYPE"),
        body={**GROUP, "tags": "all"},
    ),
    row(
        *("POST /protection-groups/resolve", 400, "INVALID_FORMAT"),
        body={"region": "moon", "tags": {"kind": "quick"}},
    ),
    row(
        *("POST /protection-groups/resolve", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        body={**GROUP, **TAGS, "accountId": "000000000000"},
    ),
    *(
        row(UPDATE, 400, code, id="{group}", body=body)
        for code, body in {
            "MISSING_FIELD": {"servers": [{}]},
            "INVALID_TYPE": {"version": "last"},
            "INVALID_FORMAT": {"description": LONG},
            "INVALID_NAME": {"groupName": LONG},
            "INVALID_TAGS": {"serverSelectionTags": {"kind": ""}},
            "INVALID_SERVERS": {"sourceServerIds": ["s-00000000000000000"]},
            "QUOTA_EXCEEDED": {"sourceServerIds": TOO_MANY},
            "VALIDATION_ERROR": {"region": "eu-west-3"},
        }.items()
    ),
    *(
        row(UPDATE, 409, code, id="{second_group}", body=body)
        for code, body in {
            "PG_NAME_EXISTS": {"groupName": "{group_name}"},
            "TAG_CONFLICT": {"serverSelectionTags": {"kind": "tagged"}},
            "SERVER_CONFLICT": {"sourceServerIds": ["{group_server}"]},
        }.items()
    ),
    row(
        *("DELETE /protection-groups/{id}", 409, "PG_IN_ACTIVE_EXECUTION"),
        id="{group_of_retry}",
    ),
    row(
        *("DELETE /protection-groups/{id}", 409, "VERSION_CONFLICT"),
        id="{new_group}",
        during="groups change",
    ),
)
