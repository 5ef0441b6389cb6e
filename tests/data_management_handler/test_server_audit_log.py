"""Who changed a server's launch configuration."""

from typing import Any

import pytest

from shared.domain.errors import DatabaseError
from tests.data_management_handler.desk import Desk
from tests.support.fake_drs import server_id

LOG = "get_server_audit_log"
PUT = "update_server_launch_config"
DELETE = "delete_server_launch_config"
GROUP = "id-db"
SERVER = server_id(1)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_servers("db", 2)
    desk.has_group("db")
    return desk


def change(desk: Desk, **template: Any) -> None:
    desk.clock.sleep(1)
    desk.asks(PUT, GROUP, server=SERVER, launchTemplate=template)


def test_changes_are_told_newest_first_field_by_field(desk: Desk) -> None:
    change(desk, instanceType="m5.large", monitoring=True)
    change(desk, monitoring=False)
    desk.clock.sleep(1)
    desk.asks(DELETE, GROUP, server=SERVER)

    reply = desk.asks(LOG, GROUP, server=SERVER)

    assert [row["action"] for row in reply["auditLog"]] == [DELETE, PUT, PUT]
    assert [row["version"] for row in reply["auditLog"]] == [4, 3, 2]
    assert reply["auditLog"][1] == {
        "timestamp": reply["auditLog"][1]["timestamp"],
        "user": "ann@example.com",
        "action": PUT,
        "result": "allowed",
        "changes": {
            "instanceType": {"old": "m5.large", "new": None},
            "monitoring": {"old": True, "new": False},
        },
        "version": 3,
    }
    assert (reply["count"], reply["nextToken"]) == (3, None)


def test_changes_by_way_of_the_group_are_told_too(desk: Desk) -> None:
    entry = {
        "sourceServerId": SERVER,
        "launchTemplate": {"monitoring": True},
    }
    desk.asks("update_protection_group", GROUP, servers=[entry])

    reply = desk.asks(LOG, GROUP, server=SERVER)

    (row,) = reply["auditLog"]
    assert row["action"] == "update_protection_group"
    assert row["changes"] == {"monitoring": {"old": None, "new": True}}


def test_what_was_refused_is_told_as_such(desk: Desk) -> None:
    desk.refuses(
        PUT, GROUP, server=SERVER, launchTemplate={"imageId": "ami-1"}
    )

    (row,) = desk.asks(LOG, GROUP, server=SERVER)["auditLog"]

    assert (row["result"], row["changes"]) == ("failed", {})


def test_another_servers_changes_are_not_told(desk: Desk) -> None:
    change(desk, monitoring=True)

    reply = desk.asks(LOG, GROUP, server=server_id(2))

    assert (reply["auditLog"], reply["count"]) == ([], 0)


def test_pages_follow_each_other(desk: Desk) -> None:
    for number in range(5):
        change(desk, tags={"n": str(number)})

    seen: list[int] = []
    token = ""
    for _ in range(3):
        query = {"limit": "2", "nextToken": token}
        page = desk.asks(LOG, GROUP, server=SERVER, query=query)
        seen += [row["version"] for row in page["auditLog"]]
        token = page["nextToken"]

    assert seen == [6, 5, 4, 3, 2]
    assert token is None


@pytest.mark.parametrize(
    "query",
    [
        {"limit": ""},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"nextToken": "x"},
        {"nextToken": "bm8="},
        {"nextToken": "~" * 2_000},
    ],
)
def test_a_page_that_is_none_is_refused(
    desk: Desk, query: dict[str, str]
) -> None:
    error = desk.refuses(LOG, GROUP, server=SERVER, query=query)

    assert error.code == "INVALID_FORMAT"
    assert error.details["field"] in query


def test_a_server_outside_the_group_is_not_found(desk: Desk) -> None:
    (other,) = desk.has_servers("web")

    assert desk.refuses(LOG, GROUP, server=other).code == "NOT_FOUND"


def test_a_trail_that_cannot_be_written_to_refuses_no_refusal(
    desk: Desk,
) -> None:
    desk.trail.break_down()

    error = desk.refuses(
        PUT, GROUP, server=SERVER, launchTemplate={"imageId": "ami-1"}
    )

    assert not isinstance(error, DatabaseError)
