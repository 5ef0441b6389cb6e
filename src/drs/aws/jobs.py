"""Jobs and their logs, in DRS's words and in ours."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from drs.aws.calls import Calls, chunks
from drs.domain.job import (
    Job,
    LogItem,
    Participant,
    in_order,
    is_over,
    unknown_statuses,
)
from drs.domain.timestamps import epoch, iso, iso_of_epoch

IDS_IN_A_CALL: Final = 1000
_LOG = logging.getLogger("dr.drs")


def start_recovery(
    calls: Calls,
    server_ids: Sequence[str],
    *,
    is_drill: bool,
    tags: Mapping[str, str],
) -> str:
    """Start one launch job, in exactly one attempt; return its id."""
    answer = calls.call(
        "drs",
        "start_recovery",
        once=True,
        isDrill=is_drill,
        sourceServers=[{"sourceServerID": one} for one in server_ids],
        tags=dict(tags),
    )
    return str(answer["job"]["jobID"])


def terminate(calls: Calls, instance_ids: Sequence[str]) -> str:
    """Start one termination job, in exactly one attempt; return its id."""
    answer = calls.call(
        "drs",
        "terminate_recovery_instances",
        once=True,
        recoveryInstanceIDs=list(instance_ids),
    )
    return str(answer["job"]["jobID"])


def jobs(calls: Calls, job_ids: Sequence[str]) -> list[Job]:
    """Return those of the jobs that DRS still knows.

    Statuses that we do not know are told; they count as waiting.
    """
    found = [
        one
        for chunk in chunks(job_ids, IDS_IN_A_CALL)
        for one in _described(calls, {"jobIDs": chunk})
    ]
    for one in found:
        unknown = unknown_statuses(one)
        if unknown:
            _LOG.warning(
                "unknown_drs_status",
                extra={"job_id": one.job_id, "statuses": unknown},
            )
    return found


def jobs_since(calls: Calls, since: int) -> list[Job]:
    """Return every job created at that time or later."""
    return _described(calls, {"fromDate": iso_of_epoch(since)})


def active_jobs(calls: Calls) -> list[Job]:
    """Return the jobs that are not over; DRS has no such filter."""
    return [one for one in _described(calls, {}) if not is_over(one)]


def job_log(calls: Calls, job_id: str) -> list[LogItem]:
    """Return a job's log, oldest first."""
    items = calls.items("drs", "describe_job_log_items", jobID=job_id)
    return in_order(log_item(item) for item in items)


def job(item: Mapping[str, Any]) -> Job:
    """Return DRS's job in our words."""
    return Job(
        job_id=item["jobID"],
        status=item.get("status", ""),
        type=item.get("type", ""),
        initiated_by=item.get("initiatedBy", ""),
        created_at=epoch(item.get("creationDateTime")) or 0,
        ended_at=epoch(item.get("endDateTime")),
        participants=tuple(
            _participant(one) for one in item.get("participatingServers", ())
        ),
        tags=dict(item.get("tags", {})),
    )


def log_item(item: Mapping[str, Any]) -> LogItem:
    """Return a line of DRS's job log in our words."""
    about = item.get("eventData", {})
    return LogItem(
        logged_at=iso(item.get("logDateTime")),
        event=item.get("event", ""),
        source_server_id=about.get("sourceServerID", ""),
        error=about.get("rawError", ""),
        conversion_server_id=about.get("conversionServerID", ""),
        data=dict(about),
    )


def _described(calls: Calls, filters: Mapping[str, Any]) -> list[Job]:
    items = calls.items("drs", "describe_jobs", filters=dict(filters))
    return [job(item) for item in items]


def _participant(item: Mapping[str, Any]) -> Participant:
    return Participant(
        source_server_id=item.get("sourceServerID", ""),
        launch_status=item.get("launchStatus", ""),
        recovery_instance_id=item.get("recoveryInstanceID", ""),
        launch_actions_status=dict(item.get("launchActionsStatus", {})),
    )
