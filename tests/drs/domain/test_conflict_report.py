"""How busy servers are told of."""

from typing import Any

from drs.domain.conflict_report import causes, report


def in_run(server: str, execution: str = "e-1") -> dict[str, Any]:
    return {
        "serverId": server,
        "conflictSource": "execution",
        "conflictingExecutionId": execution,
        "conflictingPlanId": f"plan of {execution}",
    }


def in_job(server: str, job: str = "drsjob-1") -> dict[str, Any]:
    return {
        "serverId": server,
        "conflictSource": "drs_job",
        "conflictingJobId": job,
        "conflictingJobStatus": "STARTED",
    }


def test_conflicts_are_told_by_server_and_by_cause() -> None:
    rows = [
        in_run("s-3", "e-2"),
        in_job("s-2"),
        in_run("s-1", "e-1"),
        in_run("s-1", "e-2"),
        in_run("s-3", "e-2"),
    ]

    told = report(rows)

    assert [one["serverId"] for one in told["conflicts"]] == [
        "s-1",
        "s-1",
        "s-2",
        "s-3",
        "s-3",
    ]
    assert told["conflictingExecutions"] == [
        {"executionId": "e-1", "planId": "plan of e-1", "servers": ["s-1"]},
        {
            "executionId": "e-2",
            "planId": "plan of e-2",
            "servers": ["s-1", "s-3"],
        },
    ]
    assert told["conflictingDrsJobs"] == [
        {"jobId": "drsjob-1", "jobStatus": "STARTED", "servers": ["s-2"]}
    ]
    assert causes(told) == ("execution e-1, execution e-2, DRS job drsjob-1")


def test_many_causes_are_counted() -> None:
    exactly = report([in_job("s-1", f"drsjob-{n}") for n in range(5)])
    more = report([in_job("s-1", f"drsjob-{n}") for n in range(7)])

    assert causes(exactly).endswith("DRS job drsjob-4")
    assert causes(more).endswith("DRS job drsjob-4 and 2 more")


def test_nothing_busy_is_told_as_nothing() -> None:
    told = report([])

    assert told == {
        "conflicts": [],
        "conflictingExecutions": [],
        "conflictingDrsJobs": [],
    }
    assert causes(told) == ""
