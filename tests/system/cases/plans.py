"""Rows of recovery plans, which data-management-handler answers."""

from tests.system.cases.case import LONG, WAVE, row

CREATE = "POST /recovery-plans"
UPDATE = "PUT /recovery-plans/{id}"
ABROAD = {"protectionGroupId": "{guest_group}"}
CROWD = {"protectionGroupIds": ["{crowd}", "{second_crowd}"]}
PLANS = (
    row("GET /recovery-plans", 200),
    row("GET /recovery-plans", 400, "INVALID_FORMAT", query=f"name={LONG}"),
    row("GET /recovery-plans", 400, "INVALID_TYPE", query="hasConflict=so"),
    row(
        *("GET /recovery-plans", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=000000000000",
    ),
    row(
        *("POST /recovery-plans", 201),
        body={"name": "{new_name}", "waves": [WAVE]},
    ),
    row(
        *("POST /recovery-plans", 409, "RP_NAME_EXISTS"),
        body={"name": "{plan_name}", "waves": [WAVE]},
    ),
    row(
        *("POST /recovery-plans", 400, "INVALID_WAVE_DATA"),
        body={"name": "{new_name}", "waves": [{}]},
    ),
    row(
        *("POST /recovery-plans", 400, "CIRCULAR_DEPENDENCY"),
        body={
            "name": "{new_name}",
            "waves": [
                {**WAVE, "dependsOnWaves": [1]},
                {**WAVE, "dependsOnWaves": [0]},
            ],
        },
    ),
    row(
        *("POST /recovery-plans", 400, "INVALID_NAME"),
        body={"name": LONG, "waves": [WAVE]},
    ),
    row("GET /recovery-plans/{id}", 200, id="{plan}"),
    row(
        *("GET /recovery-plans/{id}/check-existing-instances", 200),
        id="{plan}",
    ),
    row(
        *("PUT /recovery-plans/{id}", 200),
        id="{plan}",
        body={"description": "seen"},
    ),
    row(
        *("PUT /recovery-plans/{id}", 409, "VERSION_CONFLICT"),
        id="{plan}",
        body={"description": "stale", "version": 99},
    ),
    row(
        *("PUT /recovery-plans/{id}", 409, "PLAN_HAS_ACTIVE_EXECUTION"),
        id="{running_plan}",
        body={"description": "now"},
    ),
    row("DELETE /recovery-plans/{id}", 200, id="{new_plan}"),
    row(
        *("DELETE /recovery-plans/{id}", 409, "PLAN_HAS_ACTIVE_EXECUTION"),
        id="{running_plan}",
    ),
    *(
        row(route, status, code, body={"name": "{new_name}", **body}, **place)
        for route, place in ((CREATE, {}), (UPDATE, {"id": "{plan}"}))
        for status, code, body in (
            (400, "INVALID_FORMAT", {"waves": [WAVE], "description": LONG}),
            (400, "INVALID_TYPE", {"waves": "all"}),
            (400, "INVALID_NAME", {"waves": [WAVE], "name": LONG}),
            (400, "INVALID_WAVE_DATA", {"waves": []}),
            (
                400,
                "CIRCULAR_DEPENDENCY",
                {"waves": [{**WAVE, "dependsOnWaves": [0]}]},
            ),
            (400, "PLAN_TOO_LARGE", {"waves": [WAVE] * 201}),
            (400, "QUOTA_EXCEEDED", {"waves": [CROWD]}),
            (400, "MULTI_ACCOUNT_PLAN", {"waves": [WAVE, ABROAD]}),
            (
                409,
                "RP_NAME_EXISTS",
                {"waves": [WAVE], "name": "{other_plan_name}"},
            ),
        )
    ),
    row(CREATE, 400, "MISSING_FIELD", body={"name": "{new_name}"}),
    row(
        *("DELETE /recovery-plans/{id}", 409, "VERSION_CONFLICT"),
        id="{new_plan}",
        during="plans change",
    ),
    row(
        *("DELETE /recovery-plans/{id}", 500, "DELETE_FAILED"),
        id="{new_plan}",
        during="plans stay",
    ),
    row(
        "GET /recovery-plans/{id}/check-existing-instances",
        500,
        "CHECK_FAILED",
        id="{plan_of_lost_group}",
    ),
    # No other test is to meet it.
    row("DELETE /recovery-plans/{id}", 200, id="{plan_of_lost_group}"),
)
