"""The list of plans: what is in their way, and how few looks it takes."""

from typing import Any

import pytest

from data_management_handler.estates import KEPT_SECONDS
from shared.domain.errors import Unavailable
from shared.domain.status import Status
from tests.data_management_handler.desk import (
    OTHER_REGION,
    REGION,
    TARGET,
    Desk,
)
from tests.support.fake_drs import HUB, server_id

LIST = "list_recovery_plans"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    for name in ("db", "web"):
        desk.has_servers(name, 2)
        desk.has_group(name)
        desk.has_plan(name, {"protectionGroupId": f"id-{name}"})
    return desk


def names(desk: Desk, **query: Any) -> list[str]:
    """Return the names of the plans that a query finds."""
    reply = desk.asks(LIST, query=query)
    assert reply["count"] == len(reply["recoveryPlans"])
    return [plan["name"] for plan in reply["recoveryPlans"]]


def row(desk: Desk, name: str) -> dict[str, Any]:
    """Return a plan's row."""
    (found,) = desk.asks(LIST, query={"nameExact": name})["recoveryPlans"]
    return dict(found)


def test_a_plan_that_never_ran_says_so(desk: Desk) -> None:
    found = row(desk, "db")

    assert found["waveCount"] == 1
    assert found["lastExecutionStatus"] is None
    assert found["lastStartTime"] is None
    assert found["lastEndTime"] is None
    assert found["hasServerConflict"] is False
    assert found["conflictInfo"] == {
        "hasConflict": False,
        "conflictingServers": [],
        "conflictingExecutionId": None,
        "conflictingPlanId": None,
        "conflictingStatus": None,
        "conflictingDrsJobId": None,
        "reason": "",
    }


def test_the_last_run_is_the_one_that_started_last(desk: Desk) -> None:
    plan = desk.plans.find("id-db")
    for execution_id, start in (("e-2", 200), ("e-1", 100), ("e-3", 150)):
        desk.has_execution(
            plan,
            execution_id=execution_id,
            status=Status.COMPLETED if start == 200 else Status.FAILED,
            start_time=start,
            end_time=start + 10,
        )

    found = row(desk, "db")

    assert found["lastExecutionStatus"] == "COMPLETED"
    assert (found["lastStartTime"], found["lastEndTime"]) == (200, 210)


def test_servers_in_anothers_execution_are_a_conflict(desk: Desk) -> None:
    other = desk.plans.find("id-web")
    desk.has_execution(other, moving=[server_id(1)])

    info = row(desk, "db")["conflictInfo"]

    assert info["conflictingServers"] == [server_id(1)]
    assert info["conflictingExecutionId"] == "exec-1"
    assert info["conflictingPlanId"] == "id-web"
    assert info["conflictingStatus"] == "POLLING"
    assert "exec-1" in info["reason"]


def test_a_plans_own_execution_is_no_conflict(desk: Desk) -> None:
    own = desk.plans.find("id-db")
    desk.has_execution(own, moving=[server_id(1)])

    assert row(desk, "db")["hasServerConflict"] is False


def test_a_foreign_job_is_a_conflict(desk: Desk) -> None:
    job = desk.drs.foreign_job(["s-2"], REGION)

    info = row(desk, "db")["conflictInfo"]

    assert info["conflictingDrsJobId"] == job
    assert info["conflictingServers"] == [server_id(2)]


def test_plans_are_filtered(desk: Desk) -> None:
    desk.has_account()
    desk.drs.has_servers(REGION, [], account=TARGET)
    desk.has_group("Far db", accountId=TARGET)
    desk.has_plan("Far db", {"protectionGroupIds": ["id-Far db"]})
    desk.has_execution(desk.plans.find("id-web"), moving=[server_id(1)])

    assert names(desk) == ["Far db", "db", "web"]
    assert names(desk, name="DB") == ["Far db", "db"]
    assert names(desk, nameExact="DB") == ["db"]
    assert names(desk, accountId=TARGET) == ["Far db"]
    assert names(desk, accountId=HUB) == ["db", "web"]
    assert names(desk, accountId="") == ["db", "web"]
    assert names(desk, tag="TIER=web") == ["web"]
    assert names(desk, hasConflict="true") == ["db"]
    assert names(desk, hasConflict=False) == ["Far db", "web"]
    assert names(desk, status="polling") == ["web"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"tag": "tier"}, "INVALID_FORMAT"),
        ({"tag": "=x"}, "INVALID_FORMAT"),
        ({"hasConflict": "maybe"}, "INVALID_TYPE"),
        ({"name": 5}, "INVALID_TYPE"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(
    desk: Desk, query: dict[str, Any], code: str
) -> None:
    assert desk.refuses(LIST, query=query).code == code


def test_a_region_without_drs_has_no_servers(desk: Desk) -> None:
    desk.drs.is_not_initialised(OTHER_REGION)
    desk.has_group("far", region=OTHER_REGION)
    desk.has_plan("far", {"protectionGroupId": "id-far"})

    assert names(desk) == ["db", "far", "web"]


def test_a_region_that_cannot_be_asked_refuses_the_list(desk: Desk) -> None:
    desk.drs.refuses("DescribeJobs", "ThrottlingException")

    assert isinstance(desk.refuses(LIST), Unavailable)


def test_the_number_of_looks_does_not_grow_with_the_number_of_plans(
    desk: Desk,
) -> None:
    desk.has_servers("many", 3_996)
    few = len(calls_of_a_list(desk))
    for number in range(198):
        desk.has_group(
            f"g{number}", serverSelectionTags={"Name": f"many-{number}"}
        )
        desk.has_plan(f"p{number}", {"protectionGroupId": f"id-g{number}"})

    many = calls_of_a_list(desk)

    assert len(desk.plans.items) == 200
    assert len(many) == few


def calls_of_a_list(desk: Desk) -> list[Any]:
    """Return the calls of a list that remembers nothing."""
    desk.clock.sleep(KEPT_SECONDS)
    before = len(desk.drs.calls)
    desk.asks(LIST)
    return [
        c for c in desk.drs.calls[before:] if c.operation[:8] == "Describe"
    ]


def test_what_was_seen_serves_for_half_a_minute(desk: Desk) -> None:
    desk.asks(LIST)
    desk.drs.foreign_job(["s-2"], REGION)
    asked = len(desk.drs.calls)

    soon = row(desk, "db")["hasServerConflict"]
    looks = len(desk.drs.calls) - asked
    desk.clock.sleep(KEPT_SECONDS)

    assert (soon, looks) == (False, 0)
    assert row(desk, "db")["hasServerConflict"] is True
