"""What is busy, asked by the fixed names of the checks."""

from typing import Any

import pytest

from drs.conflicts import (
    check_server_conflicts,
    get_plans_with_conflicts,
    get_servers_in_active_drs_jobs,
    get_servers_in_active_executions,
    resolve_pg_servers_for_conflict_check,
)
from drs.domain.conflicts import InExecution, InJob, of_all_regions
from drs.domain.tags import TagIndex
from shared.domain.errors import Unavailable
from shared.domain.ports import ServerKey
from shared.domain.record import Record, Reserved
from shared.domain.status import Status
from tests.support.fake_drs import HUB, FakeDrs, hub
from tests.support.fake_executions import FakeExecutions
from tests.support.fakes import FakeClock

REGION = "us-east-1"
FAR = "eu-west-1"


@pytest.fixture
def drs() -> FakeDrs:
    drs = FakeDrs(FakeClock())
    drs.has_servers(REGION, [{"tier": "db"}, {"tier": "web"}])
    return drs


def a_run(server: str, execution: str = "e-1") -> InExecution:
    return InExecution(
        server=ServerKey(HUB, REGION, server),
        execution_id=execution,
        plan_id="p-1",
        wave_name="Now",
        status="POLLING",
    )


def checked(drs: FakeDrs, *ids: str, **more: Any) -> list[dict[str, Any]]:
    more.setdefault("in_runs", [])
    found = check_server_conflicts(ids, REGION, hub(), regions=drs, **more)
    assert found["hasConflicts"] is bool(found["conflicts"])
    rows: list[dict[str, Any]] = found["conflicts"]
    return rows


ONE, TWO = "s-00000000000000001", "s-00000000000000002"


def test_idle_servers_have_no_conflict(drs: FakeDrs) -> None:
    assert checked(drs, ONE, TWO) == []
    assert get_servers_in_active_drs_jobs(REGION, hub(), regions=drs) == set()


def test_a_job_is_asked_for_once_and_told(drs: FakeDrs) -> None:
    job = drs.foreign_job([ONE], REGION)

    (row,) = checked(drs, ONE, TWO)

    assert row["conflictingJobId"] == job
    assert row["serverIds"] == [ONE]
    assert len(drs.calls_of("DescribeJobs")) == 1
    assert checked(drs, TWO) == []
    assert get_servers_in_active_drs_jobs(REGION, hub(), regions=drs) == {ONE}


def test_an_execution_is_in_the_way_of_others_and_not_of_itself(
    drs: FakeDrs,
) -> None:
    runs = [a_run(ONE)]

    (row,) = checked(drs, ONE, in_runs=runs)

    assert row["conflictingExecutionId"] == "e-1"
    assert checked(drs, ONE, in_runs=runs, exclude_execution_id="e-1") == []
    assert checked(drs, ONE, in_runs=runs, exclude_execution_id="e-2")


def test_jobs_that_cannot_be_read_are_no_answer(drs: FakeDrs) -> None:
    drs.throttles_next("DescribeJobs")

    with pytest.raises(Unavailable):
        checked(drs, ONE)


def test_the_servers_of_active_executions_are_those_to_come_too() -> None:
    executions = FakeExecutions(FakeClock())
    executions.has(
        Record(
            execution_id="e-1",
            plan_id="p-1",
            status=Status.RUNNING,
            start_time=1,
            reserved=(
                Reserved(wave_number=0, server_ids=(ONE,), region=REGION),
            ),
        )
    )

    assert get_servers_in_active_executions(executions, HUB) == {ONE}
    assert get_servers_in_active_executions(
        executions, HUB, found=[a_run(TWO)]
    ) == {TWO}


def test_a_groups_servers_are_those_that_its_tags_match_now(
    drs: FakeDrs,
) -> None:
    tagged = {"groupName": "g", "serverSelectionTags": {"tier": "db"}}
    named = {"groupName": "g", "sourceServerIds": [TWO]}

    def resolved(group: dict[str, Any], **more: Any) -> set[str]:
        return resolve_pg_servers_for_conflict_check(
            group, REGION, hub(), regions=drs, **more
        )

    assert resolved(named) == {TWO}
    assert drs.calls == []
    assert resolved(tagged, servers=TagIndex(())) == set()
    assert drs.calls == []
    assert resolved(tagged) == {ONE}


def test_plans_are_told_by_region_and_joined() -> None:
    here, there = ServerKey(HUB, REGION, ONE), ServerKey(HUB, FAR, TWO)
    run = a_run(ONE)
    job = InJob(
        server=there,
        job_id="drsjob-1",
        job_status="STARTED",
        launch_status="PENDING",
        plan_id="",
    )
    wanted = {"p-1": {here}, "p-2": {here, there}, "p-3": set[ServerKey]()}

    rows = {
        region: get_plans_with_conflicts(
            region, wanted=wanted, busy={here: [run], there: [job]}
        )
        for region in (REGION, FAR)
    }

    assert [[row["planId"] for row in rows[r]] for r in (REGION, FAR)] == [
        ["p-2"],
        ["p-2"],
    ]
    joined = of_all_regions(
        row["conflictInfo"] for several in rows.values() for row in several
    )
    assert joined["hasConflict"] is True
    assert joined["conflictingServers"] == [ONE, TWO]
    assert joined["conflictingExecutionId"] == "e-1"
    assert joined["conflictingDrsJobId"] == "drsjob-1"
    assert "e-1" in joined["reason"] and "drsjob-1" in joined["reason"]
    assert of_all_regions([])["hasConflict"] is False
