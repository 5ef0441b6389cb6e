"""How a job stands at a moment: a function of its plan and of the time.

Decides job status, launch status, log and due work. It acts on nothing; a
job therefore needs no thread to make progress. In poll-driven mode progress
is counted in answers of DescribeJobs instead of seconds.
"""

import math
from collections.abc import Iterator
from operator import itemgetter

from drs_simulator.domain.records import (
    Job,
    JobStatus,
    LaunchStatus,
    Outcome,
    Participant,
    Wire,
)
from drs_simulator.domain.times import stamp

NEVER = math.inf

type Logged = tuple[float, str, Participant | None]


def horizon(job: Job) -> float:
    """Return the largest offset of the plan."""
    if job.end is not None:
        return job.end
    offsets = [at for p in job.participants for _, at in p.steps]
    ends = [p.finish for p in job.participants if p.finish is not None]
    return max([job.start, *offsets, *ends])


def elapsed(job: Job, now: float) -> float:
    """Return how far into its plan a job is."""
    if job.needed_polls is None:
        return now - job.created
    return horizon(job) * (len(job.polls) / job.needed_polls)


def moment(job: Job, offset: float) -> float:
    """Return the wall-clock time at which an offset was reached."""
    if job.needed_polls is None:
        return job.created + offset
    share = offset / (horizon(job) or 1.0)
    poll = math.ceil(share * job.needed_polls - 1e-9)
    if poll <= 0 or not job.polls:
        return job.created
    return job.polls[min(poll, len(job.polls)) - 1]


def status(job: Job, now: float) -> JobStatus:
    """Return how far the job is."""
    reached = elapsed(job, now)
    if job.end is not None and reached >= job.end:
        return JobStatus.COMPLETED
    return JobStatus.STARTED if reached >= job.start else JobStatus.PENDING


def launch_status(
    job: Job, participant: Participant, now: float
) -> LaunchStatus:
    """Return how far a server is within its job."""
    if participant.status is not None:
        return participant.status
    if participant.begin is None or elapsed(job, now) < participant.begin:
        return LaunchStatus.PENDING
    return LaunchStatus.IN_PROGRESS


def next_due(job: Job) -> float:
    """Return the offset of the next thing that has to be acted on."""
    due = NEVER if job.end is None else job.end
    for participant in job.participants:
        if participant.cleanup_at is not None and not participant.cleaned:
            due = min(due, participant.cleanup_at)
        if participant.finish is not None and participant.status is None:
            due = min(due, participant.finish)
    return due


def log(job: Job, now: float) -> list[Logged]:
    """Return the job's log so far, in the order of time."""
    reached = elapsed(job, now)
    entries = [entry for entry in _events(job) if entry[0] <= reached]
    entries.sort(key=itemgetter(0))
    return entries


def log_item(job: Job, entry: Logged) -> Wire:
    """Return a line of the job's log as the service writes it."""
    at, event, participant = entry
    return {
        "logDateTime": stamp(moment(job, at)),
        "event": event,
        "eventData": _details(event, participant),
    }


def _events(job: Job) -> Iterator[Logged]:
    yield job.start, "JOB_START", None
    for participant in job.participants:
        for event, at in participant.steps:
            yield at, event, participant
        failed = participant.status is LaunchStatus.FAILED
        if failed and participant.finish is not None:
            event = (
                "CLEANUP_FAIL"
                if participant.outcome is Outcome.TERMINATED
                else "LAUNCH_FAILED"
            )
            yield participant.finish, event, participant
    if job.end is not None:
        yield job.end, "JOB_END", None


def _details(event: str, participant: Participant | None) -> Wire:
    if participant is None:
        return {}
    details: Wire = {"sourceServerID": participant.server_id}
    if event.startswith("CONVERSION_"):
        details["conversionServerID"] = "i-" + participant.server_id[2:]
    if event in ("LAUNCH_FAILED", "CLEANUP_FAIL", "SERVER_SKIPPED"):
        details["rawError"] = participant.reason
    return details
