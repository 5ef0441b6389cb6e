"""How an execution that is refused for busy servers tells of them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_NAMED: Final = 5
_KEYS: Final = {
    "execution": ("executionId", "conflictingExecutionId"),
    "drs_job": ("jobId", "conflictingJobId"),
}
_MORE: Final = {
    "execution": ("planId", "conflictingPlanId"),
    "drs_job": ("jobStatus", "conflictingJobStatus"),
}


def report(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return conflicts by server, by execution and by DRS job.

    Args:
        rows: The conflicts, a server each.
    """
    found = sorted(rows, key=lambda row: str(row["serverId"]))
    return {
        "conflicts": [dict(row) for row in found],
        "conflictingExecutions": _causes(found, "execution"),
        "conflictingDrsJobs": _causes(found, "drs_job"),
    }


def causes(told: Mapping[str, Any]) -> str:
    """Return in words what keeps the servers of a report busy."""
    named = [
        f"execution {one['executionId']}"
        for one in told["conflictingExecutions"]
    ] + [f"DRS job {one['jobId']}" for one in told["conflictingDrsJobs"]]
    shown = ", ".join(named[:_NAMED])
    left = len(named) - _NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def _causes(
    rows: Iterable[Mapping[str, Any]], source: str
) -> list[dict[str, Any]]:
    """Return each execution, or each job, with the servers it keeps busy."""
    (name, field), (more, of_more) = _KEYS[source], _MORE[source]
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["conflictSource"] != source:
            continue
        cause = found.setdefault(
            str(row[field]),
            {name: row[field], more: row[of_more], "servers": []},
        )
        if row["serverId"] not in cause["servers"]:
            cause["servers"].append(row["serverId"])
    return [found[one] for one in sorted(found)]
