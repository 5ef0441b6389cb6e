"""Whatever is sent, the answer is a reply or a refusal by name.

A caller's fault is never an internal error, and a refusal writes nothing
but its entry in the trail.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_management_handler.operations import OPERATIONS
from shared.domain.errors import DrError
from shared.routing import operate
from tests.data_management_handler.desk import REGION, TARGET, Desk
from tests.support.fake_drs import HUB, server_id

FIELDS = (
    "accountId",
    "accountName",
    "assumeRoleName",
    "criticality",
    "description",
    "externalId",
    "groupName",
    "launchConfig",
    "name",
    "owner",
    "planName",
    "region",
    "roleArn",
    "rpo",
    "serverIds",
    "serverSelectionTags",
    "servers",
    "sourceServerIds",
    "status",
    "tags",
    "version",
    "waves",
)
INNER = (
    "dependsOnWaves",
    "instanceType",
    "launchTemplate",
    "maxWaitSeconds",
    "pauseBeforeWave",
    "protectionGroupId",
    "protectionGroupIds",
    "securityGroupIds",
    "serverIds",
    "sourceServerId",
    "staticPrivateIp",
    "subnetId",
    "tags",
    "tier",
    "useGroupDefaults",
    "waveName",
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [
            "",
            " ",
            "db",
            "id-db",
            "x" * 10_000,
            "\x00",
            "é",
            "10.0.0.4",
            "active",
            HUB,
            REGION,
            TARGET,
            server_id(1),
        ]
    ),
)
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(INNER), inner, max_size=4),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6)
GOOD: dict[str, dict[str, Any]] = {
    "create_protection_group": {
        "groupName": "Database",
        "region": REGION,
        "serverSelectionTags": {"tier": "app"},
    },
    "create_recovery_plan": {
        "name": "Nightly",
        "waves": [{"protectionGroupId": "id-db"}],
    },
    "create_target_account": {"accountId": "777788889999"},
    "resolve_protection_group_tags": {
        "region": REGION,
        "serverSelectionTags": {"tier": "db"},
    },
}
IDS = st.sampled_from(["id-db", "id-plan", TARGET, "nowhere"])


@pytest.fixture(scope="module")
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    desk.has_servers("app", 2)
    desk.drs.has_servers(REGION, [], account=TARGET)
    return desk


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    body=BODIES | JSON,
    keeps_good=st.booleans(),
    object_id=IDS | JSON,
    query=st.dictionaries(
        st.sampled_from(["accountId", "name", "tag", "hasConflict", "status"]),
        JSON,
        max_size=2,
    )
    | JSON,
)
def test_nothing_that_is_sent_is_an_internal_error(
    desk: Desk,
    operation: str,
    body: Any,
    keeps_good: bool,
    object_id: Any,
    query: Any,
) -> None:
    for table in (desk.groups, desk.plans, desk.accounts):
        table.items.clear()
    desk.executions.items.clear()
    desk.has_group("db")
    desk.has_plan("plan", {"protectionGroupId": "id-db"})
    desk.has_account()
    if keeps_good and isinstance(body, dict):
        body = {**body, **GOOD.get(operation, {})}
    event = {
        "operation": operation,
        "body": body,
        "queryParams": query,
        "pathParameters": {"id": object_id},
    }
    before = desk.everything

    try:
        operate(event, desk.ports(), OPERATIONS)
    except DrError as error:
        assert error.status in (400, 404, 409), error
        assert error.message
        assert desk.everything == before
