"""Ending what an execution launched, asked as API Gateway asks."""

from typing import Any

import pytest
from msgspec.structs import replace

from drs_simulator.domain import records
from execution_handler.actions import OPERATIONS
from execution_handler.termination import get_termination_job_status
from shared.domain.errors import BadRequest, NotFound
from shared.domain.record import Change, ServerStatus, WaveEntry
from shared.domain.status import Status, WaveStatus
from shared.run import settle_end
from tests.execution_handler.bench import KEY, REGION, Bench
from tests.execution_handler.test_routes import Asked, ask
from tests.support.fake_drs import hub

MINE = f"/executions/{KEY.execution_id}"
TERMINATE = f"{MINE}/terminate-instances"
STATUS = f"{MINE}/termination-status"
HOUR = 3_600
JOB = "drsjob-00000000000000001"


def ended(servers: int = 2) -> Bench:
    """Return a bench whose execution launched its servers and ended."""
    bench = Bench()
    bench.has_group("db", servers)
    bench.runs({"protectionGroupId": "db"})
    bench.start(0)
    bench.clock.sleep(HOUR)
    for intent in bench.intents:
        bench.executions.has_intent(
            KEY, replace(intent, settled_at=bench.clock.now())
        )
    entry = bench.entry()
    done = replace(
        entry,
        status=WaveStatus.COMPLETED,
        server_statuses=tuple(
            replace(s, launch_status="LAUNCHED") for s in entry.server_statuses
        ),
        launched_count=servers,
    )
    written = bench.executions.commit(
        bench.record, Change(status=Status.COMPLETED, wave=done)
    )
    assert written is not None
    settle_end(written, bench.run_ports())
    return bench


@pytest.fixture
def bench() -> Bench:
    return ended()


def ended_by(bench: Bench) -> list[records.Job]:
    """Return the jobs that end instances, oldest first."""
    region = bench.drs.simulator.state.region(hub().account_id, REGION)
    return [
        job
        for job in region.jobs.values()
        if job.type is records.JobType.TERMINATE
    ]


def terminate(bench: Bench) -> Asked:
    asked = ask(bench, "POST", TERMINATE)
    assert asked.status == 200, asked.body
    return asked


class TestTerminate:
    def test_every_instance_is_ended_and_the_job_is_in_the_record(
        self, bench: Bench
    ) -> None:
        body = terminate(bench).body

        [job] = ended_by(bench)
        assert body["jobs"] == [
            {
                "jobId": job.job_id,
                "region": REGION,
                "type": "TERMINATE",
                "status": "PENDING",
            }
        ]
        assert [row["jobId"] for row in body["terminated"]] == [job.job_id] * 2
        assert body["failed"] == []
        assert (body["totalFound"], body["totalTerminated"]) == (2, 2)
        record = bench.record
        assert [one.job_id for one in record.terminate_jobs] == [job.job_id]
        assert record.termination_initiated_at == bench.clock.now()
        assert not record.instances_terminated
        assert not record.termination_lease_expiry

    def test_a_repeat_finds_the_job_and_starts_nothing(
        self, bench: Bench
    ) -> None:
        first = terminate(bench).body
        again = terminate(bench).body

        assert again == first
        assert len(ended_by(bench)) == 1

    def test_a_repeat_after_the_end_says_that_all_are_gone(
        self, bench: Bench
    ) -> None:
        terminate(bench)
        bench.clock.sleep(HOUR)

        body = terminate(bench).body
        again = terminate(bench).body

        assert body == again
        assert body["alreadyTerminated"] is True
        assert body["totalFound"] == 0
        record = bench.record
        assert record.instances_terminated
        assert record.instances_terminated_at == bench.clock.now()
        assert record.status is Status.COMPLETED
        shown = ask(bench, "GET", MINE).body["terminationMetadata"]
        assert shown["canTerminate"] is False

    def test_instances_of_other_executions_are_left_alone(
        self, bench: Bench
    ) -> None:
        ids = bench.entry().server_ids
        bench.drs.foreign_job(ids[:1], REGION)
        bench.clock.sleep(HOUR)

        body = terminate(bench).body

        assert body["totalFound"] == 1
        [job] = ended_by(bench)
        assert [p.server_id for p in job.participants] == [ids[1]]

    def test_nothing_there_is_no_proof_that_all_were_terminated(
        self, bench: Bench
    ) -> None:
        region = bench.drs(hub(), REGION)
        ids = [i.recovery_instance_id for i in region.recovery_instances()]
        region.terminate_recovery_instances(ids)
        bench.clock.sleep(HOUR)

        body = terminate(bench).body

        assert body["noInstancesFound"] is True
        assert body["jobs"] == []
        assert not bench.record.instances_terminated

    def test_a_hundred_go_into_one_request(self) -> None:
        bench = ended(servers=150)

        body = terminate(bench).body

        assert body["totalTerminated"] == 150
        assert [len(j.participants) for j in ended_by(bench)] == [100, 50]
        assert len(bench.record.terminate_jobs) == 2

    def test_a_lost_answer_is_looked_for_and_not_asked_again(
        self, bench: Bench
    ) -> None:
        bench.drs.simulator.inject(
            {
                "op": "TerminateRecoveryInstances",
                "loseReply": True,
                "times": 1,
            }
        )

        body = terminate(bench).body

        [job] = ended_by(bench)
        assert [row["jobId"] for row in body["terminated"]] == [job.job_id] * 2
        assert [one["jobId"] for one in body["jobs"]] == [job.job_id]
        calls = bench.drs.calls_of("TerminateRecoveryInstances")
        assert len(calls) == 1

    def test_a_lost_answer_whose_job_shows_late_is_found_by_a_repeat(
        self, bench: Bench
    ) -> None:
        bench.drs.simulator.inject(
            {
                "op": "TerminateRecoveryInstances",
                "loseReply": True,
                "times": 1,
            }
        )
        bench.drs.lists_jobs_after(40)

        first = terminate(bench).body
        bench.clock.sleep(60)
        again = terminate(bench).body

        assert len(ended_by(bench)) == 1
        assert first["jobs"] == []
        assert again["jobs"][0]["jobId"] == ended_by(bench)[0].job_id
        assert again["totalTerminated"] == 2

    def test_a_lost_answer_whose_job_is_over_by_now_counts_as_the_end(
        self, bench: Bench
    ) -> None:
        bench.drs.simulator.inject(
            {
                "op": "TerminateRecoveryInstances",
                "loseReply": True,
                "times": 1,
            }
        )
        servers = tuple(
            replace(s, recovery_instance_id=one.recovery_instance_id)
            for s, one in zip(
                bench.entry().server_statuses,
                bench.drs(hub(), REGION).recovery_instances(),
                strict=True,
            )
        )
        entry = replace(bench.entry(), server_statuses=servers)
        bench.executions.commit(bench.record, Change(wave=entry))
        bench.drs.lists_jobs_after(40)
        terminate(bench)
        bench.clock.sleep(HOUR)

        body = terminate(bench).body

        assert body["alreadyTerminated"] is True
        assert len(ended_by(bench)) == 1

    def test_a_throttled_request_is_made_again(self, bench: Bench) -> None:
        bench.drs.throttles_next("TerminateRecoveryInstances", 2)

        body = terminate(bench).body

        assert body["totalTerminated"] == 2
        assert len(ended_by(bench)) == 1

    def test_a_server_that_is_busy_in_another_job_is_named(
        self, bench: Bench
    ) -> None:
        ids = bench.entry().server_ids
        bench.drs.foreign_job(ids[:1], REGION)

        body = terminate(bench).body

        [failed] = body["failed"]
        assert failed["errorType"] == "SERVER_CONFLICT"
        assert body["totalTerminated"] == 1
        [job] = ended_by(bench)
        assert [p.server_id for p in job.participants] == [ids[1]]

    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            ("ServiceQuotaExceededException", "QUOTA_EXCEEDED"),
            ("AccessDeniedException", "ACCESS_DENIED"),
        ],
    )
    def test_a_refusal_is_told_for_every_instance(
        self, bench: Bench, error: str, kind: str
    ) -> None:
        bench.drs.refuses("TerminateRecoveryInstances", error)

        body = terminate(bench).body

        assert {one["errorType"] for one in body["failed"]} == {kind}
        assert body["totalFailed"] == 2
        assert body["jobs"] == []

    def test_instances_that_cannot_be_looked_up_are_no_empty_answer(
        self, bench: Bench
    ) -> None:
        bench.drs.refuses(
            "DescribeRecoveryInstances", "InternalServerException"
        )

        asked = ask(bench, "POST", TERMINATE)

        assert (asked.status, asked.code) == (503, "DRS_UNAVAILABLE")

    def test_one_request_at_a_time_asks_drs(self, bench: Bench) -> None:
        now = bench.clock.now()
        bench.executions.commit(
            bench.record,
            Change(set={"termination_lease_expiry": now + 100}),
        )

        held = terminate(bench).body
        bench.clock.sleep(101)
        free = terminate(bench).body

        assert held["inProgress"] is True
        assert (held["totalFound"], held["totalTerminated"]) == (2, 0)
        assert free["totalTerminated"] == 2

    def test_a_request_that_has_no_time_left_goes_on_behind_the_reply(
        self, bench: Bench
    ) -> None:
        event = {"executionId": KEY.execution_id, "initiatedBy": "ann"}

        reply = OPERATIONS["terminate_instances"](event, bench.ports(3))
        later = bench.worker.take()
        OPERATIONS[later["operation"]](later, bench.ports())

        assert reply["inProgress"] is True
        assert later["initiatedBy"] == "ann"
        assert len(bench.record.terminate_jobs) == 1

    def test_a_run_that_goes_on_and_one_without_a_job_are_refused(
        self, bench: Bench
    ) -> None:
        other = Bench()
        other.has_group("db", 1)
        other.runs({"protectionGroupId": "db"})
        before = ask(other, "POST", TERMINATE)
        other.start(0)
        running = ask(other, "POST", TERMINATE)
        other.becomes(Status.FAILED)
        flying = ask(other, "POST", TERMINATE)
        missing = ask(other, "POST", "/executions/none/terminate-instances")
        entry = replace(bench.entry(), job_id=None, job_ids=())
        bench.executions.has(replace(bench.record, waves=(entry,)))
        for intent in bench.intents:
            bench.executions.has_intent(KEY, replace(intent, job_id=""))
        without = ask(bench, "POST", TERMINATE)

        assert before.code == "EXECUTION_NO_WAVES"
        assert running.code == flying.code == "WAVES_NOT_COMPLETE"
        assert (missing.status, missing.code) == (404, "EXECUTION_NOT_FOUND")
        assert without.code == "EXECUTION_NO_WAVES"

    def test_a_target_account_is_reached_as_it_is_registered(
        self, bench: Bench
    ) -> None:
        ports = bench.ports()
        record = replace(
            bench.record, account_context={"accountId": "444455556666"}
        )
        assert not ports.account_of(record).is_current
        assert ports.account_of(record).external_id == ports.external_id
        accounts: Any = ports.accounts
        accounts.put(
            {
                "accountId": "444455556666",
                "roleArn": "arn:aws:iam::444455556666:role/own",
                "externalId": "secret",
            }
        )

        found = ports.account_of(record)

        assert found.role_arn.endswith(":role/own")
        assert found.external_id == "secret"


class TestStatus:
    def test_progress_grows_to_a_hundred_with_the_last_instance(
        self, bench: Bench
    ) -> None:
        terminate(bench)
        first = ask(bench, "GET", STATUS).body
        active = ask(bench, "GET", "/executions").body["items"][0]
        bench.clock.sleep(HOUR)
        last = ask(bench, "GET", STATUS).body
        row = ask(bench, "GET", "/executions").body["items"][0]

        assert (first["totalServers"], first["allCompleted"]) == (2, False)
        assert first["progressPercent"] < 100
        assert active["hasActiveDrsJobs"] is True
        assert last["progressPercent"] == 100
        assert last["allCompleted"] is True and last["anyFailed"] is False
        assert last["jobs"][0]["status"] == "COMPLETED"
        assert bench.record.instances_terminated
        assert row["hasActiveDrsJobs"] is False

    def test_no_job_is_an_error_and_never_all_done(self, bench: Bench) -> None:
        asked = ask(bench, "GET", STATUS)

        assert (asked.status, asked.code) == (400, "MISSING_PARAMETERS")

    @pytest.mark.parametrize("fault", ["empties_job", "forgets_job"])
    @pytest.mark.parametrize("over", [False, True])
    def test_a_job_that_shows_nothing_is_judged_by_the_instances(
        self, bench: Bench, fault: str, over: bool
    ) -> None:
        terminate(bench)
        job = bench.record.terminate_jobs[0].job_id
        bench.clock.sleep(HOUR if over else 1)
        getattr(bench.drs, fault)(job)

        body = ask(bench, "GET", STATUS).body

        assert body["allCompleted"] is over
        assert bench.record.instances_terminated is over

    def test_jobs_may_be_named_and_the_record_stays_as_it_is(
        self, bench: Bench
    ) -> None:
        job = terminate(bench).body["jobs"][0]["jobId"]
        bench.clock.sleep(HOUR)
        before = bench.record

        body = ask(bench, "GET", STATUS, query={"jobIds": f" {job},,"}).body

        assert body["allCompleted"] is True
        assert bench.record == before

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ({"jobIds": "nonsense"}, 400, "MISSING_PARAMETERS"),
            ({"jobIds": "nonsense", "region": REGION}, 400, "INVALID_FORMAT"),
            ({"jobIds": JOB}, 400, "MISSING_PARAMETERS"),
            ({"jobIds": JOB, "region": REGION}, 404, "NOT_FOUND"),
            ({"region": "nowhere-1"}, 400, "INVALID_FORMAT"),
            ({"jobIds": "j," * 5_000}, 400, "INVALID_FORMAT"),
            (
                {"jobIds": ",".join(f"j{n}" for n in range(201))},
                400,
                "INVALID_FORMAT",
            ),
        ],
    )
    def test_jobs_that_cannot_be_looked_at_are_refused(
        self, bench: Bench, query: dict[str, str], status: int, code: str
    ) -> None:
        asked = ask(bench, "GET", STATUS, query=query)

        assert (asked.status, asked.code) == (status, code)

    def test_a_poll_notes_the_end_as_well(self, bench: Bench) -> None:
        terminate(bench)
        bench.clock.sleep(HOUR)

        OPERATIONS["poll"](
            {"executionId": KEY.execution_id, "planId": KEY.plan_id},
            bench.ports(),
        )

        assert bench.record.instances_terminated

    def test_a_function_of_one_job_tells_its_progress(
        self, bench: Bench
    ) -> None:
        launch = str(bench.entry().job_id)
        job = terminate(bench).body["jobs"][0]["jobId"]
        where: Any = {"regions": bench.drs}

        with pytest.raises(BadRequest):
            get_termination_job_status(launch, REGION, hub(), **where)
        with pytest.raises(NotFound):
            get_termination_job_status(JOB, REGION, hub(), **where)
        begun = get_termination_job_status(job, REGION, hub(), **where)
        bench.clock.sleep(HOUR)
        ids = [p.old_instance or "" for p in ended_by(bench)[0].participants]
        bench.drs.empties_job(job)
        blind = get_termination_job_status(job, REGION, hub(), **where)
        told = get_termination_job_status(
            job, REGION, hub(), instance_ids=ids, **where
        )

        assert begun["completed"] is False
        assert blind["completed"] is False and blind["progress"] == 0
        assert told["completed"] is True and told["progress"] == 100


def test_servers_that_a_wave_never_launched_have_no_instances() -> None:
    bench = ended()
    skipped = WaveEntry(
        wave_number=1,
        wave_name="later",
        status=WaveStatus.SKIPPED,
        start_time=1,
        region="",
        server_statuses=(
            ServerStatus(source_server_id="s", server_name="s", hostname=""),
        ),
    )
    record = bench.record
    bench.executions.has(replace(record, waves=(*record.waves, skipped)))

    assert terminate(bench).body["totalTerminated"] == 2
