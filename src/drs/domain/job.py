"""DRS jobs: what one is, which servers it holds, what its log tells.

An unknown status counts as waiting, never as an end. Whether a wave is
over is decided by the core from these facts, not here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from shared.domain.status import LaunchStatus


class JobStatus(StrEnum):
    """The states of a DRS job; there is no failed one."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"


class JobType(StrEnum):
    """What a DRS job does."""

    LAUNCH = "LAUNCH"
    TERMINATE = "TERMINATE"
    CREATE_CONVERTED_SNAPSHOT = "CREATE_CONVERTED_SNAPSHOT"


class WavePhase(StrEnum):
    """What a wave's jobs are doing, as their log tells."""

    STARTED = "STARTED"
    CONVERTING = "CONVERTING"
    LAUNCHING = "LAUNCHING"
    LAUNCHED = "LAUNCHED"


JOB_COMPLETE: Final = frozenset({JobStatus.COMPLETED})
JOB_WAIT: Final = frozenset({JobStatus.PENDING, JobStatus.STARTED})
SERVER_SUCCESS: Final = frozenset({LaunchStatus.LAUNCHED})
SERVER_FAILURE: Final = frozenset(
    {LaunchStatus.FAILED, LaunchStatus.TERMINATED}
)
SERVER_WAIT: Final = frozenset(
    {LaunchStatus.PENDING, LaunchStatus.IN_PROGRESS}
)
SERVER_TERMINAL: Final = SERVER_SUCCESS | SERVER_FAILURE

SERVER_SKIPPED: Final = "SERVER_SKIPPED"
_PHASE_OF_EVENT: Final = {
    "CONVERSION_START": WavePhase.CONVERTING,
    "LAUNCH_START": WavePhase.LAUNCHING,
}
_FAILURES: Final = frozenset(
    {
        SERVER_SKIPPED,
        "SNAPSHOT_FAIL",
        "USING_PREVIOUS_SNAPSHOT_FAILED",
        "CONVERSION_FAIL",
        "LAUNCH_FAILED",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One server in a job."""

    source_server_id: str
    launch_status: str = LaunchStatus.PENDING
    recovery_instance_id: str = ""
    launch_actions_status: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A DRS job as DescribeJobs gives it."""

    job_id: str
    status: str = JobStatus.PENDING
    type: str = JobType.LAUNCH
    initiated_by: str = ""
    created_at: int = 0
    ended_at: int | None = None
    participants: tuple[Participant, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def server_ids(self) -> frozenset[str]:
        """Return the servers that take part."""
        return frozenset(p.source_server_id for p in self.participants)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogItem:
    """One line of a job's log; ``data`` is all that DRS says of it."""

    logged_at: str
    event: str
    source_server_id: str = ""
    error: str = ""
    conversion_server_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def is_over(job: Job) -> bool:
    """Tell whether the job has ended; an unknown status has not."""
    return job.status in JOB_COMPLETE


def is_active_launch(job: Job) -> bool:
    """Tell whether the job launches servers and has not ended."""
    return job.type == JobType.LAUNCH and not is_over(job)


def is_terminal(launch_status: str) -> bool:
    """Tell whether a server's launch has ended, well or not."""
    return launch_status in SERVER_TERMINAL


def launch_actions(participant: Participant) -> str:
    """Return how the actions after a server's launch went; empty: none.

    DRS gives a status for each action only: one that failed tells, then
    one that still runs.
    """
    runs = participant.launch_actions_status.get("runs") or ()
    found = {str(run.get("status", "")) for run in runs}
    for status in ("FAILED", "IN_PROGRESS", "SUCCEEDED"):
        if status in found:
            return status
    return ""


def is_known(launch_status: str) -> bool:
    """Tell whether DRS's launch status is one that we know."""
    return launch_status in SERVER_TERMINAL | SERVER_WAIT


def unknown_statuses(job: Job) -> list[str]:
    """Return the statuses of a job and its servers that we do not know."""
    found = {
        participant.launch_status
        for participant in job.participants
        if not is_known(participant.launch_status)
    }
    if job.status not in JOB_COMPLETE | JOB_WAIT:
        found.add(job.status)
    return sorted(found)


def held_servers(jobs: Iterable[Job]) -> frozenset[str]:
    """Return the servers that active launch jobs still work on."""
    return frozenset(
        participant.source_server_id
        for job in jobs
        if is_active_launch(job)
        for participant in job.participants
        if not is_terminal(participant.launch_status)
    )


def holds(job: Job, server_id: str) -> bool:
    """Tell whether the job keeps the server from another launch."""
    return server_id in held_servers((job,))


def in_order(items: Iterable[LogItem]) -> list[LogItem]:
    """Return log lines oldest first, equal times as they came."""
    return sorted(items, key=lambda item: item.logged_at)


def phase(items: Iterable[LogItem]) -> str:
    """Return the phase that the log's latest telling event names."""
    told = [
        _PHASE_OF_EVENT[item.event]
        for item in in_order(items)
        if item.event in _PHASE_OF_EVENT
    ]
    return told[-1] if told else WavePhase.STARTED


def skipped(items: Iterable[LogItem]) -> frozenset[str]:
    """Return the servers that the job left out."""
    return frozenset(
        item.source_server_id
        for item in items
        if item.event == SERVER_SKIPPED and item.source_server_id
    )


def launch_errors(items: Iterable[LogItem]) -> dict[str, str]:
    """Return per failed server the latest error its log gives."""
    return {
        item.source_server_id: item.error or item.event
        for item in in_order(items)
        if item.event in _FAILURES and item.source_server_id
    }
