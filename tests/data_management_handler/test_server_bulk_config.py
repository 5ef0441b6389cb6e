"""Launch configurations of many servers, set at once."""

from typing import Any

import pytest

from shared.domain.status import Status
from tests.data_management_handler.desk import Desk

BULK = "bulk_update_server_launch_config"
GROUP = "id-db"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.has_group("db")
    return desk


def rows(*ids: str, **template: Any) -> list[dict[str, Any]]:
    return [{"sourceServerId": one, "launchTemplate": template} for one in ids]


def test_all_are_stored_in_one_version_and_applied(desk: Desk) -> None:
    ids = desk.has_servers("db", 3)

    reply = desk.asks(
        BULK, GROUP, servers=rows(*ids[:2], instanceType="m5.large"), version=1
    )

    stored = desk.groups.items[GROUP]
    assert (reply["applied"], reply["skipped"], reply["failed"]) == (2, 0, 0)
    assert [row["serverId"] for row in reply["details"]] == ids[:2]
    assert reply["version"] == stored["version"] == 2
    assert [one["sourceServerId"] for one in stored["servers"]] == ids[:2]
    assert set(stored["launchConfigStatus"]["serverConfigs"]) == set(ids[:2])
    assert stored["launchConfigStatus"]["status"] == "ready"


def test_what_is_not_sent_stays(desk: Desk) -> None:
    one, other = desk.has_servers("db", 2)
    own = {"instanceType": "m5.large"}
    desk.asks(BULK, GROUP, servers=rows(one, other, **own))

    desk.asks(
        BULK,
        GROUP,
        servers=[{"sourceServerId": one, "useGroupDefaults": False}],
    )

    first, second = desk.groups.items[GROUP]["servers"]
    assert (first["useGroupDefaults"], first["launchTemplate"]) == (False, own)
    assert (second["useGroupDefaults"], second["launchTemplate"]) == (
        True,
        own,
    )


def test_one_wrong_server_keeps_all_from_being_stored(desk: Desk) -> None:
    one, other = desk.has_servers("db", 2)

    error = desk.refuses(
        BULK,
        GROUP,
        servers=[
            *rows(one, instanceType="m5.large"),
            *rows(other, instanceType="m5.vast"),
        ],
    )

    assert error.code == "INSTANCE_TYPE_UNAVAILABLE"
    assert error.details["field"] == "servers[1].launchTemplate.instanceType"


def test_one_address_twice_in_the_batch_has_its_own_code(desk: Desk) -> None:
    ids = desk.has_servers("db", 3)
    subnet = desk.ec2().has_subnet("10.0.1.0/24")
    own = {"staticPrivateIp": "10.0.1.9", "subnetId": subnet}

    within = desk.refuses(BULK, GROUP, servers=rows(*ids[:2], **own))
    desk.asks(BULK, GROUP, servers=rows(ids[0], **own))
    outside = desk.refuses(BULK, GROUP, servers=rows(ids[1], **own))

    assert within.code == "DUPLICATE_IP_IN_BATCH"
    assert outside.code == "DUPLICATE_IP"
    assert outside.details["conflictingResource"] == ids[0]


def test_servers_of_the_batch_may_exchange_their_addresses(
    desk: Desk,
) -> None:
    one, other = desk.has_servers("db", 2)
    subnet = desk.ec2().has_subnet("10.0.1.0/24")
    nine, ten = (
        {"staticPrivateIp": address, "subnetId": subnet}
        for address in ("10.0.1.9", "10.0.1.10")
    )
    desk.asks(BULK, GROUP, servers=[*rows(one, **nine), *rows(other, **ten)])

    reply = desk.asks(
        BULK, GROUP, servers=[*rows(one, **ten), *rows(other, **nine)]
    )

    assert reply["applied"] == 2


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "MISSING_BODY", None),
        ({"version": 1}, "MISSING_FIELD", "servers"),
        ({"servers": []}, "MISSING_FIELD", "servers"),
        ({"servers": {}}, "INVALID_TYPE", "servers"),
        ({"servers": ["s-1"]}, "INVALID_TYPE", "servers[0]"),
        (
            {"servers": [{"sourceServerId": 7}]},
            "INVALID_TYPE",
            "servers[0].sourceServerId",
        ),
        ({"servers": [{}]}, "MISSING_FIELD", "servers[0].sourceServerId"),
        (
            {"servers": [{"sourceServerId": "s-9"}]},
            "INVALID_SERVERS",
            "servers[0].sourceServerId",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(
    desk: Desk, body: dict[str, Any], code: str, field: str | None
) -> None:
    desk.has_servers("db")

    error = desk.refuses(BULK, GROUP, **body)

    assert (error.status, error.code) == (400, code)
    assert error.details.get("field") == field


def test_a_server_named_twice_is_refused(desk: Desk) -> None:
    (one,) = desk.has_servers("db")

    error = desk.refuses(BULK, GROUP, servers=rows(one, one, monitoring=True))

    assert error.code == "INVALID_SERVERS"


def test_a_server_that_does_not_replicate_is_refused_with_the_reason(
    desk: Desk,
) -> None:
    (one,) = desk.has_servers("db", replicationState="STALLED")

    error = desk.refuses(BULK, GROUP, servers=rows(one, monitoring=True))

    assert error.code == "INVALID_SERVERS"
    assert error.details["invalidServers"][0]["replicationState"] == "STALLED"


def test_another_version_than_was_seen_is_refused(desk: Desk) -> None:
    (one,) = desk.has_servers("db")

    error = desk.refuses(
        BULK, GROUP, servers=rows(one, monitoring=True), version=7
    )

    assert error.code == "VERSION_CONFLICT"


def test_a_group_in_a_running_execution_is_not_changed(desk: Desk) -> None:
    (one,) = desk.has_servers("db")
    plan = desk.has_plan("nightly", {"protectionGroupId": GROUP})
    desk.has_execution(plan, status=Status.POLLING)

    error = desk.refuses(BULK, GROUP, servers=rows(one, monitoring=True))

    assert error.code == "PG_IN_ACTIVE_EXECUTION"


def test_every_server_has_its_entry_however_many_they_are(desk: Desk) -> None:
    ids = desk.has_servers("db", 120)

    desk.asks(BULK, GROUP, seconds=5, servers=rows(*ids, monitoring=True))

    told = {item["resourceId"] for item in desk.audit}
    assert told == {GROUP, *(f"{GROUP}/{one}" for one in ids)}


def test_entries_that_get_lost_do_not_undo_the_change(desk: Desk) -> None:
    ids = desk.has_servers("db", 120)
    desk.trail.break_down()

    reply = desk.asks(
        BULK, GROUP, seconds=5, servers=rows(*ids, monitoring=True)
    )

    assert reply["version"] == 2
    assert len(desk.audit) == 81
