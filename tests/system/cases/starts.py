"""Rows of starts that are refused: of a plan, by either path, and of a retry.

A plan is a word of ``troubles``, which names what is wrong with it.
"""

from tests.system.cases.case import Case, row

EXECUTE = "POST /recovery-plans/{id}/execute"
RETRY = "POST /executions/{id}/retry-failed"
REFUSALS = (
    (400, "PLAN_HAS_NO_WAVES", "no_waves"),
    (400, "PLAN_TOO_LARGE", "too_many_waves"),
    (400, "CIRCULAR_DEPENDENCY", "circle"),
    (400, "INVALID_WAVE_DATA", "unknown_wave"),
    (400, "WAVE_SIZE_LIMIT_EXCEEDED", "huge_wave"),
    (400, "INVALID_TAGS", "blank_tags"),
    (400, "MULTI_ACCOUNT_PLAN", "two_accounts"),
    (400, "NO_SERVERS_RESOLVED", "nothing_matches"),
    (400, "UNHEALTHY_SERVER_REPLICATION", "unhealthy"),
    (400, "DRS_NOT_INITIALIZED", "not_initialized"),
    (400, "REGION_NOT_ENABLED", "not_enabled"),
    (404, "PROTECTION_GROUP_NOT_FOUND", "unknown_group"),
    (404, "TARGET_ACCOUNT_NOT_FOUND", "stranger"),
    (409, "SERVER_CONFLICT", "busy_servers"),
    (409, "PLAN_ALREADY_EXECUTING", "running_plan"),
    (429, "CONCURRENT_JOBS_LIMIT_EXCEEDED", "no_room_for_jobs"),
    (429, "SERVERS_IN_JOBS_LIMIT_EXCEEDED", "no_room_for_servers"),
    (503, "CHECK_UNAVAILABLE", "refused_jobs"),
    (503, "ACCOUNT_UNREACHABLE", "unreachable"),
)


def _refused(status: int, code: str, plan: str) -> tuple[Case, ...]:
    """Return the rows of a plan on each route that starts something."""
    drill = {"executionType": "DRILL"}
    body = {"planId": f"{{{plan}}}", **drill}
    return (
        row("POST /executions", status, code, body=body),
        row(EXECUTE, status, code, id=f"{{{plan}}}", body=drill),
        row(RETRY, status, code, id=f"{{failed_of_{plan}}}", body={}),
    )


def _badly_asked() -> tuple[Case, ...]:
    drill = {"executionType": "DRILL"}
    tokens = ((7, "INVALID_TYPE"), ("x" * 65, "INVALID_FORMAT"))
    return tuple(
        case
        for token, code in tokens
        for case in (
            row(
                "POST /executions",
                400,
                code,
                body={"planId": "{plan}", **drill, "clientToken": token},
            ),
            row(
                EXECUTE,
                400,
                code,
                id="{plan}",
                body={**drill, "clientToken": token},
            ),
            row(RETRY, 400, code, id="{failed}", body={"clientToken": token}),
        )
    )


STARTS = (
    row(
        *("POST /executions", 400, "MISSING_FIELD"),
        body={"executionType": "DRILL"},
    ),
    row(
        *(EXECUTE, 400, "INVALID_EXECUTION_TYPE"),
        id="{plan}",
        body={"executionType": "JOKE"},
    ),
    *_badly_asked(),
    *(case for refusal in REFUSALS for case in _refused(*refusal)),
)
