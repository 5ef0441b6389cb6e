"""Instances that earlier launches left, and who launched them."""

import pytest

from drs.domain.existing_instances import ExistingInstance, can_proceed
from drs.domain.intent_tags import intent_tags
from drs.existing_instances import existing_instances
from shared.domain.errors import Unavailable
from shared.domain.record import Record
from shared.domain.status import Status
from tests.support.fake_drs import FakeDrs, hub
from tests.support.fake_executions import FakeExecutions
from tests.support.fakes import FakeClock

REGION = "eu-west-1"


class Bench:
    """Two servers, launched or not."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.drs = FakeDrs(self.clock)
        self.executions = FakeExecutions(self.clock)
        self.region = self.drs(hub(), REGION)
        self.ids = self.drs.has_servers(
            REGION, [{"Name": "db-1"}, {"Name": "db-2"}]
        )

    def launches(self, *servers: str, **more: object) -> str:
        job = self.region.start_recovery(
            servers,
            is_drill=bool(more.get("is_drill", True)),
            tags=intent_tags("exec-1", "plan-1", 0, 0),
        )
        self.clock.sleep(3_600)
        return job

    def found(self) -> list[ExistingInstance]:
        return existing_instances(self.ids, self.region, self.executions)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_servers_that_were_never_launched_have_none(bench: Bench) -> None:
    assert bench.found() == []
    assert can_proceed([])
    assert bench.drs.calls_of("DescribeJobs") == []


def test_an_instance_is_told_with_its_execution_and_plan(
    bench: Bench,
) -> None:
    bench.executions.has(
        Record(
            execution_id="exec-1",
            plan_id="plan-1",
            plan_name="Tiers",
            status=Status.COMPLETED,
            start_time=bench.clock.now(),
            finalized_at=bench.clock.now(),
        )
    )
    bench.launches(bench.ids[1])

    (one,) = bench.found()
    row = one.row()

    assert row["sourceServerId"] == bench.ids[1]
    assert row["recoveryInstanceId"] == row["ec2InstanceId"]
    assert row["ec2InstanceState"] == "RUNNING"
    assert row["sourceExecutionId"] == "exec-1"
    assert row["sourcePlanName"] == "Tiers"
    assert row["region"] == REGION
    assert row["privateIp"] and row["instanceType"] and row["launchTime"]
    assert row["isDrill"] is True
    assert can_proceed([one])


def test_a_real_recovery_must_not_be_replaced_unseen(bench: Bench) -> None:
    bench.launches(*bench.ids, is_drill=False)

    found = bench.found()

    assert [one.recovery.is_drill for one in found] == [False, False]
    assert not can_proceed(found)


def test_an_execution_that_was_deleted_has_no_plan_name(bench: Bench) -> None:
    bench.launches(bench.ids[0])

    (one,) = bench.found()

    assert one.execution_id == "exec-1"
    assert one.plan_name == ""


def test_a_job_that_drs_forgot_or_that_is_not_ours_names_nobody(
    bench: Bench,
) -> None:
    bench.drs.forgets_job(bench.launches(bench.ids[0]))
    bench.drs.foreign_job([bench.ids[1]], REGION)
    bench.clock.sleep(3_600)

    assert [one.execution_id for one in bench.found()] == ["", ""]


def test_terminated_instances_do_not_count(bench: Bench) -> None:
    bench.launches(*bench.ids)
    first = bench.found()[0].recovery.recovery_instance_id
    bench.region.terminate_recovery_instances([first])
    bench.clock.sleep(3_600)

    assert [one.recovery.source_server_id for one in bench.found()] == [
        bench.ids[1]
    ]


@pytest.mark.parametrize(
    "operation", ["DescribeRecoveryInstances", "DescribeJobs"]
)
def test_a_look_that_fails_is_no_answer(bench: Bench, operation: str) -> None:
    bench.launches(*bench.ids)
    bench.drs.throttles_next(operation)

    with pytest.raises(Unavailable):
        bench.found()
