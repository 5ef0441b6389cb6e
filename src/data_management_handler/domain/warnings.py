"""Warnings of a reply: what is allowed, and yet worth knowing."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final

NO_SERVERS_MATCH_NOW: Final = "NO_SERVERS_MATCH_NOW"
WAVE_WILL_BE_SPLIT: Final = "WAVE_WILL_BE_SPLIT"
CONCURRENT_JOBS_AT_LIMIT: Final = "CONCURRENT_JOBS_AT_LIMIT"
SERVER_CONFLICTS_DETECTED: Final = "SERVER_CONFLICTS_DETECTED"
_CONFLICTS: Final = (
    "execution_conflicts",
    "drs_job_conflicts",
    "quota_violations",
)

type Warning_ = dict[str, Any]


def warning(
    kind: str,
    message: str,
    recommendation: str,
    *,
    severity: str = "WARNING",
    can_execute_now: bool = True,
    conflicts: Mapping[str, Sequence[Any]] | None = None,
) -> Warning_:
    """Return a warning as the API shows it."""
    given = dict(conflicts or {})
    return {
        "type": kind,
        "severity": severity,
        "message": message,
        "recommendation": recommendation,
        "canExecuteNow": can_execute_now,
        "conflicts": {name: list(given.get(name, ())) for name in _CONFLICTS},
    }


def split(what: str, servers: int, servers_per_job: int) -> list[Warning_]:
    """Return the warning of a wave that needs several jobs, if it does."""
    jobs = ceil(servers / servers_per_job)
    if jobs < 2:
        return []
    return [
        warning(
            WAVE_WILL_BE_SPLIT,
            f"{what} has {servers} servers and is launched in {jobs} jobs of "
            f"at most {servers_per_job} servers.",
            "Nothing has to be done.",
            severity="INFO",
        )
    ]


def nothing_matches(what: str, selection: str) -> Warning_:
    """Return the warning of a selection that has no server now."""
    return warning(
        NO_SERVERS_MATCH_NOW,
        f"{what} has no servers now: nothing matches {selection}.",
        "Tag the DRS source servers before the plan is executed.",
        can_execute_now=False,
    )
