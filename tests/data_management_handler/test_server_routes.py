"""The routes of single servers of a group."""

from typing import Any

import pytest

from shared.domain.rbac import Role
from tests.data_management_handler.asking import ask
from tests.data_management_handler.desk import Desk
from tests.support.fake_drs import server_id

ONE, OTHER = server_id(1), server_id(2)
SERVERS = "/protection-groups/id-db/servers"
CONFIG = f"{SERVERS}/{ONE}/launch-config"
TYPE = {"launchTemplate": {"instanceType": "m5.large"}}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    desk.has_group("db")
    return desk


def test_a_server_is_configured_told_of_and_put_back(desk: Desk) -> None:
    bare = ask(desk, "GET", CONFIG)
    made = ask(desk, "PUT", CONFIG, body={**TYPE, "version": 1})
    seen = ask(desk, "GET", CONFIG)
    back = ask(desk, "DELETE", CONFIG, query={"version": "2"})
    log = ask(desk, "GET", f"{SERVERS}/{ONE}/audit-log", query={"limit": "1"})

    assert [one.status for one in (bare, made, seen, back)] == [200] * 4
    assert bare.body["customFields"] == back.body["customFields"] == []
    assert made.body["applyResult"]["applied"] == 1
    assert seen.body["launchTemplate"] == TYPE["launchTemplate"]
    assert back.body["version"] == 3
    assert log.body["count"] == 1
    assert log.body["nextToken"]


def test_many_servers_are_configured_at_once(desk: Desk) -> None:
    rows = [{"sourceServerId": one, **TYPE} for one in (ONE, OTHER)]

    asked = ask(
        desk, "POST", f"{SERVERS}/bulk-launch-config", body={"servers": rows}
    )

    assert (asked.status, asked.body["applied"]) == (200, 2)
    assert asked.body["version"] == 2


def test_an_address_is_judged_without_a_trace(desk: Desk) -> None:
    subnet = desk.ec2().has_subnet("10.0.1.0/24")
    path = f"{SERVERS}/{ONE}/validate-ip"
    good, bad = (
        ask(
            desk,
            "POST",
            path,
            body={"staticPrivateIp": address, "subnetId": subnet},
            role=Role.READ_ONLY,
        )
        for address in ("10.0.1.9", "10.0.1.1")
    )

    assert (good.status, good.body["valid"]) == (200, True)
    assert (bad.status, bad.body["error"]) == (200, "IP_RESERVED")
    assert desk.audit == [] and desk.trail.entries == []


def test_the_trail_names_the_server_and_who_asked(desk: Desk) -> None:
    ask(desk, "PUT", CONFIG, body=TYPE)
    ask(desk, "PUT", CONFIG, body={"launchTemplate": {"imageId": "ami-1"}})
    ask(desk, "DELETE", CONFIG, role=Role.READ_ONLY)

    [entry] = desk.audit
    assert entry["resourceType"] == "server"
    assert entry["resourceId"] == f"id-db/{ONE}"
    assert entry["action"] == (
        "PUT /protection-groups/{id}/servers/{serverId}/launch-config"
    )
    assert entry["roles"] == ["DRSOrchestrationAdmin"]
    assert [
        (str(e.result), e.resource_id, e.error_code)
        for e in desk.trail.entries
    ] == [
        ("failed", f"id-db/{ONE}", "BLOCKED_FIELDS_PRESENT"),
        ("denied", f"id-db/{ONE}", "FORBIDDEN"),
    ]


def test_codes_of_launch_configurations_have_both_names(desk: Desk) -> None:
    asked = ask(
        desk, "PUT", CONFIG, body={"launchTemplate": {"instanceType": "x.y"}}
    )

    assert asked.status == 400
    assert asked.body["error"] == asked.body["code"]
    assert asked.body["code"] == "INSTANCE_TYPE_UNAVAILABLE"
    assert asked.body["details"] == {"field": "launchTemplate.instanceType"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", CONFIG, "{", 400, "INVALID_JSON"),
        ("PUT", CONFIG, None, 400, "MISSING_BODY"),
        ("PUT", CONFIG, {"launchTemplate": 7}, 400, "INVALID_TYPE"),
        ("PUT", CONFIG, {**TYPE, "version": 9}, 409, "VERSION_CONFLICT"),
        ("GET", CONFIG.replace(ONE, "s-9"), None, 404, "NOT_FOUND"),
        (
            "GET",
            CONFIG.replace("id-db", "none"),
            None,
            404,
            "PROTECTION_GROUP_NOT_FOUND",
        ),
        (
            "POST",
            f"{SERVERS}/bulk-launch-config",
            {"servers": [{"sourceServerId": "s-9"}]},
            400,
            "INVALID_SERVERS",
        ),
        (
            "POST",
            f"{SERVERS}/{ONE}/validate-ip",
            {"subnetId": "x"},
            400,
            "MISSING_FIELD",
        ),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    desk: Desk, method: str, path: str, body: Any, status: int, code: str
) -> None:
    before = desk.everything

    asked = ask(desk, method, path, body=body)

    assert (asked.status, asked.said) == (status, code)
    assert desk.everything == before
