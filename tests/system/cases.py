"""The table of routes: what is asked, and what must come back.

A row is a route, what stands in its path's places, the query, the body and
the answer. A word in braces stands for something of ``ground``. Every route
of the document needs a row that succeeds; whoever adds a route adds its rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

A_PLAN_ID = "5e1ec7ed-0000-4000-8000-000000000000"
LONG = "x" * 10_000
GROUP = {"groupName": "{new_name}", "region": "us-east-1"}
TAGS = {"serverSelectionTags": {"kind": "quick"}}
WAVE = {"protectionGroupId": "{group}"}
A_ROLE = "arn:aws:iam::123456789012:role/x"
STAGING = "/accounts/targets/{id}/staging-accounts"
SERVER = "/protection-groups/{id}/servers/{serverId}"
STAGED = {"accountId": "666600000000", "externalId": "shop-8"}
MANIFEST = {
    "metadata": {"schemaVersion": "1.1"},
    "protectionGroups": [],
    "recoveryPlans": [],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request and its answer; no code where it succeeds."""

    route: str
    places: Mapping[str, str]
    query: str
    body: Any
    status: int
    code: str


def _row(
    route: str,
    status: int,
    code: str = "",
    *,
    query: str = "",
    body: Any = None,
    **places: str,
) -> Case:
    return Case(
        route=route,
        places=places,
        query=query,
        body=body,
        status=status,
        code=code,
    )


EXECUTIONS = (
    _row("GET /executions", 200),
    _row("GET /executions", 200, query="limit=1&status=COMPLETED"),
    _row("GET /executions", 400, "INVALID_FORMAT", query="nextToken=x"),
    _row("GET /executions", 400, "INVALID_FORMAT", query="status=BUSY"),
    _row(
        *("GET /executions", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=000000000000",
    ),
    _row(
        *("POST /executions", 202),
        body={"planId": "{new_plan}", "executionType": "DRILL"},
    ),
    _row(
        *("POST /executions", 400, "INVALID_EXECUTION_TYPE"),
        body={"planId": "{plan}", "executionType": "JOKE"},
    ),
    _row(
        *("POST /executions", 400, "INVALID_TYPE"),
        body={"planId": 7, "executionType": "DRILL"},
    ),
    _row(
        *("POST /executions", 404, "RECOVERY_PLAN_NOT_FOUND"),
        body={"planId": A_PLAN_ID, "executionType": "DRILL"},
    ),
    _row(
        *("POST /executions", 409, "PLAN_ALREADY_EXECUTING"),
        body={"planId": "{running_plan}", "executionType": "DRILL"},
    ),
    _row(
        *("POST /recovery-plans/{id}/execute", 202),
        id="{new_plan}",
        body={"isDrill": True},
    ),
    _row(
        *("POST /recovery-plans/{id}/execute", 409, "PLAN_ALREADY_EXECUTING"),
        id="{running_plan}",
        body={"executionType": "DRILL"},
    ),
    _row("GET /executions/{id}", 200, id="{execution}"),
    _row("GET /executions/{id}/realtime", 200, id="{execution}"),
    _row("GET /executions/{id}/recovery-instances", 200, id="{execution}"),
    _row("GET /executions/{id}/job-logs", 200, id="{execution}"),
    _row(
        *("GET /executions/{id}/job-logs", 404, "NOT_FOUND"),
        id="{execution}",
        query="jobId=drsjob-00000000000000000",
    ),
    _row("POST /executions/{id}/cancel", 200, id="{new_paused}"),
    _row(
        *("POST /executions/{id}/cancel", 400, "EXECUTION_NOT_CANCELLABLE"),
        id="{execution}",
    ),
    _row("POST /executions/{id}/pause", 200, id="{running}"),
    _row(
        *("POST /executions/{id}/pause", 400, "EXECUTION_NOT_PAUSABLE"),
        id="{execution}",
    ),
    _row("POST /executions/{id}/resume", 200, id="{new_paused}"),
    _row(
        *("POST /executions/{id}/resume", 400, "EXECUTION_NOT_PAUSED"),
        id="{execution}",
    ),
    _row(
        *("POST /executions/{id}/retry-failed", 202),
        id="{failed}",
        body={"clientToken": "again"},
    ),
    _row(
        *("POST /executions/{id}/retry-failed", 400),
        "EXECUTION_NOT_RETRYABLE",
        id="{execution}",
        body={},
    ),
    _row(
        *("POST /executions/{id}/waves/{n}/skip", 200),
        id="{new_paused}",
        n="1",
        body={"reason": "not today"},
    ),
    _row(
        *("POST /executions/{id}/waves/{n}/skip", 400, "WAVE_NOT_SKIPPABLE"),
        id="{execution}",
        n="1",
        body={"reason": "too late"},
    ),
    _row(
        *("POST /executions/{id}/waves/{n}/skip", 404, "WAVE_NOT_FOUND"),
        id="{running}",
        n="9",
        body={"reason": "no such wave"},
    ),
    _row(
        *("GET /executions/{id}/termination-status", 400),
        "MISSING_PARAMETERS",
        id="{execution}",
    ),
    _row("POST /executions/{id}/terminate-instances", 200, id="{execution}"),
    _row("GET /executions/{id}/termination-status", 200, id="{execution}"),
    _row(
        *("POST /executions/{id}/terminate-instances", 400),
        "WAVES_NOT_COMPLETE",
        id="{running}",
    ),
    _row("DELETE /executions", 200, query="ids=none"),
    _row("DELETE /executions", 400, "MISSING_EXECUTION_IDS", query="ids="),
    _row("POST /executions/delete", 200, body={"executionIds": ["none"]}),
    _row(
        *("POST /executions/delete", 400, "MISSING_EXECUTION_IDS"),
        body={"executionIds": []},
    ),
    _row("DELETE /executions/completed", 200, query="maxAgeDays=3650"),
    _row(
        *("DELETE /executions/completed", 400, "INVALID_FORMAT"),
        query="maxAgeDays=soon",
    ),
)
GROUPS = (
    _row("GET /protection-groups", 200),
    _row(
        *("GET /protection-groups", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=" + "9" * 3_000,
    ),
    _row(
        *("POST /protection-groups", 201),
        body={**GROUP, "sourceServerIds": ["{new_server}"]},
    ),
    _row(
        *("POST /protection-groups", 201),
        body={**GROUP, "serverSelectionTags": {"kind": "tagged"}},
    ),
    _row(
        *("POST /protection-groups", 400, "INVALID_NAME"),
        body={**GROUP, **TAGS, "groupName": LONG},
    ),
    _row(
        *("POST /protection-groups", 400, "MISSING_FIELD"),
        body={"groupName": "{new_name}", **TAGS},
    ),
    _row(
        *("POST /protection-groups", 409, "PG_NAME_EXISTS"),
        body={
            **GROUP,
            "groupName": "{group_name}",
            "sourceServerIds": ["{new_server}"],
        },
    ),
    _row(
        *("POST /protection-groups", 409, "SERVER_CONFLICT"),
        body={**GROUP, "sourceServerIds": ["{group_server}"]},
    ),
    _row(
        *("POST /protection-groups", 409, "TAG_CONFLICT"),
        body={**GROUP, "serverSelectionTags": {"kind": "tagged"}},
    ),
    _row(
        *("POST /protection-groups", 400, "INVALID_TAGS"),
        body={**GROUP, "serverSelectionTags": {"kind": ""}},
    ),
    _row(
        *("POST /protection-groups", 400, "INVALID_SERVERS"),
        body={**GROUP, "sourceServerIds": ["s-00000000000000000"]},
    ),
    _row(
        *("POST /protection-groups", 400, "DRS_NOT_INITIALIZED"),
        body={**GROUP, **TAGS, "region": "eu-west-3"},
    ),
    _row(
        *("POST /protection-groups", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        body={**GROUP, **TAGS, "accountId": "000000000000"},
    ),
    _row("POST /protection-groups/resolve", 200, body={**GROUP, **TAGS}),
    _row(
        *("POST /protection-groups/resolve", 400, "INVALID_TAGS"),
        body={**GROUP, "tags": {}},
    ),
    _row("GET /protection-groups/{id}", 200, id="{group}"),
    _row("POST /protection-groups/{id}/resolve", 200, id="{group}"),
    _row(
        *("PUT /protection-groups/{id}", 200),
        id="{group}",
        body={"description": "seen"},
    ),
    _row(
        *("PUT /protection-groups/{id}", 409, "VERSION_CONFLICT"),
        id="{group}",
        body={"description": "stale", "version": 99},
    ),
    _row("DELETE /protection-groups/{id}", 200, id="{new_group}"),
    _row(
        *("PUT /protection-groups/{id}", 409, "PG_IN_ACTIVE_EXECUTION"),
        id="{running_group}",
        body={"description": "now"},
    ),
    _row(
        *("DELETE /protection-groups/{id}", 409, "PG_IN_USE"),
        id="{group_in_use}",
    ),
)
SERVERS = (
    _row(
        f"GET {SERVER}/launch-config",
        200,
        id="{group}",
        serverId="{group_server}",
    ),
    _row(
        *(f"GET {SERVER}/launch-config", 404, "NOT_FOUND"),
        id="{group}",
        serverId="s-00000000000000000",
    ),
    _row(
        *(f"PUT {SERVER}/launch-config", 200),
        body={"useGroupDefaults": True},
        id="{group}",
        serverId="{group_server}",
    ),
    _row(
        *(f"PUT {SERVER}/launch-config", 409, "VERSION_CONFLICT"),
        body={"launchTemplate": {}, "version": 99},
        id="{group}",
        serverId="{group_server}",
    ),
    _row(
        *(f"PUT {SERVER}/launch-config", 400, "BLOCKED_FIELDS_PRESENT"),
        body={"launchTemplate": {"imageId": "ami-1"}},
        id="{group}",
        serverId="{group_server}",
    ),
    _row(
        *(f"POST {SERVER}/validate-ip", 200),
        body={"staticPrivateIp": "10.0.0.9", "subnetId": "subnet-0"},
        id="{group}",
        serverId="{group_server}",
    ),
    _row(
        *(f"POST {SERVER}/validate-ip", 400, "MISSING_FIELD"),
        body={"subnetId": "subnet-0"},
        id="{group}",
        serverId="{group_server}",
    ),
    _row(
        *("POST /protection-groups/{id}/servers/bulk-launch-config", 200),
        id="{group}",
        body={
            "servers": [
                {"sourceServerId": "{group_server}", "useGroupDefaults": True}
            ]
        },
    ),
    _row(
        *("POST /protection-groups/{id}/servers/bulk-launch-config", 400),
        "INVALID_TYPE",
        id="{group}",
        body={"servers": "all"},
    ),
    _row(
        f"GET {SERVER}/audit-log", 200, id="{group}", serverId="{group_server}"
    ),
    _row(
        *(f"GET {SERVER}/audit-log", 400, "INVALID_FORMAT"),
        query="limit=none",
        id="{group}",
        serverId="{group_server}",
    ),
    _row(
        f"DELETE {SERVER}/launch-config",
        200,
        id="{group}",
        serverId="{group_server}",
    ),
)
PLANS = (
    _row("GET /recovery-plans", 200),
    _row("GET /recovery-plans", 400, "INVALID_FORMAT", query=f"name={LONG}"),
    _row("GET /recovery-plans", 400, "INVALID_TYPE", query="hasConflict=so"),
    _row(
        *("GET /recovery-plans", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=000000000000",
    ),
    _row(
        *("POST /recovery-plans", 201),
        body={"name": "{new_name}", "waves": [WAVE]},
    ),
    _row(
        *("POST /recovery-plans", 409, "RP_NAME_EXISTS"),
        body={"name": "{plan_name}", "waves": [WAVE]},
    ),
    _row(
        *("POST /recovery-plans", 400, "INVALID_WAVE_DATA"),
        body={"name": "{new_name}", "waves": [{}]},
    ),
    _row(
        *("POST /recovery-plans", 400, "CIRCULAR_DEPENDENCY"),
        body={
            "name": "{new_name}",
            "waves": [
                {**WAVE, "dependsOnWaves": [1]},
                {**WAVE, "dependsOnWaves": [0]},
            ],
        },
    ),
    _row(
        *("POST /recovery-plans", 400, "INVALID_NAME"),
        body={"name": LONG, "waves": [WAVE]},
    ),
    _row("GET /recovery-plans/{id}", 200, id="{plan}"),
    _row(
        *("GET /recovery-plans/{id}/check-existing-instances", 200),
        id="{plan}",
    ),
    _row(
        *("PUT /recovery-plans/{id}", 200),
        id="{plan}",
        body={"description": "seen"},
    ),
    _row(
        *("PUT /recovery-plans/{id}", 409, "VERSION_CONFLICT"),
        id="{plan}",
        body={"description": "stale", "version": 99},
    ),
    _row(
        *("PUT /recovery-plans/{id}", 409, "PLAN_HAS_ACTIVE_EXECUTION"),
        id="{running_plan}",
        body={"description": "now"},
    ),
    _row("DELETE /recovery-plans/{id}", 200, id="{new_plan}"),
    _row(
        *("DELETE /recovery-plans/{id}", 409, "PLAN_HAS_ACTIVE_EXECUTION"),
        id="{running_plan}",
    ),
)
ACCOUNTS = (
    _row("GET /accounts/targets", 200),
    _row("GET /drs/accounts", 200),
    _row("GET /accounts/current", 200),
    _row(
        *("POST /accounts/targets", 201),
        body={"accountId": "{new_account_id}"},
    ),
    _row(
        *("POST /accounts/targets", 409, "ACCOUNT_EXISTS"),
        body={"accountId": "{account}"},
    ),
    _row(
        *("POST /accounts/targets", 400, "INVALID_FORMAT"),
        body={"accountId": "1"},
    ),
    _row(
        *("POST /accounts/targets", 400, "INVALID_ROLE_ARN"),
        body={"accountId": "{new_account_id}", "roleArn": "x"},
    ),
    _row("GET /accounts/targets/{id}", 200, id="{account}"),
    _row(
        *("PUT /accounts/targets/{id}", 200),
        id="{account}",
        body={"accountName": "seen"},
    ),
    _row(
        *("PUT /accounts/targets/{id}", 400, "INVALID_ROLE_ARN"),
        id="{account}",
        body={"roleArn": "x"},
    ),
    _row("POST /accounts/targets/{id}/validate", 200, id="{account}"),
    _row("DELETE /accounts/targets/{id}", 200, id="{new_account}"),
    _row(
        *("POST /accounts/targets", 400, "SAME_ACCOUNT_NO_ROLE_NEEDED"),
        body={"accountId": "{hub}", "roleArn": A_ROLE},
    ),
    _row("GET /drs/quotas", 200, query="region=us-east-1"),
    _row(
        *("GET /drs/quotas", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=000000000000",
    ),
    _row("GET /accounts/capacity/all", 200),
    _row("GET /accounts/targets/{id}/capacity", 200, id="{reachable}"),
    _row(f"GET {STAGING}/discover", 200, id="{reachable}"),
    _row(
        *("POST /staging-accounts/validate", 200),
        body={**STAGED, "region": "us-east-1"},
    ),
    _row(
        "POST /staging-accounts/validate", 400, "MISSING_REGION", body=STAGED
    ),
    _row(
        *(f"POST {STAGING}", 201),
        id="{reachable}",
        body={"stagingAccount": STAGED},
    ),
    _row(
        *(f"POST {STAGING}", 409, "STAGING_ACCOUNT_EXISTS"),
        id="{reachable}",
        body={"stagingAccount": STAGED},
    ),
    _row(
        *(f"POST {STAGING}", 400, "VALIDATION_ERROR"),
        id="{reachable}",
        body={"stagingAccount": {**STAGED, "accountId": "1"}},
    ),
    _row(f"POST {STAGING}/sync", 200, id="{reachable}"),
    _row(
        *(f"DELETE {STAGING}/{{stagingAccountId}}", 200),
        id="{reachable}",
        stagingAccountId=STAGED["accountId"],
    ),
    _row(
        *(f"DELETE {STAGING}/{{stagingAccountId}}", 404, "NOT_FOUND"),
        id="{reachable}",
        stagingAccountId=STAGED["accountId"],
    ),
)
CONFIGURATION = (
    _row("GET /config/export", 200),
    _row(
        *("POST /config/import", 200),
        body={"dryRun": True, "config": MANIFEST},
    ),
    _row(
        *("POST /config/import", 400, "MISSING_SCHEMA_VERSION"),
        body={"config": {}},
    ),
    _row(
        *("POST /config/import", 400, "UNSUPPORTED_SCHEMA_VERSION"),
        body={"metadata": {"schemaVersion": "99"}},
    ),
    _row("POST /config/validate-manifest", 200, body=MANIFEST),
    _row("GET /config/tag-sync", 200),
    _row("PUT /config/tag-sync", 200, body={"enabled": False}),
    _row(
        *("PUT /config/tag-sync", 400, "INVALID_TYPE"),
        body={"enabled": "yes"},
    ),
    _row(
        *("POST /drs/tag-sync", 200),
        body={"region": "us-east-1"},
    ),
    _row(
        *("POST /drs/tag-sync", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        body={"accountId": "000000000000"},
    ),
)
LOOKS = (
    _row("GET /drs/source-servers", 200, query="region=us-east-1"),
    _row("GET /drs/source-servers", 400, "MISSING_REGION"),
    _row(
        *("GET /drs/source-servers", 400, "DRS_NOT_INITIALIZED"),
        query="region=eu-west-3",
    ),
    *(
        row
        for kind in (
            "subnets",
            "security-groups",
            "instance-profiles",
            "instance-types",
        )
        for row in (
            _row(f"GET /ec2/{kind}", 200, query="region=us-east-1"),
            _row(f"GET /ec2/{kind}", 400, "MISSING_REGION"),
            _row(
                *(f"GET /ec2/{kind}", 404, "TARGET_ACCOUNT_NOT_FOUND"),
                query="region=us-east-1&accountId=000000000000",
            ),
        )
    ),
    _row("GET /user/permissions", 200),
    _row("GET /user/profile", 200),
    _row("GET /user/roles", 200),
)
CASES = (
    *EXECUTIONS,
    *GROUPS,
    *SERVERS,
    *PLANS,
    *ACCOUNTS,
    *CONFIGURATION,
    *LOOKS,
)
