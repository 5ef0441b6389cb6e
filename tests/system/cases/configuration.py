"""Rows of the configuration, which data-management-handler answers."""

from tests.system.cases.case import MANIFEST, row

CONFIGURATION = (
    row(
        *("POST /config/import", 200),
        body={"dryRun": True, "config": MANIFEST},
    ),
    row(
        *("POST /config/import", 400, "MISSING_SCHEMA_VERSION"),
        body={"config": {}},
    ),
    row(
        *("POST /config/import", 400, "UNSUPPORTED_SCHEMA_VERSION"),
        body={"metadata": {"schemaVersion": "99"}},
    ),
    row("POST /config/validate-manifest", 200, body=MANIFEST),
    row("GET /config/tag-sync", 200),
    row("PUT /config/tag-sync", 200, body={"enabled": False}),
    row(
        *("PUT /config/tag-sync", 400, "INVALID_TYPE"),
        body={"enabled": "yes"},
    ),
    row(
        *("POST /drs/tag-sync", 200),
        body={"region": "us-east-1"},
    ),
    row(
        *("POST /drs/tag-sync", 404, "TARGET_ACCOUNT_NOT_FOUND"),
        body={"accountId": "000000000000"},
    ),
    row("POST /config/import", 400, "INVALID_TYPE", body={"config": "all"}),
    row(
        *("POST /config/validate-manifest", 400, "INVALID_TYPE"),
        body={"manifest": "all"},
    ),
    row(
        *("PUT /config/tag-sync", 400, "MISSING_FIELD"),
        body={"intervalHours": 2},
    ),
    row(
        *("PUT /config/tag-sync", 400, "INVALID_FORMAT"),
        body={"enabled": False, "intervalHours": 25},
    ),
    row(
        *("GET /config/tag-sync", 400, "RULE_NOT_FOUND"),
        during="the rule is gone",
    ),
    row(
        *("PUT /config/tag-sync", 400, "RULE_NOT_FOUND"),
        body={"enabled": False},
        during="the rule is gone",
    ),
    row("POST /drs/tag-sync", 400, "INVALID_TYPE", body={"region": 7}),
    row("POST /drs/tag-sync", 400, "INVALID_FORMAT", body={"region": "moon"}),
    # As the template has it; what comes after counts on it.
    row("PUT /config/tag-sync", 200, body={"enabled": True}),
)
