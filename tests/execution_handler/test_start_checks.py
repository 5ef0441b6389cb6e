"""What a start is refused for in its target account, and warned of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drs_simulator.domain.records import ReplicationState
from execution_handler.start_execution import start_execution
from execution_handler.worker import start_machine
from shared.domain.errors import (
    AccountUnreachable,
    DatabaseError,
    DrError,
)
from shared.domain.record import Key, Record
from shared.domain.status import Status
from tests.execution_handler.bench import PLAN, REGION, Bench
from tests.support.fake_drs import HUB

FAR = "eu-west-1"
TARGET = "444455556666"
WORKER_WAVES = 51


@pytest.fixture
def bench() -> Bench:
    """Return a bench whose plan has two waves in two Regions."""
    bench = Bench()
    bench.has_group("db", 2)
    bench.drs.has_servers(FAR, [{"Name": "web-0", "tier": "web"}])
    bench.has_group("web", 0, region=FAR)
    bench.has_plan(
        {"protectionGroupId": "db", "waveName": "Database"},
        {"protectionGroupId": "web", "waveName": "Web"},
    )
    return bench


def start(bench: Bench, kind: str = "DRILL", **more: Any) -> dict[str, Any]:
    event = {"planId": PLAN, "executionType": kind, **more}
    return start_execution(event, bench.ports())


def refused(bench: Bench, kind: str = "DRILL") -> DrError:
    """Return how a start was refused; nothing may be left of it."""
    before = set(bench.executions.items)
    with pytest.raises(DrError) as caught:
        start(bench, kind)
    assert set(bench.executions.items) == before
    assert bench.worker.sent == []
    return caught.value


def ended_later(bench: Bench, kind: str = "DRILL") -> Record:
    """Return how a start too big for its answer ends."""
    waves = [{"protectionGroupId": "db"}, {"protectionGroupId": "web"}]
    bench.has_plan(*waves * 26)
    key = Key(start(bench, kind)["executionId"], PLAN)
    before = {k for k in bench.executions.items if "server-lock" in k[0]}
    start_machine(bench.worker.take(), bench.ports())
    record = bench.executions.record(key)
    if record.status is Status.FAILED:
        after = {k for k in bench.executions.items if "server-lock" in k[0]}
        assert after == before
        assert bench.machine.runs == {}
    return record


def types(reply: dict[str, Any]) -> list[str]:
    return [one["type"] for one in reply["warnings"]]


def a_job_of_others(bench: Bench) -> None:
    bench.drs.foreign_job(["s-2"], REGION)


def all_jobs_run(bench: Bench) -> None:
    (other,) = bench.drs.has_servers(REGION, [{"Name": "other"}])
    bench.drs.has_quotas(concurrent_jobs=1)
    bench.drs.foreign_job([other], REGION)


def all_servers_in_jobs(bench: Bench) -> None:
    (other,) = bench.drs.has_servers(REGION, [{"Name": "other"}])
    bench.drs.has_quotas(servers_in_jobs=1)
    bench.drs.foreign_job([other], REGION)


def replicates(bench: Bench, state: str) -> None:
    place = bench.drs.simulator.state.region(HUB, REGION)
    server = next(iter(place.servers.values()))
    replication = replace(server.replication, state=ReplicationState(state))
    place.servers[server.server_id] = replace(server, replication=replication)


def one_is_stopped(bench: Bench) -> None:
    replicates(bench, "STOPPED")


def one_is_unknown(bench: Bench) -> None:
    bench.groups.put(
        {
            **bench.groups.group("db"),
            "serverSelectionTags": {},
            "sourceServerIds": ["s-00000000000000001", "s-0000000000000dead"],
        }
    )


REFUSALS = [
    (a_job_of_others, "SERVER_CONFLICT"),
    (all_jobs_run, "CONCURRENT_JOBS_LIMIT_EXCEEDED"),
    (all_servers_in_jobs, "SERVERS_IN_JOBS_LIMIT_EXCEEDED"),
    (one_is_stopped, "UNHEALTHY_SERVER_REPLICATION"),
    (one_is_unknown, "UNHEALTHY_SERVER_REPLICATION"),
]


@pytest.mark.parametrize(("spoil", "code"), REFUSALS)
def test_what_a_start_is_refused_for_leaves_nothing(
    bench: Bench, spoil: Callable[[Bench], None], code: str
) -> None:
    spoil(bench)

    assert refused(bench).code == code


@pytest.mark.parametrize(("spoil", "code"), REFUSALS)
def test_a_big_start_is_refused_for_the_same_by_the_worker(
    bench: Bench, spoil: Callable[[Bench], None], code: str
) -> None:
    spoil(bench)

    record = ended_later(bench)

    assert record.status is Status.FAILED
    assert record.error_code == code
    assert record.outcome["details"]
    assert record.finalized_at


def test_a_job_of_others_is_told_with_its_servers(bench: Bench) -> None:
    job = bench.drs.foreign_job(["s-2"], REGION)

    details = refused(bench).details

    assert details == {
        "conflicts": [
            {
                "serverId": "s-00000000000000002",
                "waveName": "Database",
                "conflictingJobId": job,
                "conflictingJobStatus": "PENDING",
                "conflictingLaunchStatus": "PENDING",
                "conflictSource": "drs_job",
            }
        ],
        "conflictingExecutions": [],
        "conflictingDrsJobs": [
            {
                "jobId": job,
                "jobStatus": "PENDING",
                "servers": ["s-00000000000000002"],
            }
        ],
    }


def test_a_job_that_is_over_is_in_nobodys_way(bench: Bench) -> None:
    bench.drs.foreign_job(["s-2"], REGION)
    bench.clock.sleep(7_200)

    assert start(bench)["status"] == "PENDING"


def test_servers_of_an_active_execution_are_told_with_its_plan_and_wave(
    bench: Bench,
) -> None:
    first = start(bench)["executionId"]
    bench.worker.take()
    again = bench.plans.plan(PLAN)
    other = type(again)(
        plan_id="plan-2", plan_name="Other", waves=again.waves[1:], version=1
    )
    bench.plans.put(other)

    with pytest.raises(DrError) as caught:
        start(bench, planId="plan-2")

    assert caught.value.code == "SERVER_CONFLICT"
    assert caught.value.details["conflicts"] == [
        {
            "serverId": "s-00000000000000003",
            "waveName": "Web",
            "conflictingExecutionId": first,
            "conflictingPlanId": PLAN,
            "conflictingWaveName": "Web",
            "conflictingStatus": "PENDING",
            "conflictSource": "execution",
        }
    ]
    assert caught.value.details["conflictingExecutions"] == [
        {
            "executionId": first,
            "planId": PLAN,
            "servers": ["s-00000000000000003"],
        }
    ]


def test_a_full_region_of_a_later_wave_is_only_worth_a_warning(
    bench: Bench,
) -> None:
    (other,) = bench.drs.has_servers(FAR, [{"Name": "other"}])
    bench.drs.has_quotas(concurrent_jobs=1)
    bench.drs.foreign_job([other], FAR)

    assert types(start(bench)) == ["CONCURRENT_JOBS_AT_LIMIT"]


def test_room_for_one_server_is_room_enough(bench: Bench) -> None:
    (other,) = bench.drs.has_servers(REGION, [{"Name": "other"}])
    bench.drs.has_quotas(servers_in_jobs=2)
    bench.drs.foreign_job([other], REGION)

    assert start(bench)["warnings"] == []


def test_a_quota_refusal_tells_the_figures(bench: Bench) -> None:
    all_jobs_run(bench)

    details = refused(bench).details

    assert (details["currentJobs"], details["maxJobs"]) == (1, 1)
    (job,) = details["activeJobs"]
    assert (job["type"], job["serverCount"]) == ("LAUNCH", 1)


def test_a_refusal_for_servers_in_jobs_tells_the_figures(
    bench: Bench,
) -> None:
    all_servers_in_jobs(bench)

    assert refused(bench).details == {
        "currentServersInJobs": 1,
        "newServerCount": 2,
        "totalAfterNew": 3,
        "maxServers": 1,
    }


def test_quotas_that_cannot_be_read_are_assumed_and_told(
    bench: Bench,
) -> None:
    bench.drs.refuses("GetServiceQuota", "AccessDeniedException")

    assert types(start(bench)) == ["QUOTAS_ASSUMED", "QUOTAS_ASSUMED"]


@pytest.mark.parametrize(
    ("state", "drill", "recovery"),
    [
        ("CONTINUOUS", True, True),
        ("BACKLOG", True, True),
        ("RESCAN", True, True),
        ("CREATING_SNAPSHOT", True, True),
        ("STALLED", False, True),
        ("DISCONNECTED", False, True),
        ("PAUSED", False, True),
        ("STOPPED", False, False),
        ("INITIATING", False, False),
        ("INITIAL_SYNC", False, False),
    ],
)
def test_a_recovery_takes_lost_sources_and_a_drill_does_not(
    state: str, drill: bool, recovery: bool
) -> None:
    for kind, accepted in (("DRILL", drill), ("RECOVERY", recovery)):
        bench = Bench()
        bench.has_group("db", 2)
        bench.has_plan({"protectionGroupId": "db"})
        replicates(bench, state)

        if not accepted:
            assert refused(bench, kind).code == "UNHEALTHY_SERVER_REPLICATION"
            continue
        lost = kind == "RECOVERY" and not drill
        warned = ["SOURCE_REPLICATION_LOST"] if lost else []
        assert types(start(bench, kind)) == warned


def test_unhealthy_servers_are_told_one_by_one(bench: Bench) -> None:
    one_is_stopped(bench)

    assert refused(bench).details == {
        "unhealthyServers": [
            {
                "serverId": "s-00000000000000001",
                "hostname": "db-0",
                "replicationState": "STOPPED",
                "lifecycleState": None,
                "reason": "its replication is STOPPED",
            }
        ],
        "healthyCount": 2,
        "unhealthyCount": 1,
    }


@pytest.mark.parametrize(
    ("is_drill", "severity"), [(True, "WARNING"), (False, "CRITICAL")]
)
def test_instances_that_a_launch_replaces_are_warned_of(
    bench: Bench, is_drill: bool, severity: str
) -> None:
    region = bench.ports().region({}, REGION)
    region.start_recovery(["s-00000000000000001"], is_drill=is_drill, tags={})
    bench.clock.sleep(7_200)

    (warning,) = start(bench)["warnings"]

    assert warning["type"] == "EXISTING_RECOVERY_INSTANCES"
    assert warning["severity"] == severity
    assert warning["canProceed"] is is_drill
    (row,) = warning["existingInstances"]
    assert row["sourceServerId"] == "s-00000000000000001"


@pytest.mark.parametrize("error", ["ThrottlingException", "AccessDenied"])
@pytest.mark.parametrize(
    "operation",
    ["DescribeSourceServers", "DescribeJobs", "DescribeRecoveryInstances"],
)
def test_a_check_that_cannot_be_made_refuses_and_leaves_nothing(
    bench: Bench, operation: str, error: str
) -> None:
    bench.drs.refuses(operation, error)

    told = refused(bench)

    assert (told.code, told.status) == ("CHECK_UNAVAILABLE", 503)
    assert REGION in told.message


def test_executions_that_cannot_be_read_refuse_the_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Record]:
        raise DatabaseError("no index")

    monkeypatch.setattr(bench.executions, "active", broken)

    assert refused(bench).code == "CHECK_UNAVAILABLE"


def test_a_region_without_drs_is_told_as_such(bench: Bench) -> None:
    bench.drs.is_not_initialised(FAR)

    assert refused(bench).code == "DRS_NOT_INITIALIZED"


class TestAccounts:
    """Which account a plan works in, and by which way."""

    @pytest.fixture
    def far(self) -> Bench:
        bench = Bench()
        bench.has_group("db", 0, accountId=TARGET)
        bench.drs.has_servers(
            REGION, [{"Name": "db-0", "tier": "db"}], account=TARGET
        )
        bench.has_plan({"protectionGroupId": "db"})
        bench.accounts.put(
            {
                "accountId": TARGET,
                "status": "active",
                "roleArn": f"arn:aws:iam::{TARGET}:role/Ours",
                "externalId": "secret-1",
                "assumeRoleName": "Ours",
            }
        )
        return bench

    def context(self, bench: Bench) -> dict[str, Any]:
        key = Key(start(bench)["executionId"], PLAN)
        return dict(bench.executions.record(key).account_context)

    def test_the_registered_way_is_noted(self, far: Bench) -> None:
        assert self.context(far) == {
            "accountId": TARGET,
            "assumeRoleName": "Ours",
            "isCurrentAccount": False,
            "externalId": "secret-1",
            "roleArn": f"arn:aws:iam::{TARGET}:role/Ours",
        }
        assert {call.account for call in far.drs.calls} == {TARGET}

    def test_a_role_that_a_group_asks_for_is_taken(self, far: Bench) -> None:
        group = far.groups.group("db")
        far.groups.put({**group, "assumeRoleName": "Special"})

        context = self.context(far)

        assert context["roleArn"] == f"arn:aws:iam::{TARGET}:role/Special"
        assert context["externalId"] == "secret-1"

    @pytest.mark.parametrize("status", ["inactive", None])
    def test_an_account_that_is_not_active_is_refused(
        self, far: Bench, status: str | None
    ) -> None:
        if status is None:
            far.groups.put(
                {**far.groups.group("db"), "accountId": "999900001111"}
            )
        else:
            far.accounts.put({"accountId": TARGET, "status": status})

        assert refused(far).code == "TARGET_ACCOUNT_NOT_FOUND"
        assert far.drs.calls == []

    def test_the_hub_may_be_spelled_out(self, bench: Bench) -> None:
        bench.groups.put({**bench.groups.group("db"), "accountId": HUB})

        assert self.context(bench)["isCurrentAccount"] is True

    def test_a_role_that_is_refused_is_told_as_such(
        self, far: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreachable(*given: object) -> None:
            raise AccountUnreachable("no way in", accountId=TARGET)

        monkeypatch.setattr(far.drs, "answer", unreachable)

        assert refused(far).code == "ACCOUNT_UNREACHABLE"
