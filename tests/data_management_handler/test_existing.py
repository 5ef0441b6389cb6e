"""What earlier launches of a plan's servers left running."""

import pytest

from drs.domain.intent_tags import intent_tags
from shared.domain.errors import AccountUnreachable, DrError, Unavailable
from shared.domain.status import Status
from tests.data_management_handler.desk import (
    OTHER_REGION,
    REGION,
    TARGET,
    Desk,
)

CHECK = "check_existing_instances"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def launched(desk: Desk, servers: list[str], region: str = REGION) -> None:
    """Start a job of ours for the servers, and let it end."""
    desk.drs(desk.ports().account(""), region).start_recovery(
        servers, is_drill=False, tags=intent_tags("exec-1", "id-p", 0, 0)
    )
    desk.clock.sleep(3_600)


def test_a_plan_that_was_never_launched_has_none(desk: Desk) -> None:
    desk.has_servers("db")
    desk.has_group("db")
    desk.has_plan("p", {"protectionGroupId": "id-db"})

    assert desk.asks(CHECK, "id-p") == {
        "planId": "id-p",
        "hasExistingInstances": False,
        "existingInstances": [],
        "instanceCount": 0,
    }


def test_instances_are_told_from_every_groups_own_region(desk: Desk) -> None:
    db, web = desk.has_servers("db", 2), desk.has_servers("web")
    far = desk.has_servers("far", region=OTHER_REGION)
    desk.has_group("db")
    desk.has_group("far", region=OTHER_REGION)
    plan = desk.has_plan(
        "p", {"protectionGroupId": "id-db"}, {"protectionGroupIds": ["id-far"]}
    )
    desk.has_execution(plan, status=Status.COMPLETED)
    launched(desk, [db[0], *web])
    launched(desk, far, OTHER_REGION)

    reply = desk.asks(CHECK, "id-p")

    rows = reply["existingInstances"]
    assert [(row["region"], row["sourceServerId"]) for row in rows] == [
        (OTHER_REGION, far[0]),
        (REGION, db[0]),
    ]
    assert reply["instanceCount"] == 2
    assert rows[1]["sourceExecutionId"] == "exec-1"
    assert rows[1]["sourcePlanName"] == "p"
    assert rows[1]["isDrill"] is False


def test_only_the_servers_that_a_wave_names_count(desk: Desk) -> None:
    ids = desk.has_servers("db", 2)
    desk.has_group("db", serverSelectionTags={}, sourceServerIds=ids)
    wave = {"protectionGroupId": "id-db", "serverIds": [ids[1]]}
    desk.has_plan("p", wave)
    launched(desk, ids)

    reply = desk.asks(CHECK, "id-p")

    [row] = reply["existingInstances"]
    assert row["sourceServerId"] == ids[1]


def test_a_group_in_another_account_is_asked_there(desk: Desk) -> None:
    desk.has_account()
    [server] = desk.has_servers("db", account=TARGET)
    desk.has_group("db", accountId=TARGET)
    desk.has_plan("p", {"protectionGroupId": "id-db"})
    desk.drs.foreign_job([server], REGION, TARGET)
    desk.clock.sleep(3_600)

    [row] = desk.asks(CHECK, "id-p")["existingInstances"]

    assert row["sourceServerId"] == server
    assert row["sourceExecutionId"] == ""
    places = {
        call.account for call in desk.drs.calls_of("DescribeRecoveryInstances")
    }
    assert places == {TARGET}


def test_a_plan_is_needed_and_so_are_its_groups(desk: Desk) -> None:
    assert desk.refuses(CHECK, "none").code == "RECOVERY_PLAN_NOT_FOUND"

    desk.has_plan("p", {"protectionGroupId": "gone"})
    error = desk.refuses(CHECK, "id-p")

    assert (error.status, error.code) == (500, "CHECK_FAILED")
    assert isinstance(error, DrError)


@pytest.mark.parametrize(
    "operation", ["DescribeSourceServers", "DescribeRecoveryInstances"]
)
def test_a_look_that_fails_is_no_answer(desk: Desk, operation: str) -> None:
    desk.has_servers("db")
    desk.has_group("db")
    desk.has_plan("p", {"protectionGroupId": "id-db"})
    desk.drs.refuses(operation, "ThrottlingException")

    error = desk.refuses(CHECK, "id-p")

    assert isinstance(error, Unavailable)
    assert not isinstance(error, AccountUnreachable)
