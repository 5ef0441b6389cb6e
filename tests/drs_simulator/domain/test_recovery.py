"""Jobs: what is refused, what becomes of servers, what the log says."""

from collections.abc import Sequence
from typing import Any

import pytest

from drs_simulator.domain.faults import ServiceFault
from drs_simulator.domain.machines import MemoryMachines
from drs_simulator.domain.ports import MachineRefused, Place
from drs_simulator.domain.quotas import Quotas
from tests.drs_simulator.builders import ACCOUNT, REGION, Service


def code(error: pytest.ExceptionInfo[ServiceFault]) -> str:
    return error.value.code


def statuses(job: dict[str, Any]) -> list[str]:
    return [p["launchStatus"] for p in job["participatingServers"]]


def events(service: Service, job_id: str) -> list[str]:
    return [item["event"] for item in service.log(job_id)]


def test_a_job_is_pending_then_started_then_completed() -> None:
    service = Service()
    job_id = service.start(*service.ids, isDrill=True)

    seen = [service.job(job_id)["status"]]
    for _ in range(2):
        service.clock.forward(60)
        seen.append(service.job(job_id)["status"])
    service.clock.forward(1000)
    job = service.job(job_id)

    assert seen == ["PENDING", "STARTED", "STARTED"]
    assert job["status"] == "COMPLETED"
    assert job["endDateTime"] > job["creationDateTime"]
    assert statuses(job) == ["LAUNCHED"] * 3


def test_an_unknown_server_is_a_conflict_that_names_it() -> None:
    service = Service()

    with pytest.raises(ServiceFault) as error:
        service.start("s-00000000000000000")

    assert code(error) == "ConflictException"
    assert error.value.members["resourceId"] == "s-00000000000000000"


def test_a_server_named_twice_is_a_conflict() -> None:
    service = Service()

    with pytest.raises(ServiceFault) as error:
        service.start(service.ids[0], service.ids[0])

    assert code(error) == "ConflictException"


@pytest.mark.parametrize(
    ("quotas", "quota_code"),
    [
        (Quotas(servers_per_job=1), "L-B827C881"),
        (Quotas(concurrent_jobs=0), "L-D88FAC3A"),
        (Quotas(servers_in_jobs=1), "L-05AFA8C6"),
    ],
)
def test_each_quota_refuses_with_its_code(
    quotas: Quotas, quota_code: str
) -> None:
    service = Service(quotas=quotas)

    with pytest.raises(ServiceFault) as error:
        service.start(*service.ids)

    assert (code(error), error.value.status) == (
        "ServiceQuotaExceededException",
        402,
    )
    assert error.value.members["quotaCode"] == quota_code


def test_the_published_quotas_take_a_hundred_servers_in_twenty_jobs() -> None:
    service = Service(2100)
    with pytest.raises(ServiceFault):
        service.start(*service.ids[:101])

    for first in range(0, 500, 25):
        service.start(*service.ids[first : first + 25])

    with pytest.raises(ServiceFault) as error:
        service.start(service.ids[500])
    assert error.value.members["quotaCode"] == "L-D88FAC3A"


def test_a_completed_job_frees_its_servers() -> None:
    service = Service()
    service.launch_all(*service.ids)

    job = service.launch_all(*service.ids)

    assert statuses(job) == ["LAUNCHED"] * 3


def test_a_failed_server_says_why_and_the_job_completes() -> None:
    service = Service(1, launch="FAILED", reason="no capacity")

    job = service.launch_all(*service.ids)

    log = service.log(job["jobID"])
    failed = [item for item in log if item["event"] == "LAUNCH_FAILED"]
    assert (job["status"], statuses(job)) == ("COMPLETED", ["FAILED"])
    assert failed[0]["eventData"]["rawError"] == "no capacity"
    assert log[-1]["event"] == "JOB_END"


def test_a_server_that_never_finishes_keeps_its_job_open() -> None:
    service = Service(1, launch="NEVER")
    job_id = service.start(*service.ids)

    service.clock.forward(86_400)

    job = service.job(job_id)
    assert (job["status"], statuses(job)) == ("STARTED", ["IN_PROGRESS"])


def test_a_job_can_complete_before_its_servers() -> None:
    service = Service(1, launch="UNFINISHED")

    job = service.launch_all(*service.ids)

    assert (job["status"], statuses(job)) == ("COMPLETED", ["IN_PROGRESS"])


@pytest.mark.parametrize("state", ["STOPPED", "INITIATING", "INITIAL_SYNC"])
def test_a_server_without_any_snapshot_is_skipped(state: str) -> None:
    service = Service(1, replicationState=state)

    job = service.launch_all(*service.ids)

    assert statuses(job) == ["PENDING"]
    assert events(service, job["jobID"]) == [
        "JOB_START",
        "SERVER_SKIPPED",
        "JOB_END",
    ]


def test_a_silent_server_is_launched_from_its_last_snapshot() -> None:
    service = Service(1, replicationState="DISCONNECTED")

    job = service.launch_all(*service.ids)

    assert statuses(job) == ["LAUNCHED"]
    assert "USING_PREVIOUS_SNAPSHOT" in events(service, job["jobID"])


def test_a_snapshot_that_is_not_the_servers_is_a_conflict() -> None:
    service = Service(1)
    asked = {
        "sourceServerID": service.ids[0],
        "recoverySnapshotID": "pit-00000000000000000",
    }

    with pytest.raises(ServiceFault) as error:
        service.call("StartRecovery", sourceServers=[asked])

    assert code(error) == "ConflictException"


def test_a_fast_launch_has_no_conversion() -> None:
    service = Service(1)
    service.call(
        "UpdateLaunchConfiguration",
        sourceServerID=service.ids[0],
        recoveryMode="FAST",
    )

    job = service.launch_all(*service.ids)

    assert "CONVERSION_START" not in events(service, job["jobID"])


def test_a_second_launch_replaces_the_instance_of_the_first() -> None:
    service = Service(1)
    service.launch_all(*service.ids, isDrill=True)
    [old] = service.pages("DescribeRecoveryInstances")

    job = service.launch_all(*service.ids, isDrill=True)

    [new] = service.pages("DescribeRecoveryInstances")
    assert new["ec2InstanceID"] != old["ec2InstanceID"]
    assert list(service.machines.instances) == [new["ec2InstanceID"]]
    assert events(service, job["jobID"])[:3] == [
        "JOB_START",
        "CLEANUP_START",
        "CLEANUP_END",
    ]


def test_a_launch_leaves_a_disconnected_instance_alone() -> None:
    service = Service(1)
    service.launch_all(*service.ids)
    [old] = service.pages("DescribeRecoveryInstances")
    service.call(
        "DisconnectRecoveryInstance",
        recoveryInstanceID=old["recoveryInstanceID"],
    )

    service.launch_all(*service.ids)

    assert len(service.pages("DescribeRecoveryInstances")) == 2


def test_a_fixed_launch_time_is_kept_to_the_second() -> None:
    service = Service(1, launchSeconds=20)
    job_id = service.start(*service.ids)

    service.clock.forward(19.9)
    before = statuses(service.job(job_id))
    service.clock.forward(0.1)
    after = statuses(service.job(job_id))
    service.clock.forward(1)

    assert (before, after) == (["IN_PROGRESS"], ["LAUNCHED"])
    assert service.job(job_id)["status"] == "COMPLETED"


def test_what_ec2_refuses_fails_with_its_words() -> None:
    service = Service(2)
    service.machines.refusals[service.ids[0]] = "InvalidSubnetID.NotFound"

    job = service.launch_all(*service.ids)

    [failed] = [
        item
        for item in service.log(job["jobID"])
        if item["event"] == "LAUNCH_FAILED"
    ]
    assert statuses(job) == ["FAILED", "LAUNCHED"]
    assert failed["eventData"]["rawError"] == "InvalidSubnetID.NotFound"


def test_the_scale_shortens_durations_and_keeps_wall_clock_stamps() -> None:
    service = Service(1)
    service.simulator.scale = 0.01
    job_id = service.start(*service.ids)

    service.clock.forward(9.1)

    job = service.job(job_id)
    assert job["status"] == "COMPLETED"
    assert job["creationDateTime"] == "2027-01-15T08:00:00.000Z"
    assert job["endDateTime"] < "2027-01-15T08:00:10.000Z"


def test_every_launch_result_is_published() -> None:
    service = Service(1)
    service.simulator.inject(
        {"server": "db-0", "launch": "FAILED", "times": 1}
    )

    service.launch_all(*service.ids, isDrill=True)
    job = service.launch_all(*service.ids)

    states = [event["detail"]["state"] for event in service.events]
    last = service.events[-1]
    assert states == ["RECOVERY_LAUNCH_FAILED", "RECOVERY_LAUNCH_SUCCEEDED"]
    assert last["source"] == "aws.drs"
    assert last["detail"]["job-id"] == job["jobID"]
    assert last["resources"] == [
        f"arn:aws:drs:{REGION}:{ACCOUNT}:source-server/{service.ids[0]}"
    ]


def test_terminating_what_is_not_there_is_a_conflict() -> None:
    service = Service()

    with pytest.raises(ServiceFault) as error:
        service.call(
            "TerminateRecoveryInstances",
            recoveryInstanceIDs=["i-00000000000000000"],
        )

    assert code(error) == "ConflictException"


def test_an_instance_shuts_down_and_is_gone() -> None:
    service = Service(1)
    service.launch_all(*service.ids)
    [instance] = service.pages("DescribeRecoveryInstances")

    job = service.call(
        "TerminateRecoveryInstances",
        recoveryInstanceIDs=[instance["recoveryInstanceID"]],
    )["job"]
    [ending] = service.pages("DescribeRecoveryInstances")
    service.clock.forward(200)

    assert ending["ec2InstanceState"] == "SHUTTING-DOWN"
    assert service.pages("DescribeRecoveryInstances") == []
    assert service.machines.instances == {}
    assert events(service, job["jobID"]) == [
        "JOB_START",
        "CLEANUP_START",
        "CLEANUP_END",
        "JOB_END",
    ]


class Unyielding(MemoryMachines):
    """EC2 that lets nothing be terminated."""

    def terminate(self, place: Place, instance_ids: Sequence[str]) -> None:
        """Refuse."""
        raise MachineRefused("OperationNotPermitted")


def test_an_instance_that_ec2_keeps_is_a_failed_clean_up() -> None:
    service = Service(1)
    service.simulator.machines = Unyielding()
    service.launch_all(*service.ids)
    [instance] = service.pages("DescribeRecoveryInstances")

    job = service.call(
        "TerminateRecoveryInstances",
        recoveryInstanceIDs=[instance["recoveryInstanceID"]],
    )["job"]
    service.clock.forward(1000)

    assert statuses(service.job(job["jobID"])) == ["FAILED"]
    assert "CLEANUP_FAIL" in events(service, job["jobID"])
    assert len(service.pages("DescribeRecoveryInstances")) == 1


def test_a_never_ending_job_moves_on_by_polls_and_stays_open() -> None:
    service = Service(1, polls=2, launch="NEVER")
    job_id = service.start(*service.ids)

    seen = [service.job(job_id)["status"] for _ in range(5)]

    assert set(seen) == {"STARTED"}
    assert "LAUNCH_START" in events(service, job_id)


def test_recovery_instances_are_filtered_by_their_own_ids() -> None:
    service = Service(2)
    service.launch_all(*service.ids)
    first, _ = service.pages("DescribeRecoveryInstances")

    found = service.pages(
        "DescribeRecoveryInstances",
        filters={"recoveryInstanceIDs": [first["recoveryInstanceID"]]},
    )

    assert found == [first]


def test_a_stopped_launch_disposition_shows_in_the_instance() -> None:
    service = Service(1, launchConfiguration={"launchDisposition": "STOPPED"})

    service.launch_all(*service.ids)

    [instance] = service.pages("DescribeRecoveryInstances")
    assert instance["ec2InstanceState"] == "STOPPED"


def test_a_time_progresses_without_anybody_asking() -> None:
    service = Service(1)
    service.start(*service.ids)
    service.clock.forward(1000)

    service.simulator.tick()

    assert len(service.machines.instances) == 1


def test_jobs_are_found_by_their_dates() -> None:
    service = Service(2)
    first = service.start(service.ids[0])
    service.clock.forward(3600)
    second = service.start(service.ids[1])

    late = service.pages(
        "DescribeJobs", filters={"fromDate": "2027-01-15T08:30:00Z"}
    )
    early = service.pages(
        "DescribeJobs", filters={"toDate": "2027-01-15T08:30:00Z"}
    )

    assert [job["jobID"] for job in late] == [second]
    assert [job["jobID"] for job in early] == [first]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("DescribeJobs", {"filters": {"fromDate": "yesterday"}}),
        ("DescribeJobLogItems", {"jobID": "drsjob-00000000000000000"}),
        (
            "DescribeRecoverySnapshots",
            {"sourceServerID": "s-00000000000000000"},
        ),
        ("DescribeSourceServers", {"nextToken": "nonsense"}),
    ],
)
def test_what_cannot_be_answered_is_a_validation_error(
    operation: str, request_: dict[str, Any]
) -> None:
    service = Service()

    with pytest.raises(ServiceFault) as error:
        service.call(operation, **request_)

    assert code(error) == "ValidationException"


def test_source_servers_are_filtered_by_machine_and_staging_account() -> None:
    service = Service(2)

    by_name = service.pages(
        "DescribeSourceServers", filters={"hardwareId": "db-1"}
    )
    by_account = service.pages(
        "DescribeSourceServers",
        filters={"stagingAccountIDs": ["999999999999"]},
    )

    assert len(by_name) == 1
    assert by_account == []


def test_recovery_instances_are_filtered_by_server() -> None:
    service = Service(2)
    service.launch_all(*service.ids)

    found = service.pages(
        "DescribeRecoveryInstances",
        filters={"sourceServerIDs": [service.ids[1]]},
    )

    assert [item["sourceServerID"] for item in found] == [service.ids[1]]
