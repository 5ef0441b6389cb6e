"""An execution as readers see it, from what is stored.

Decides which fields a reader gets beside the record's own, and which never.
Nothing here asks DRS or changes anything.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from shared.domain.record import Record, WaveEntry
from shared.domain.updates import iso

_NEVER_SHOWN = ("taskToken",)


def listed(record: Record, *, by_tags: bool) -> dict[str, Any]:
    """Return a row of the list of executions.

    Args:
        record: The record.
        by_tags: Whether a group of its plan selects servers by tags.
    """
    return {
        **_own(record),
        "recoveryPlanName": record.plan_name,
        "recoveryPlanId": record.plan_id,
        "selectionMode": "TAGS" if by_tags else "PLAN",
        "hasActiveDrsJobs": any(map(_job_runs, record.waves))
        or ends_instances(record),
        "terminationMetadata": termination(record),
    }


def detailed(record: Record, waves: Sequence[WaveEntry]) -> dict[str, Any]:
    """Return the execution as it is stored; its servers are added by others.

    Args:
        record: The record.
        waves: Its waves with their servers, wherever those lay.
    """
    return {
        **_own(record),
        "waves": [_wave(entry) for entry in waves],
        "dataSource": "cached",
        "lastUpdated": record.updated_at,
        "hasRealtimeData": False,
        "terminationMetadata": termination(record),
    }


def termination(record: Record) -> dict[str, Any]:
    """Return whether the execution's instances can be terminated, and why."""
    launched = any(entry.launched_count for entry in record.waves) or any(
        server.recovery_instance_id
        for entry in record.waves
        for server in entry.server_statuses
    )
    why_not = _why_not_terminable(record)
    return {
        "canTerminate": not why_not,
        "reason": why_not,
        "hasRecoveryInstances": launched and not record.instances_terminated,
    }


def ends_instances(record: Record) -> bool:
    """Tell whether a job that ends its instances was last seen to run."""
    return not record.instances_terminated and any(
        not job.is_over for job in record.terminate_jobs
    )


def _why_not_terminable(record: Record) -> str:
    if not record.status.is_terminal:
        return f"The execution is {record.status}; it has not ended."
    if not any(entry.job_id for entry in record.waves):
        return "No wave has started a job."
    if record.instances_terminated:
        return "The instances are terminated already."
    if any(not entry.is_final for entry in record.waves):
        return "A wave is still active."
    return ""


def _own(record: Record) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(record)
    body.setdefault("waves", [])
    body.setdefault("executionType", record.execution_type)
    return {k: v for k, v in body.items() if k not in _NEVER_SHOWN}


def _wave(entry: WaveEntry) -> dict[str, Any]:
    return {**msgspec.to_builtins(entry), "DRSJobDetails": job_details(entry)}


def job_details(entry: WaveEntry) -> dict[str, Any] | None:
    """Return what is known of the wave's jobs; None before there is one."""
    if not entry.job_id:
        return None
    over = entry.job_completed_at or (entry.end_time if entry.is_final else 0)
    return {
        "status": "COMPLETED" if over else "STARTED",
        "statusMessage": entry.status_message,
        "creationDateTime": _iso(entry.start_time),
        "endDateTime": _iso(over),
        "participatingServers": entry.server_count or len(entry.server_ids),
        "launchedServers": entry.launched_count,
    }


def _job_runs(entry: WaveEntry) -> bool:
    return bool(entry.job_id) and not entry.is_final


def _iso(moment: int | None) -> str | None:
    return iso(moment) if moment else None
