"""Faults strike where, when and as often as they were asked to."""

from typing import Any

import pytest

from drs_simulator.domain.faults import ControlError, ReplyLost, ServiceFault
from tests.drs_simulator.builders import ACCOUNT, OTHER, REGION, Service


def test_an_error_strikes_once_unless_told_otherwise() -> None:
    service = Service()
    service.simulator.inject({"op": "DescribeJobs", "error": "Boom"})

    with pytest.raises(ServiceFault) as error:
        service.call("DescribeJobs")

    assert (error.value.code, error.value.status) == ("Boom", 400)
    assert service.call("DescribeJobs") == {"items": []}


def test_an_error_can_come_after_the_work_is_done() -> None:
    service = Service(1)
    service.simulator.inject(
        {
            "op": "StartRecovery",
            "error": "InternalServerException",
            "afterwards": True,
        }
    )

    with pytest.raises(ServiceFault):
        service.start(*service.ids)

    assert len(service.pages("DescribeJobs")) == 1


def test_an_error_before_the_work_leaves_nothing() -> None:
    service = Service(1)
    service.simulator.inject(
        {"op": "StartRecovery", "error": "InternalServerException"}
    )

    with pytest.raises(ServiceFault):
        service.start(*service.ids)

    assert service.pages("DescribeJobs") == []


def test_a_lost_reply_is_in_the_log_of_calls_and_its_job_exists() -> None:
    service = Service(1)
    service.simulator.inject({"op": "StartRecovery", "loseReply": True})

    with pytest.raises(ReplyLost):
        service.start(*service.ids)

    assert [call.error for call in service.simulator.calls] == ["ReplyLost"]
    assert len(service.pages("DescribeJobs")) == 1


def test_a_fault_of_another_place_does_not_strike() -> None:
    service = Service()
    service.simulator.inject(
        {"op": "DescribeJobs", "error": "Boom", "account": OTHER},
        {"op": "DescribeJobs", "error": "Boom", "region": "eu-west-1"},
    )

    assert service.call("DescribeJobs") == {"items": []}


def test_a_delay_is_told_to_the_front() -> None:
    service = Service()
    service.simulator.inject({"op": "DescribeJobs", "delay": 3, "times": 1})

    delays = [
        service.simulator.delay(ACCOUNT, REGION, "DescribeJobs")
        for _ in range(2)
    ]

    assert delays == [3, 0]


@pytest.mark.parametrize("named", ["id", "hostname"])
def test_a_server_fails_by_id_or_hostname(named: str) -> None:
    service = Service(1)
    server = service.ids[0] if named == "id" else "db-0"
    service.simulator.inject(
        {"server": server, "launch": "FAILED", "reason": "broken disk"}
    )

    job = service.launch_all(*service.ids)

    log = service.log(job["jobID"])
    assert job["participatingServers"][0]["launchStatus"] == "FAILED"
    assert "broken disk" in str(log)


def test_a_server_can_be_skipped() -> None:
    service = Service(1)
    service.simulator.inject({"server": "db-0", "launch": "SKIPPED"})

    job = service.launch_all(*service.ids)

    events = [item["event"] for item in service.log(job["jobID"])]
    assert events == ["JOB_START", "SERVER_SKIPPED", "JOB_END"]


def test_a_server_can_be_slow() -> None:
    service = Service(1)
    service.simulator.inject({"server": "db-0", "launchSeconds": 5000})
    job_id = service.start(*service.ids)

    service.clock.forward(4999)
    late = service.job(job_id)["participatingServers"][0]["launchStatus"]
    service.clock.forward(1)

    assert late == "IN_PROGRESS"
    [done] = service.job(job_id)["participatingServers"]
    assert done["launchStatus"] == "LAUNCHED"


def test_a_job_vanishes_and_still_holds_its_servers() -> None:
    service = Service(1)
    job_id = service.start(*service.ids)
    service.simulator.inject({"job": job_id, "vanish": True})

    assert service.pages("DescribeJobs") == []
    with pytest.raises(ServiceFault):
        service.log(job_id)
    with pytest.raises(ServiceFault):
        service.start(*service.ids)


def test_the_next_jobs_shown_can_vanish() -> None:
    service = Service(3)
    for server_id in service.ids:
        service.start(server_id)
    service.simulator.inject({"op": "DescribeJobs", "vanishJobs": 2})

    first = service.pages("DescribeJobs")

    assert len(first) == 1
    assert service.pages("DescribeJobs") == first


def test_a_new_job_can_be_listed_late() -> None:
    service = Service(1)
    service.simulator.inject({"op": "DescribeJobs", "listedAfter": 5})
    service.start(*service.ids)

    before = service.pages("DescribeJobs")
    service.clock.forward(5)

    assert before == []
    assert len(service.pages("DescribeJobs")) == 1


def test_a_job_can_lose_its_instances_or_its_servers() -> None:
    service = Service(1)
    job_id = str(service.launch_all(*service.ids)["jobID"])

    service.simulator.inject({"job": job_id, "instancesLost": True})
    [participant] = service.job(job_id)["participatingServers"]
    service.simulator.inject({"job": job_id, "emptied": True})

    assert "recoveryInstanceID" not in participant
    assert service.job(job_id)["participatingServers"] == []


def test_faults_are_listed_and_cleared() -> None:
    service = Service()
    service.simulator.inject({"op": "DescribeJobs", "delay": 1})

    listed = service.simulator.injection.listed()
    service.simulator.injection.clear()

    assert listed == [{"op": "DescribeJobs", "delay": 1}]
    assert service.simulator.injection.listed() == []


@pytest.mark.parametrize(
    "document",
    [
        {"op": "DescribeJobs"},
        {"op": "DescribeJobs", "eror": "Boom"},
        {"op": 3},
        {"server": "db-0"},
        {"server": "db-0", "launch": "MAYBE"},
        {"job": "drsjob-00000000000000000"},
        "StartRecovery",
    ],
)
def test_a_fault_that_means_nothing_is_refused(document: Any) -> None:
    service = Service()

    with pytest.raises(ControlError):
        service.simulator.inject(document)

    assert service.simulator.injection.listed() == []
