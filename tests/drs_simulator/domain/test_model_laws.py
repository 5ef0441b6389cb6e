"""What holds of the service whatever is called, and whenever."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from drs_simulator.domain.faults import ServiceFault
from drs_simulator.domain.quotas import Quotas
from tests.drs_simulator.builders import Service

ORDER = ["PENDING", "STARTED", "COMPLETED"]
LAUNCH_ORDER = ["PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED"]
SMALL = Quotas(servers_per_job=3, concurrent_jobs=3, servers_in_jobs=6)


class ServiceMachine(RuleBasedStateMachine):
    """Calls in any order against small quotas."""

    @initialize(seed=st.integers(0, 2**32), servers=st.integers(1, 10))
    def begin(self, seed: int, servers: int) -> None:
        self.service = Service(servers, seed=seed, quotas=SMALL)
        self.jobs: dict[str, dict[str, Any]] = {}

    @rule(data=st.data(), drill=st.booleans())
    def start(self, data: st.DataObject, drill: bool) -> None:
        ids = data.draw(
            st.lists(st.sampled_from(self.service.ids), min_size=1, max_size=5)
        )
        try:
            job_id = self.service.start(*ids, isDrill=drill)
        except ServiceFault as fault:
            assert fault.code in (
                "ConflictException",
                "ServiceQuotaExceededException",
            )
        else:
            self.jobs[job_id] = self.service.job(job_id)

    @rule(data=st.data())
    def terminate(self, data: st.DataObject) -> None:
        found = self.service.pages("DescribeRecoveryInstances")
        ids = [item["recoveryInstanceID"] for item in found]
        if not ids:
            return
        chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1))
        try:
            self.service.call(
                "TerminateRecoveryInstances",
                recoveryInstanceIDs=list(dict.fromkeys(chosen)),
            )
        except ServiceFault as fault:
            assert fault.code in (
                "ConflictException",
                "ServiceQuotaExceededException",
            )

    @rule(data=st.data(), outcome=st.sampled_from(["FAILED", "UNFINISHED"]))
    def spoil(self, data: st.DataObject, outcome: str) -> None:
        server = data.draw(st.sampled_from(self.service.ids))
        self.service.simulator.inject(
            {"server": server, "launch": outcome, "times": 1}
        )

    @rule(seconds=st.floats(0, 600))
    def wait(self, seconds: float) -> None:
        self.service.clock.forward(seconds)

    @invariant()
    def quotas_hold_and_no_server_is_in_two_active_jobs(self) -> None:
        active = [
            job
            for job in self.service.pages("DescribeJobs")
            if job["status"] != "COMPLETED"
        ]
        taken = [
            p["sourceServerID"]
            for job in active
            for p in job["participatingServers"]
        ]
        assert len(active) <= SMALL.concurrent_jobs
        assert len(taken) <= SMALL.servers_in_jobs
        assert len(taken) == len(set(taken))

    @invariant()
    def jobs_and_servers_only_move_forward(self) -> None:
        for job_id, before in self.jobs.items():
            now = self.service.job(job_id)
            assert ORDER.index(before["status"]) <= ORDER.index(now["status"])
            for old, new in zip(
                before["participatingServers"],
                now["participatingServers"],
                strict=True,
            ):
                _moves_forward(old, new)
            self.jobs[job_id] = now

    @invariant()
    def every_recovery_instance_exists_as_a_machine(self) -> None:
        shown = {
            item["ec2InstanceID"]
            for item in self.service.pages("DescribeRecoveryInstances")
        }
        assert shown == set(self.service.machines.instances)


def _moves_forward(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = old["launchStatus"], new["launchStatus"]
    assert LAUNCH_ORDER.index(before) <= LAUNCH_ORDER.index(after)
    if before in ("LAUNCHED", "FAILED"):
        assert after == before


TestService = ServiceMachine.TestCase
TestService.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None
)


@given(
    servers=st.integers(0, 40),
    page=st.integers(1, 15),
)
@settings(max_examples=40, deadline=None)
def test_pages_partition_the_whole_set(servers: int, page: int) -> None:
    service = Service(servers)

    items = service.pages("DescribeSourceServers", maxResults=page)

    assert [item["sourceServerID"] for item in items] == service.ids


@given(seed=st.integers(0, 2**32), servers=st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_a_job_takes_five_to_fifteen_minutes(seed: int, servers: int) -> None:
    service = Service(servers, seed=seed)
    job_id = service.start(*service.ids)

    service.clock.forward(299)
    assert service.job(job_id)["status"] == "STARTED"
    service.clock.forward(601)

    assert service.job(job_id)["status"] == "COMPLETED"


@given(seed=st.integers(0, 2**32), polls=st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_a_poll_driven_job_completes_with_exactly_its_last_poll(
    seed: int, polls: int
) -> None:
    service = Service(seed=seed, polls=polls)
    job_id = service.start(*service.ids)

    statuses = [service.job(job_id)["status"] for _ in range(polls + 1)]

    assert statuses.count("COMPLETED") == 2
    assert statuses == sorted(statuses, key=ORDER.index)


@given(seed=st.integers(0, 2**32), cut=st.floats(0, 900))
@settings(max_examples=40, deadline=None)
def test_a_log_only_grows_at_its_end(seed: int, cut: float) -> None:
    service = Service(seed=seed)
    job_id = service.start(*service.ids)
    service.clock.forward(cut)
    early = service.log(job_id)
    service.clock.forward(1000)

    late = service.log(job_id)

    assert late[: len(early)] == early
    stamps = [item["logDateTime"] for item in late]
    assert stamps == sorted(stamps)


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = Service(seed=3), Service(seed=3)

    for service in (first, second):
        service.launch_all(*service.ids)

    assert first.pages("DescribeJobs") == second.pages("DescribeJobs")


def test_a_token_of_another_question_is_refused() -> None:
    service = Service(5)
    answer = service.call("DescribeSourceServers", maxResults=2)

    with pytest.raises(ServiceFault) as refused:
        service.call("DescribeJobs", nextToken=answer["nextToken"])

    assert refused.value.code == "ValidationException"
