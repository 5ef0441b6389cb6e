"""How far the ending of an execution's instances is.

A job that DRS has emptied or forgotten proves nothing: then the instances
themselves are looked at. Nothing is complete that has no job.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from drs.domain.job import Job, JobType, is_over
from drs.domain.ports import DrsRegion, DrsRegions
from drs.reach import Context, region_of
from execution_handler.launched import living
from execution_handler.ports import Ports
from execution_handler.requests import execution_named
from shared.domain.errors import BadRequest, NotFound
from shared.domain.execution import Wire
from shared.domain.record import Change, Record, TerminateJob
from shared.domain.status import LaunchStatus
from shared.domain.wire import shown, text_in

MAX_JOBS: Final = 200
MAX_CHARACTERS: Final = 8_192
_JOB_ID = re.compile(r"drsjob-[0-9a-zA-Z]{17}")


def get_termination_job_status(
    job_id: str,
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
    instance_ids: Sequence[str] = (),
) -> dict[str, Any]:
    """Return how far a job is that ends instances.

    Args:
        job_id: Its id.
        region: Where it runs.
        account_context: Whose; the hub's without one.
        regions: The ways in; this container's without them.
        instance_ids: The instances that the job was to end, for a job
            that DRS shows without servers.

    Raises:
        BadRequest: The id is none of a job that ends instances.
        NotFound: DRS does not know the job.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise BadRequest(
            f"{shown(job_id)} is no id of a DRS job.",
            code="INVALID_FORMAT",
            field="jobIds",
        )
    reach = region_of(region, account_context, regions)
    for job in reach.jobs([job_id]):
        if job.type != JobType.TERMINATE:
            raise BadRequest(
                f"Job {job_id} does not end instances; it is a {job.type} "
                "job.",
                code="INVALID_FORMAT",
                field="jobIds",
            )
        return _progress(job, reach, instance_ids)
    raise NotFound(
        f"DRS in {region} does not know job {job_id}.",
        jobId=job_id,
        region=region,
    )


def get_termination_status(event: Wire, ports: Ports) -> Wire:
    """Return how far the ending of an execution's instances is.

    What DRS says of the recorded jobs is noted in the record.

    Raises:
        BadRequest: ``MISSING_PARAMETERS``: there is no job to ask for.
        NotFound: ``EXECUTION_NOT_FOUND``; ``NOT_FOUND``: DRS does not know
            a job.
    """
    asked = _ids(event)
    region = text_in(event, "region").strip()
    record = ports.run.executions.find(execution_named(event))
    _check_region(region, record)
    jobs = _jobs(asked, region, record)
    if not jobs:
        raise BadRequest(
            "Nothing has been asked to end this execution's instances, and "
            "'jobIds' names no job.",
            code="MISSING_PARAMETERS",
            field="jobIds",
        )
    if asked:
        return _summary(_rows(jobs, record, ports))
    _, rows = follow(record, ports)
    return _summary(rows)


def follow(record: Record, ports: Ports) -> tuple[Record, list[Wire]]:
    """Note how far the recorded jobs are; return what is known of each.

    The instances count as terminated when every recorded job has completed
    and none of them exists any more, never because there is nothing.

    Raises:
        DrError: DRS could not be asked.
    """
    rows = _rows(record.terminate_jobs, record, ports)
    facts: dict[str, Any] = {}
    seen = tuple(
        replace(job, status=row["status"])
        for job, row in zip(record.terminate_jobs, rows, strict=True)
    )
    if seen != record.terminate_jobs:
        facts["terminate_jobs"] = seen
    over = bool(rows) and all(row["completed"] for row in rows)
    if over and not record.instances_terminated:
        if not living(record, ports):
            facts["instances_terminated"] = True
            facts["instances_terminated_at"] = ports.run.clock.now()
    if not facts:
        return record, rows
    written = ports.run.executions.commit(record, Change(set=facts))
    return written or ports.run.executions.record(record.key), rows


def _ids(event: Wire) -> list[str]:
    text = text_in(event, "jobIds", MAX_CHARACTERS)
    ids = list(dict.fromkeys(one.strip() for one in text.split(",")))
    named = [one for one in ids if one]
    if len(named) > MAX_JOBS:
        raise BadRequest(
            f"'jobIds' names {len(named)} jobs; {MAX_JOBS} are allowed.",
            code="INVALID_FORMAT",
            field="jobIds",
        )
    return named


def _check_region(region: str, record: Record) -> None:
    known = {
        *(entry.region for entry in record.waves),
        *(job.region for job in record.terminate_jobs),
        "",
    }
    if region not in known:
        raise BadRequest(
            f"The execution has nothing in Region {shown(region)}.",
            code="INVALID_FORMAT",
            field="region",
        )


def _jobs(
    asked: Sequence[str], region: str, record: Record
) -> list[TerminateJob]:
    """Return the jobs to look at, in the Region asked for or recorded."""
    recorded = {job.job_id: job for job in record.terminate_jobs}
    if not asked:
        return [
            replace(job, region=region or job.region)
            for job in recorded.values()
        ]
    found = []
    for job_id in asked:
        known = recorded.get(job_id)
        place = region or (known.region if known else "")
        if not place:
            raise BadRequest(
                f"Job {shown(job_id)} is not recorded; say its 'region'.",
                code="MISSING_PARAMETERS",
                field="region",
            )
        found.append(TerminateJob(job_id=job_id, region=place))
    return found


def _rows(
    jobs: Sequence[TerminateJob], record: Record, ports: Ports
) -> list[Wire]:
    account = ports.account_of(record)
    recorded = {job.job_id for job in record.terminate_jobs}
    alive: dict[str, int] | None = None
    rows = []
    for job in jobs:
        try:
            row = get_termination_job_status(
                job.job_id, job.region, account, regions=ports.drs
            )
        except NotFound:
            if job.job_id not in recorded:
                raise
            row = None
        if row is None or (not row["totalServers"] and _ended(row)):
            if alive is None:
                alive = {
                    region: len(found)
                    for region, found in living(record, ports).items()
                }
            row = _by_instances(job, alive.get(job.region, 0))
        rows.append({"jobId": job.job_id, "region": job.region, **row})
    return rows


def _ended(row: Wire) -> bool:
    return bool(row["status"] == "COMPLETED")


def _by_instances(job: TerminateJob, left: int) -> Wire:
    """Return how far a job is of which DRS shows nothing any more."""
    total = max(job.server_count, left)
    gone = total - left
    return {
        "status": "COMPLETED" if job.is_over or not left else job.status,
        "progress": 100 * gone // total if left else 100,
        "totalServers": total,
        "completedServers": gone,
        "failedServers": 0,
        "completed": not left,
    }


def _progress(job: Job, reach: DrsRegion, instance_ids: Sequence[str]) -> Wire:
    undone = [
        one.recovery_instance_id
        for one in job.participants
        if one.launch_status != LaunchStatus.TERMINATED
    ]
    if not job.participants:
        undone = list(instance_ids)
    total = len(job.participants) or len(undone)
    failed = sum(
        one.launch_status == LaunchStatus.FAILED for one in job.participants
    )
    left = len(undone)
    if is_over(job) and undone:
        # It ended without saying of every server that it did.
        left = failed = _left(undone, reach)
    done = total - left
    return {
        "status": job.status,
        "progress": 100 * done // total if total else 0,
        "totalServers": total,
        "completedServers": done,
        "failedServers": failed,
        "completed": bool(is_over(job) and total and not left),
    }


def _left(ids: Sequence[str], reach: DrsRegion) -> int:
    """Return how many exist still; one that has no id may."""
    named = [one for one in ids if one]
    found = reach.recovery_instances(instance_ids=named) if named else []
    return sum(one.is_live for one in found) + len(ids) - len(named)


def _summary(rows: Sequence[Wire]) -> Wire:
    total = sum(row["totalServers"] for row in rows)
    done = sum(row["completedServers"] for row in rows)
    complete = all(row["completed"] for row in rows)
    percent = 100 * done // total if total else 0
    return {
        "jobs": list(rows),
        "totalServers": total,
        "completedServers": done,
        "progressPercent": 100 if complete else min(percent, 99),
        "allCompleted": complete,
        "anyFailed": any(row["failedServers"] for row in rows),
    }
