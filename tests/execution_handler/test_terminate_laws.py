"""Laws of ending instances, whatever goes wrong on the way."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from execution_handler.actions import OPERATIONS
from shared.domain.errors import DatabaseError, DrError
from shared.domain.record import Change, Record
from shared.domain.status import Status
from tests.execution_handler.bench import KEY, REGION, Bench
from tests.execution_handler.test_routes import ask
from tests.execution_handler.test_terminate import (
    HOUR,
    MINE,
    TERMINATE,
    ended,
    ended_by,
    terminate,
)
from tests.support.fake_drs import hub

OPERATION = "TerminateRecoveryInstances"
faults = st.fixed_dictionaries(
    {
        "lost": st.integers(min_value=0, max_value=2),
        "throttled": st.integers(min_value=0, max_value=6),
        "failing": st.integers(min_value=0, max_value=2),
        "listed_after": st.sampled_from([0, 5, 40]),
        "seconds": st.sampled_from([3, 8, 25, 300]),
        "pause": st.sampled_from([0, 1, 30, 400]),
    }
)


def request(bench: Bench, fault: dict[str, Any]) -> None:
    """Ask once while things go wrong; an error is an answer too."""
    wrong = [
        {"op": OPERATION, "loseReply": True, "times": fault["lost"]},
        {
            "op": OPERATION,
            "error": "ThrottlingException",
            "times": fault["throttled"],
        },
        {
            "op": "DescribeJobs",
            "error": "InternalServerException",
            "times": fault["failing"],
        },
    ]
    for one in wrong:
        if one["times"]:
            bench.drs.simulator.inject(one)
    if fault["listed_after"]:
        bench.drs.lists_jobs_after(fault["listed_after"])
    try:
        OPERATIONS["terminate_instances"](
            {"executionId": KEY.execution_id}, bench.ports(fault["seconds"])
        )
    except DrError:
        pass
    bench.worker.sent.clear()
    bench.drs.is_well_again()
    bench.clock.sleep(fault["pause"])


@settings(max_examples=100, deadline=None)
@given(
    servers=st.integers(min_value=1, max_value=4),
    foreign=st.integers(min_value=0, max_value=2),
    requests=st.lists(faults, min_size=1, max_size=5),
)
def test_no_instance_is_ended_twice_and_none_of_others(
    servers: int, foreign: int, requests: list[dict[str, Any]]
) -> None:
    bench = ended(servers)
    ids = sorted(bench.entry().server_ids)
    taken = ids[: min(foreign, servers)]
    if taken:
        bench.drs.foreign_job(taken, REGION)
        bench.clock.sleep(HOUR)
    region = bench.drs(hub(), REGION)
    theirs = {
        one.recovery_instance_id
        for one in region.recovery_instances()
        if one.source_server_id in taken
    }

    for fault in requests:
        request(bench, fault)
        assert bench.record.status is Status.COMPLETED
    bench.clock.sleep(HOUR)
    terminate(bench)
    bench.clock.sleep(HOUR)
    last = terminate(bench).body

    jobs = ended_by(bench)
    named = [p.old_instance for job in jobs for p in job.participants]
    assert len(named) == len(set(named)) == servers - len(taken)
    assert {
        one.recovery_instance_id for one in region.recovery_instances()
    } == theirs
    if named:
        assert last["alreadyTerminated"] is True
        assert {one["jobId"] for one in last["jobs"]} == {
            job.job_id for job in jobs
        }
    else:
        assert last["noInstancesFound"] is True
        assert not bench.record.instances_terminated


def test_a_job_that_could_not_be_recorded_is_found_by_a_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = ended()
    real = bench.executions.commit

    def fails(before: Record, change: Change, *more: Any) -> Record | None:
        if "terminate_jobs" in change.set:
            raise DatabaseError("the table is away")
        return real(before, change, *more)

    monkeypatch.setattr(bench.executions, "commit", fails)
    first = ask(bench, "POST", TERMINATE)
    monkeypatch.setattr(bench.executions, "commit", real)
    again = terminate(bench).body

    assert (first.status, first.code) == (500, "DATABASE_ERROR")
    [job] = ended_by(bench)
    assert [one["jobId"] for one in again["jobs"]] == [job.job_id]
    assert again["totalTerminated"] == 2


def test_a_large_execution_is_shown_and_ended_as_any_other() -> None:
    bench = ended(servers=3)
    record = bench.record
    entry = bench.entry()
    bench.executions.forget(KEY)
    bench.executions.has(replace(record, waves=(), large=True))
    written = bench.executions.commit(
        bench.record, Change(wave=replace(entry, detail="items"))
    )
    assert written is not None and written.waves[0].server_ids == ()

    shown = ask(bench, "GET", MINE).body["waves"][0]
    now = ask(bench, "GET", f"{MINE}/realtime").body["waves"][0]
    listed = ask(bench, "GET", f"{MINE}/recovery-instances").body
    body = terminate(bench).body

    assert len(shown["enrichedServers"]) == len(now["servers"]) == 3
    assert all(row["ipAddress"] for row in now["enrichedServers"])
    assert listed["totalInstances"] == body["totalTerminated"] == 3
