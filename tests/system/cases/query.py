"""Rows of what query-handler answers."""

from tests.system.cases.case import STAGED, STAGING, row

CHOICES = (
    "subnets",
    "security-groups",
    "instance-profiles",
    "instance-types",
)
QUERY = (
    row("POST /protection-groups/{id}/resolve", 200, id="{group}"),
    row("GET /drs/accounts", 200),
    row("GET /accounts/current", 200),
    row("GET /drs/quotas", 200, query="region=us-east-1"),
    row(
        *("GET /drs/quotas", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="accountId=000000000000",
    ),
    row("GET /accounts/capacity/all", 200),
    row("GET /accounts/targets/{id}/capacity", 200, id="{reachable}"),
    row(f"GET {STAGING}/discover", 200, id="{reachable}"),
    row(
        *("POST /staging-accounts/validate", 200),
        body={**STAGED, "region": "us-east-1"},
    ),
    row("POST /staging-accounts/validate", 400, "MISSING_REGION", body=STAGED),
    row("GET /config/export", 200),
    row("GET /drs/source-servers", 200, query="region=us-east-1"),
    row("GET /drs/source-servers", 400, "MISSING_REGION"),
    row(
        *("GET /drs/source-servers", 400, "DRS_NOT_INITIALIZED"),
        query="region=eu-west-3",
    ),
    *(
        case
        for kind in CHOICES
        for case in (
            row(f"GET /ec2/{kind}", 200, query="region=us-east-1"),
            row(f"GET /ec2/{kind}", 400, "MISSING_REGION"),
            row(
                *(f"GET /ec2/{kind}", 404, "TARGET_ACCOUNT_NOT_FOUND"),
                query="region=us-east-1&accountId=000000000000",
            ),
        )
    ),
    row("GET /user/permissions", 200),
    row("GET /user/profile", 200),
    row("GET /user/roles", 200),
    row(
        *("GET /drs/source-servers", 400, "MISSING_PARAMETERS"),
        query="region={crowded_region}",
    ),
    row(
        *("GET /drs/source-servers", 400, "INVALID_FORMAT"),
        query="region=nowhere",
    ),
    row(
        *("GET /drs/source-servers", 400, "REGION_NOT_ENABLED"),
        query="region={not_enabled_region}",
    ),
    row(
        *("GET /drs/source-servers", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        query="region=us-east-1&accountId=000000000000",
    ),
    *(
        row(f"GET /ec2/{kind}", 400, "INVALID_FORMAT", query="region=nowhere")
        for kind in CHOICES
    ),
    # Instance profiles are of no Region.
    *(
        row(
            *(f"GET /ec2/{kind}", 400, "REGION_NOT_ENABLED"),
            query="region=me-south-1",
        )
        for kind in CHOICES
        if kind != "instance-profiles"
    ),
    row("GET /drs/quotas", 400, "INVALID_FORMAT", query="region=nowhere"),
    row(
        *("GET /drs/quotas", 400, "DRS_NOT_INITIALIZED"),
        query="region=eu-west-3",
    ),
    row(
        *("GET /drs/quotas", 400, "REGION_NOT_ENABLED"),
        query="region={not_enabled_region}",
    ),
    *(
        row("POST /protection-groups/{id}/resolve", status, code, id=group)
        for status, code, group in (
            (400, "MISSING_PARAMETERS", "{crowded_group}"),
            (400, "DRS_NOT_INITIALIZED", "{not_initialized_group}"),
            (400, "REGION_NOT_ENABLED", "{not_enabled_group}"),
            (404, "TARGET_ACCOUNT_NOT_FOUND", "{stranger_group}"),
        )
    ),
    *(
        row("POST /staging-accounts/validate", 400, code, body=body)
        for code, body in (
            ("MISSING_FIELD", {"region": "us-east-1"}),
            ("INVALID_TYPE", {**STAGED, "accountId": 7}),
            ("INVALID_FORMAT", {**STAGED, "accountId": "1"}),
            ("INVALID_ROLE_ARN", {**STAGED, "roleArn": "x"}),
        )
    ),
)
