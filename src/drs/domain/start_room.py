"""Whether the quotas of a Region let an execution begin there now.

One job that can start is enough: what does not fit now waits for room when
its turn comes, as ``drs.domain.capacity`` says.
"""

from collections.abc import Sequence

from drs.domain.capacity import Quotas
from drs.domain.job import Job
from shared.domain.errors import LimitExceeded


def no_room(
    quotas: Quotas, active: Sequence[Job], servers: int, where: str
) -> LimitExceeded | None:
    """Return why not even one job can start now; None: one can.

    Args:
        quotas: The quotas in force.
        active: Every job that is not over, of whatever kind.
        servers: How many servers are to be launched there.
        where: Account and Region, for people.
    """
    if len(active) >= quotas.concurrent_jobs:
        return _no_job(quotas, active, where)
    taken = sum(len(job.participants) for job in active)
    if taken >= quotas.servers_in_jobs:
        return _no_server(quotas, taken, servers, where)
    return None


def _no_job(
    quotas: Quotas, active: Sequence[Job], where: str
) -> LimitExceeded:
    return LimitExceeded(
        f"{len(active)} of {quotas.concurrent_jobs} DRS jobs are active in "
        f"{where}; wait for one to end, or have the quota raised.",
        code="CONCURRENT_JOBS_LIMIT_EXCEEDED",
        currentJobs=len(active),
        maxJobs=quotas.concurrent_jobs,
        activeJobs=[
            {
                "jobId": job.job_id,
                "status": str(job.status),
                "type": str(job.type),
                "serverCount": len(job.participants),
            }
            for job in active
        ],
    )


def _no_server(
    quotas: Quotas, taken: int, servers: int, where: str
) -> LimitExceeded:
    return LimitExceeded(
        f"{taken} of {quotas.servers_in_jobs} servers are in active DRS jobs "
        f"in {where}; wait for a job to end, or have the quota raised.",
        code="SERVERS_IN_JOBS_LIMIT_EXCEEDED",
        currentServersInJobs=taken,
        newServerCount=servers,
        totalAfterNew=taken + servers,
        maxServers=quotas.servers_in_jobs,
    )
