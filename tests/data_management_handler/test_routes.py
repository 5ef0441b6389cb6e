"""The routes of the configuration, asked as API Gateway asks."""

from typing import Any

import pytest

from data_management_handler.operations import CHANGES, LOOKS, NOTED
from data_management_handler.routes import ROUTES
from shared.domain.rbac import Role
from shared.http import answer
from tests.data_management_handler.asking import ask
from tests.data_management_handler.desk import REGION, TARGET, Desk
from tests.support.requests import a_front, a_request, body_of

GROUP = {
    "groupName": "Databases",
    "region": REGION,
    "serverSelectionTags": {"tier": "db"},
}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    return desk


def test_a_group_lives_and_goes(desk: Desk) -> None:
    made = ask(desk, "POST", "/protection-groups", body=GROUP)
    mine = f"/protection-groups/{made.body['groupId']}"
    change = {"description": "All", "version": 1}
    changed = ask(desk, "PUT", mine, body=change)
    seen = ask(desk, "GET", mine)
    listed = ask(desk, "GET", "/protection-groups")
    gone = ask(desk, "DELETE", mine)

    assert (made.status, changed.status, seen.status) == (201, 200, 200)
    assert made.body["warnings"] == []
    assert seen.body["protectionGroupId"] == made.body["groupId"]
    assert (seen.body["description"], seen.body["version"]) == ("All", 2)
    # Lists leave out what the status tells of single servers.
    assert seen.body["launchConfigStatus"].pop("serverConfigs") == {}
    assert listed.body == {"groups": [seen.body], "count": 1}
    assert gone.body["groupId"] == made.body["groupId"]
    assert ask(desk, "GET", mine).said == "PROTECTION_GROUP_NOT_FOUND"


def test_a_plan_lives_and_goes(desk: Desk) -> None:
    group = ask(desk, "POST", "/protection-groups", body=GROUP).body
    waves = [{"protectionGroupId": group["groupId"]}]
    body = {"name": "Webshop", "waves": waves}
    made = ask(desk, "POST", "/recovery-plans", body=body)
    mine = f"/recovery-plans/{made.body['planId']}"
    changed = ask(desk, "PUT", mine, body={"rto": "2 h"})
    listed = ask(desk, "GET", "/recovery-plans", query={"name": "shop"})
    in_use = ask(desk, "DELETE", f"/protection-groups/{group['groupId']}")
    gone = ask(desk, "DELETE", mine)

    assert (made.status, changed.status, gone.status) == (201, 200, 200)
    [row] = listed.body["recoveryPlans"]
    assert (row["rto"], row["waveCount"]) == ("2 h", 1)
    assert row["hasServerConflict"] is False
    assert (in_use.status, in_use.said) == (409, "PG_IN_USE")
    assert ask(desk, "GET", mine).said == "RECOVERY_PLAN_NOT_FOUND"


def test_an_account_lives_and_goes(desk: Desk) -> None:
    body = {"accountId": TARGET, "externalId": "its-own"}
    made = ask(desk, "POST", "/accounts/targets", body=body)
    mine = f"/accounts/targets/{TARGET}"
    renamed = ask(desk, "PUT", mine, body={"accountName": "production"})
    probed = ask(desk, "POST", f"{mine}/validate")
    listed = ask(desk, "GET", "/accounts/targets")
    gone = ask(desk, "DELETE", mine)

    assert (made.status, renamed.status, gone.status) == (201, 200, 200)
    assert made.body["createdBy"] == "ann@example.com"
    assert probed.body["overallStatus"] in ("success", "warning")
    assert [one["accountName"] for one in listed.body] == ["production"]
    assert ask(desk, "GET", mine).said == "NOT_FOUND"


def test_tags_are_resolved_in_the_account_asked_for(desk: Desk) -> None:
    desk.has_account()
    desk.has_servers("db", 1, account=TARGET)
    body = {"region": REGION, "tags": {"tier": "db"}}
    path = "/protection-groups/resolve"

    here = ask(desk, "POST", path, body=body)
    there = ask(desk, "POST", path, body={**body, "accountId": TARGET})

    assert here.body["serverCount"] == 2
    assert there.body["serverCount"] == 1
    assert here.body["tags"] == here.body["serverSelectionTags"]
    assert desk.trail.entries == []


class TestTrail:
    def test_a_change_has_one_entry_that_says_who_and_what(
        self, desk: Desk
    ) -> None:
        made = ask(
            desk,
            "POST",
            "/protection-groups",
            body=GROUP,
            role=Role.PLAN_MANAGER,
            headers={"X-Correlation-Id": "c-1"},
        )

        [entry] = desk.audit
        assert desk.trail.entries == []
        assert entry["user"] == "ann@example.com"
        assert entry["roles"] == ["DRSPlanManager"]
        assert entry["action"] == "POST /protection-groups"
        assert entry["resourceId"] == made.body["groupId"]
        assert entry["sourceIp"] == "192.0.2.1"
        assert entry["correlationId"] == "c-1"
        assert entry["changes"]["groupName"]["new"] == "Databases"

    def test_a_refused_change_has_one_entry_too(self, desk: Desk) -> None:
        ask(desk, "POST", "/protection-groups", body={**GROUP, "region": "x"})
        ask(desk, "DELETE", "/recovery-plans/none", role=Role.READ_ONLY)

        assert desk.audit == []
        assert [
            (e.action, str(e.result), e.resource_id, e.error_code)
            for e in desk.trail.entries
        ] == [
            ("POST /protection-groups", "failed", "-", "INVALID_FORMAT"),
            ("DELETE /recovery-plans/{id}", "denied", "none", "FORBIDDEN"),
        ]

    def test_looks_leave_no_trace(self, desk: Desk) -> None:
        for route in ROUTES:
            if route.method == "GET":
                ask(desk, "GET", route.path.replace("{id}", "none"))

        assert desk.trail.entries == []
        assert desk.audit == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/protection-groups", None, 400, "MISSING_BODY"),
        ("POST", "/protection-groups", "{", 400, "INVALID_JSON"),
        ("POST", "/protection-groups", [1], 400, "INVALID_JSON"),
        ("POST", "/protection-groups", {}, 400, "MISSING_BODY"),
        ("POST", "/protection-groups", {"x": 1}, 400, "MISSING_FIELD"),
        (
            "POST",
            "/protection-groups",
            {**GROUP, "groupName": "x" * 10_000},
            400,
            "INVALID_NAME",
        ),
        (
            "POST",
            "/protection-groups",
            {**GROUP, "sourceServerIds": 7},
            400,
            "INVALID_TYPE",
        ),
        (
            "POST",
            "/protection-groups",
            {**GROUP, "accountId": "999999999999"},
            404,
            "TARGET_ACCOUNT_NOT_FOUND",
        ),
        ("POST", "/protection-groups/resolve", {"x": 1}, 400, "MISSING_FIELD"),
        (
            "POST",
            "/protection-groups/resolve",
            {"region": REGION, "tags": {}},
            400,
            "INVALID_TAGS",
        ),
        (
            "PUT",
            "/protection-groups/none",
            {"description": "x"},
            404,
            "PROTECTION_GROUP_NOT_FOUND",
        ),
        ("POST", "/recovery-plans", {"name": "P"}, 400, "MISSING_FIELD"),
        (
            "POST",
            "/recovery-plans",
            {"name": "P", "waves": [{"pauseBeforeWave": "no"}]},
            400,
            "INVALID_WAVE_DATA",
        ),
        (
            "PUT",
            "/recovery-plans/x",
            {"rto": 4},
            404,
            "RECOVERY_PLAN_NOT_FOUND",
        ),
        (
            "POST",
            "/accounts/targets",
            {"accountId": "7"},
            400,
            "INVALID_FORMAT",
        ),
        ("POST", "/accounts/targets/none/validate", None, 404, "NOT_FOUND"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    desk: Desk, method: str, path: str, body: Any, status: int, code: str
) -> None:
    before = desk.everything

    asked = ask(desk, method, path, body=body)

    assert (asked.status, asked.said) == (status, code)
    assert desk.everything == before


def test_an_id_longer_than_any_is_refused(desk: Desk) -> None:
    path = f"/protection-groups/{'x' * 10_000}"

    reply = answer(
        a_request("GET", path), desk.ports(), ROUTES, a_front(desk.trail)
    )

    assert reply["statusCode"] == 400
    assert body_of(reply)["error"] == "INVALID_FORMAT"


@pytest.mark.parametrize("path", ["/protection-groups", "/recovery-plans"])
def test_lists_know_the_account_asked_for(desk: Desk, path: str) -> None:
    desk.has_account()
    desk.has_group("db")

    mine, hub, other = (
        ask(desk, "GET", path, query={"accountId": account_id})
        for account_id in (TARGET, "", "999999999999")
    )

    assert (mine.status, hub.status, mine.body["count"]) == (200, 200, 0)
    assert (other.status, other.said) == (404, "TARGET_ACCOUNT_NOT_FOUND")


def test_a_stale_version_is_refused_with_both_versions(desk: Desk) -> None:
    desk.has_group("db", version=4)

    asked = ask(
        desk,
        "PUT",
        "/protection-groups/id-db",
        body={"version": 3, "owner": "x"},
    )

    assert (asked.status, asked.said) == (409, "VERSION_CONFLICT")
    assert asked.body["expectedVersion"] == 3
    assert asked.body["currentVersion"] == 4


def test_each_operation_has_a_route() -> None:
    changing = [route for route in ROUTES if route.keeps_trail]
    # The query handler serves what is exported.
    elsewhere = {"export_configuration"}

    assert len(ROUTES) == len({route.name for route in ROUTES})
    assert len(changing) == len(CHANGES)
    assert len(ROUTES) == len({*CHANGES, *LOOKS, *NOTED} - elsewhere)


def test_an_import_and_a_check_of_a_document_are_answered(desk: Desk) -> None:
    document = {
        "metadata": {"schemaVersion": "1.1"},
        "protectionGroups": [GROUP],
    }
    body = {"config": document}

    checked = ask(desk, "POST", "/config/validate-manifest", body=document)
    made = ask(
        desk,
        "POST",
        "/config/import",
        body=body,
        headers={"X-Correlation-Id": "c-9"},
    )

    assert checked.body["valid"] is True
    assert (made.status, made.body["correlationId"]) == (200, "c-9")
    assert [entry["action"] for entry in desk.audit] == ["POST /config/import"]
    [whole] = desk.trail.entries
    assert (whole.resource_type, whole.resource_id) == ("config", "c-9")
