"""How an execution that is refused for busy servers tells of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from drs.domain.conflicts import Busy, InExecution, InJob
from shared.domain.ports import ServerKey

_NAMED: Final = 5


def report(
    busy: Iterable[Busy], wave_names: Mapping[ServerKey, str]
) -> dict[str, Any]:
    """Return the conflicts by server, by execution and by DRS job.

    Args:
        busy: What keeps servers busy.
        wave_names: The name of the wave that wants each server.
    """
    found = sorted(busy, key=lambda one: one.server)
    runs: dict[str, dict[str, Any]] = {}
    jobs: dict[str, dict[str, Any]] = {}
    for one in found:
        if isinstance(one, InExecution):
            row = runs.setdefault(one.execution_id, _execution(one))
        else:
            row = jobs.setdefault(one.job_id, _job(one))
        if one.server.source_server_id not in row["servers"]:
            row["servers"].append(one.server.source_server_id)
    return {
        "conflicts": [
            one.row(wave_names.get(one.server, "")) for one in found
        ],
        "conflictingExecutions": [runs[one] for one in sorted(runs)],
        "conflictingDrsJobs": [jobs[one] for one in sorted(jobs)],
    }


def causes(report_: Mapping[str, Any]) -> str:
    """Return in words what keeps the servers of a report busy."""
    named = [
        f"execution {one['executionId']}"
        for one in report_["conflictingExecutions"]
    ] + [f"DRS job {one['jobId']}" for one in report_["conflictingDrsJobs"]]
    shown = ", ".join(named[:_NAMED])
    left = len(named) - _NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def _execution(one: InExecution) -> dict[str, Any]:
    return {
        "executionId": one.execution_id,
        "planId": one.plan_id,
        "servers": [],
    }


def _job(one: InJob) -> dict[str, Any]:
    return {"jobId": one.job_id, "jobStatus": one.job_status, "servers": []}
