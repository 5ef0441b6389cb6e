"""Rows of what execution-handler answers."""

from tests.system.cases.case import A_PLAN_ID, row

EXECUTION = (
    row("GET /executions", 200),
    row("GET /executions", 200, query="limit=1&status=COMPLETED"),
    row("GET /executions", 400, "INVALID_FORMAT", query="nextToken=x"),
    row("GET /executions", 400, "INVALID_FORMAT", query="status=BUSY"),
    row(
        *("GET /executions", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=000000000000",
    ),
    row(
        *("POST /executions", 202),
        body={"planId": "{new_plan}", "executionType": "DRILL"},
    ),
    row(
        *("POST /executions", 400, "INVALID_EXECUTION_TYPE"),
        body={"planId": "{plan}", "executionType": "JOKE"},
    ),
    row(
        *("POST /executions", 400, "INVALID_TYPE"),
        body={"planId": 7, "executionType": "DRILL"},
    ),
    row(
        *("POST /executions", 404, "RECOVERY_PLAN_NOT_FOUND"),
        body={"planId": A_PLAN_ID, "executionType": "DRILL"},
    ),
    row(
        *("POST /executions", 409, "PLAN_ALREADY_EXECUTING"),
        body={"planId": "{running_plan}", "executionType": "DRILL"},
    ),
    row(
        *("POST /recovery-plans/{id}/execute", 202),
        id="{new_plan}",
        body={"isDrill": True},
    ),
    row(
        *("POST /recovery-plans/{id}/execute", 409, "PLAN_ALREADY_EXECUTING"),
        id="{running_plan}",
        body={"executionType": "DRILL"},
    ),
    row("GET /executions/{id}", 200, id="{execution}"),
    row("GET /executions/{id}/realtime", 200, id="{execution}"),
    row("GET /executions/{id}/recovery-instances", 200, id="{execution}"),
    row("GET /executions/{id}/job-logs", 200, id="{execution}"),
    row(
        *("GET /executions/{id}/job-logs", 404, "NOT_FOUND"),
        id="{execution}",
        query="jobId=drsjob-00000000000000000",
    ),
    row("POST /executions/{id}/cancel", 200, id="{new_paused}"),
    row(
        *("POST /executions/{id}/cancel", 400, "EXECUTION_NOT_CANCELLABLE"),
        id="{execution}",
    ),
    row("POST /executions/{id}/pause", 200, id="{running}"),
    row(
        *("POST /executions/{id}/pause", 400, "EXECUTION_NOT_PAUSABLE"),
        id="{execution}",
    ),
    row("POST /executions/{id}/resume", 200, id="{new_paused}"),
    row(
        *("POST /executions/{id}/resume", 400, "EXECUTION_NOT_PAUSED"),
        id="{execution}",
    ),
    row(
        *("POST /executions/{id}/retry-failed", 202),
        id="{failed}",
        body={"clientToken": "again"},
    ),
    row(
        *("POST /executions/{id}/retry-failed", 400),
        "EXECUTION_NOT_RETRYABLE",
        id="{execution}",
        body={},
    ),
    row(
        *("POST /executions/{id}/waves/{n}/skip", 200),
        id="{new_paused}",
        n="1",
        body={"reason": "not today"},
    ),
    row(
        *("POST /executions/{id}/waves/{n}/skip", 400, "WAVE_NOT_SKIPPABLE"),
        id="{execution}",
        n="1",
        body={"reason": "too late"},
    ),
    row(
        *("POST /executions/{id}/waves/{n}/skip", 404, "WAVE_NOT_FOUND"),
        id="{running}",
        n="9",
        body={"reason": "no such wave"},
    ),
    row(
        *("GET /executions/{id}/termination-status", 400),
        "MISSING_PARAMETERS",
        id="{execution}",
    ),
    row("POST /executions/{id}/terminate-instances", 200, id="{execution}"),
    row("GET /executions/{id}/termination-status", 200, id="{execution}"),
    row(
        *("POST /executions/{id}/terminate-instances", 400),
        "WAVES_NOT_COMPLETE",
        id="{running}",
    ),
    row("DELETE /executions", 200, query="ids=none"),
    row("DELETE /executions", 400, "MISSING_EXECUTION_IDS", query="ids="),
    row("POST /executions/delete", 200, body={"executionIds": ["none"]}),
    row(
        *("POST /executions/delete", 400, "MISSING_EXECUTION_IDS"),
        body={"executionIds": []},
    ),
    row("DELETE /executions/completed", 200, query="maxAgeDays=3650"),
    row(
        *("DELETE /executions/completed", 400, "INVALID_FORMAT"),
        query="maxAgeDays=soon",
    ),
)
REFUSED = (
    row(
        *("POST /executions/{id}/pause", 400, "INVALID_TYPE"),
        id="{running}",
        body={"reason": 7},
    ),
    row(
        *("POST /executions/{id}/pause", 400, "INVALID_FORMAT"),
        id="{running}",
        body={"reason": "x" * 501},
    ),
    row(
        *("POST /executions/{id}/pause", 400, "EXECUTION_NO_WAVES"),
        id="{without_waves}",
    ),
    row(
        *("POST /executions/{id}/pause", 400, "SINGLE_WAVE_NOT_PAUSABLE"),
        id="{one_wave}",
    ),
    row(
        *("POST /executions/{id}/pause", 400, "NO_PENDING_WAVES"),
        id="{last_wave}",
    ),
    row(
        *("POST /executions/{id}/resume", 400, "RESUME_TOKEN_MISSING"),
        id="{without_token}",
    ),
    row(
        *("POST /executions/{id}/resume", 400, "RESUME_TOKEN_EXPIRED"),
        id="{closed_token}",
    ),
    row(
        *("POST /executions/{id}/resume", 400, "RESUME_TOKEN_INVALID"),
        id="{foreign_token}",
    ),
    row(
        *("POST /executions/{id}/waves/{n}/skip", 400, "MISSING_FIELD"),
        id="{running}",
        n="1",
        body={},
    ),
    row(
        *("POST /executions/{id}/waves/{n}/skip", 400, "INVALID_TYPE"),
        id="{running}",
        n="1",
        body={"reason": 7},
    ),
    row(
        *("POST /executions/{id}/waves/{n}/skip", 400, "INVALID_FORMAT"),
        id="{running}",
        n="1",
        body={"reason": "x" * 501},
    ),
    row(
        *("GET /executions/{id}/job-logs", 400, "INVALID_FORMAT"),
        id="{execution}",
        query=f"jobId={'x' * 257}",
    ),
    row(
        *("POST /executions/{id}/terminate-instances", 400),
        "EXECUTION_NO_WAVES",
        id="{failed_of_plan}",
    ),
    row(
        *("GET /executions/{id}/termination-status", 400, "INVALID_FORMAT"),
        id="{execution}",
        query="jobIds=none&region=us-east-1",
    ),
    row(
        *("GET /executions/{id}/termination-status", 404, "NOT_FOUND"),
        id="{execution}",
        query="jobIds=drsjob-00000000000000000&region=us-east-1",
    ),
    row("DELETE /executions", 400, "INVALID_FORMAT", query="maxAgeDays=soon"),
    row("DELETE /executions", 500, "DELETE_FAILED", query="ids={undeletable}"),
    row(
        *("POST /executions/delete", 400, "INVALID_TYPE"),
        body={"executionIds": "all"},
    ),
    row(
        *("POST /executions/delete", 400, "INVALID_FORMAT"),
        body={"executionIds": ["none", " "]},
    ),
    row(
        *("POST /executions/delete", 500, "DELETE_FAILED"),
        body={"executionIds": ["{undeletable}"]},
    ),
    # Nothing else ended as long ago as that one.
    row(
        *("DELETE /executions/completed", 500, "DELETE_FAILED"),
        query="maxAgeDays=20000",
    ),
)
