"""Whether servers may be a group's, under the fixed names of the checks."""

import pytest

from data_management_handler.server_checks import (
    validate_and_get_source_servers,
    validate_server_assignments,
    validate_server_replication_states,
    validate_servers_exist_in_drs,
)
from shared.domain.account import AccountContext
from shared.domain.errors import BadRequest, DrsUnavailable
from tests.data_management_handler.desk import REGION, TARGET, Desk
from tests.support.fake_drs import HUB

HERE = AccountContext(account_id=HUB)
UNKNOWN = "s-00000000000000000"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_servers_that_drs_has_not_are_named(desk: Desk) -> None:
    [known] = desk.has_servers("db")
    ids = [known, UNKNOWN, "no id at all", UNKNOWN]

    found = validate_servers_exist_in_drs(ids, REGION, HERE, regions=desk.drs)

    assert found == {"valid": False, "missingServers": [UNKNOWN, ids[2]]}


def test_only_continuous_replication_is_good_unless_more_is_accepted(
    desk: Desk,
) -> None:
    [good] = desk.has_servers("db")
    [paused] = desk.has_servers("web", replicationState="PAUSED")

    found, widened = (
        validate_server_replication_states(
            [good, paused], REGION, HERE, accept=accept, regions=desk.drs
        )
        for accept in (("CONTINUOUS",), ("CONTINUOUS", "PAUSED"))
    )

    assert found["valid"] is False
    [row] = found["invalidServers"]
    assert row["serverId"] == paused
    assert row["replicationState"] == "PAUSED"
    assert widened == {"valid": True, "invalidServers": []}


def test_servers_that_fit_are_returned(desk: Desk) -> None:
    ids = desk.has_servers("db", 2)

    found = validate_and_get_source_servers(
        ids, REGION, HERE, regions=desk.drs
    )

    assert [one.source_server_id for one in found] == ids


def test_all_that_does_not_fit_is_told_at_once(desk: Desk) -> None:
    [stalled] = desk.has_servers("db", replicationState="STALLED")

    with pytest.raises(BadRequest) as caught:
        validate_and_get_source_servers(
            [UNKNOWN, stalled], REGION, HERE, regions=desk.drs
        )

    assert caught.value.code == "INVALID_SERVERS"
    assert caught.value.details["missingServers"] == [UNKNOWN]
    rows = caught.value.details["invalidServers"]
    assert [row["serverId"] for row in rows] == [UNKNOWN, stalled]


def test_a_region_that_does_not_answer_is_no_answer(desk: Desk) -> None:
    [known] = desk.has_servers("db")
    desk.drs.refuses("DescribeSourceServers", "ThrottlingException")

    with pytest.raises(DrsUnavailable):
        validate_servers_exist_in_drs([known], REGION, HERE, regions=desk.drs)


def test_servers_of_other_groups_are_named_wherever_those_are(
    desk: Desk,
) -> None:
    desk.has_account()
    tagged, own = desk.has_servers("db")[0], desk.has_servers("web")[0]
    desk.has_group("db")
    desk.has_group("web")
    desk.has_group("there", accountId=TARGET, sourceServerIds=["s-1"])
    desk.drs.has_servers(REGION, [], account=TARGET)
    ports = desk.ports()

    found = validate_server_assignments([tagged, own], "id-web", ports=ports)
    alone = validate_server_assignments(
        [tagged], "id-web", {"accountId": TARGET}, ports=ports
    )

    assert found == {
        "valid": False,
        "invalidAssignments": [
            {
                "serverId": tagged,
                "protectionGroupId": "id-db",
                "protectionGroupName": "db",
            }
        ],
    }
    assert alone == {"valid": True, "invalidAssignments": []}
