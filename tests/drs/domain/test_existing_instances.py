"""What earlier launches left running."""

import pytest

from drs.domain.existing_instances import ExistingInstance, can_proceed
from drs.domain.servers import Instance, RecoveryInstance


def left(
    drill: bool = True, details: Instance | None = None
) -> ExistingInstance:
    return ExistingInstance(
        region="us-east-1",
        recovery=RecoveryInstance(
            recovery_instance_id="i-1",
            ec2_instance_id="i-2",
            source_server_id="s-1",
            job_id="drsjob-1",
            ec2_state="RUNNING",
            is_drill=drill,
        ),
        details=details,
        execution_id="e-1",
        plan_name="Shop",
    )


def test_an_instance_is_told_with_what_ec2_knows() -> None:
    known = Instance(
        instance_id="i-2",
        instance_type="m5.large",
        private_ip="10.0.0.4",
        name="db",
        launched_at=7,
    )

    assert left(details=known).row() == {
        "sourceServerId": "s-1",
        "recoveryInstanceId": "i-1",
        "ec2InstanceId": "i-2",
        "ec2InstanceState": "RUNNING",
        "name": "db",
        "privateIp": "10.0.0.4",
        "instanceType": "m5.large",
        "isDrill": True,
        "launchTime": 7,
        "region": "us-east-1",
        "sourceExecutionId": "e-1",
        "sourcePlanName": "Shop",
    }


def test_an_instance_that_ec2_does_not_show_is_told_without() -> None:
    row = left(drill=False).row()

    assert row["name"] == row["privateIp"] == row["instanceType"] == ""
    assert row["launchTime"] == 0
    assert row["isDrill"] is False


@pytest.mark.parametrize(
    ("drills", "expected"),
    [((), True), ((True, True), True), ((True, False), False)],
)
def test_only_drills_may_be_replaced(
    drills: tuple[bool, ...], expected: bool
) -> None:
    assert can_proceed([left(drill) for drill in drills]) is expected
