"""Rows of accounts, which data-management-handler answers."""

from tests.system.cases.case import A_ROLE, LONG, STAGED, STAGING, row

ACCOUNTS = (
    row("GET /accounts/targets", 200),
    row(
        *("POST /accounts/targets", 201),
        body={"accountId": "{new_account_id}"},
    ),
    row(
        *("POST /accounts/targets", 409, "ACCOUNT_EXISTS"),
        body={"accountId": "{account}"},
    ),
    row(
        *("POST /accounts/targets", 400, "INVALID_FORMAT"),
        body={"accountId": "1"},
    ),
    row(
        *("POST /accounts/targets", 400, "INVALID_ROLE_ARN"),
        body={"accountId": "{new_account_id}", "roleArn": "x"},
    ),
    row("GET /accounts/targets/{id}", 200, id="{account}"),
    row(
        *("PUT /accounts/targets/{id}", 200),
        id="{account}",
        body={"accountName": "seen"},
    ),
    row(
        *("PUT /accounts/targets/{id}", 400, "INVALID_ROLE_ARN"),
        id="{account}",
        body={"roleArn": "x"},
    ),
    row("POST /accounts/targets/{id}/validate", 200, id="{account}"),
    row("DELETE /accounts/targets/{id}", 200, id="{new_account}"),
    row(
        *("POST /accounts/targets", 400, "SAME_ACCOUNT_NO_ROLE_NEEDED"),
        body={"accountId": "{hub}", "roleArn": A_ROLE},
    ),
    row(
        *(f"POST {STAGING}", 201),
        id="{reachable}",
        body={"stagingAccount": STAGED},
    ),
    row(
        *(f"POST {STAGING}", 409, "STAGING_ACCOUNT_EXISTS"),
        id="{reachable}",
        body={"stagingAccount": STAGED},
    ),
    row(
        *(f"POST {STAGING}", 400, "VALIDATION_ERROR"),
        id="{reachable}",
        body={"stagingAccount": {**STAGED, "accountId": "1"}},
    ),
    row(f"POST {STAGING}/sync", 200, id="{reachable}"),
    row(
        *(f"DELETE {STAGING}/{{stagingAccountId}}", 200),
        id="{reachable}",
        stagingAccountId=STAGED["accountId"],
    ),
    row(
        *(f"DELETE {STAGING}/{{stagingAccountId}}", 404, "NOT_FOUND"),
        id="{reachable}",
        stagingAccountId=STAGED["accountId"],
    ),
    row(
        *("POST /accounts/targets", 400, "INVALID_TYPE"),
        body={"accountId": 7},
    ),
    row(
        *("POST /accounts/targets", 400, "MISSING_FIELD"),
        body={"accountName": "nameless"},
    ),
    row(
        *("PUT /accounts/targets/{id}", 400, "INVALID_TYPE"),
        id="{account}",
        body={"accountName": 7},
    ),
    row(
        *("PUT /accounts/targets/{id}", 400, "INVALID_FORMAT"),
        id="{account}",
        body={"status": "asleep"},
    ),
    row(
        *("DELETE /accounts/targets/{id}", 409, "ACCOUNT_IN_USE"),
        id="{account_of_guest_group}",
    ),
    *(
        row(f"POST {STAGING}", 400, code, id="{reachable}", body=body)
        for code, body in {
            "MISSING_FIELD": {"accountId": "666600000000"},
            "INVALID_TYPE": {"stagingAccount": "all"},
            "INVALID_FORMAT": {
                "stagingAccount": {**STAGED, "externalId": LONG}
            },
        }.items()
    ),
    *(
        row(
            route,
            409,
            "VERSION_CONFLICT",
            id="{new_staged_account}",
            body=body,
            during="accounts change",
            **place,
        )
        for route, body, place in (
            ("PUT /accounts/targets/{id}", {"accountName": "late"}, {}),
            ("DELETE /accounts/targets/{id}", None, {}),
            ("POST /accounts/targets/{id}/validate", None, {}),
            (
                f"POST {STAGING}",
                {"stagingAccount": {**STAGED, "accountId": "666600000001"}},
                {},
            ),
            (
                f"DELETE {STAGING}/{{stagingAccountId}}",
                None,
                {"stagingAccountId": STAGED["accountId"]},
            ),
        )
    ),
)
