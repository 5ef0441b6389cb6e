"""How much room the quotas of an account's Region leave for launches.

What was not readable from Service Quotas stands at the published value,
and says so. Whether to wait or to refuse is the caller's decision.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from drs.domain.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The quotas of DRS; the defaults are the published ones."""

    servers_per_job: int = 100
    concurrent_jobs: int = 20
    servers_in_jobs: int = 500
    jobs_per_server: int = 1
    replicating_servers: int = 300
    source_servers: int = 4000
    fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many more jobs, and servers in jobs, may start now."""

    jobs: int
    servers: int
    job_limit: int
    server_limit: int


def room(quotas: Quotas, active_jobs: Iterable[Job]) -> Room:
    """Return the room that the active jobs leave."""
    sizes = [len(job.participants) for job in active_jobs]
    return Room(
        jobs=max(0, quotas.concurrent_jobs - len(sizes)),
        servers=max(0, quotas.servers_in_jobs - sum(sizes)),
        job_limit=quotas.concurrent_jobs,
        server_limit=quotas.servers_in_jobs,
    )


def awaited(room: Room, servers: int) -> str | None:
    """Return what a job of so many servers waits for; None: it may start."""
    if room.jobs < 1:
        return (
            f"waiting for a free job slot: {room.job_limit} of "
            f"{room.job_limit} DRS jobs are active"
        )
    if room.servers < servers:
        in_jobs = room.server_limit - room.servers
        return (
            f"waiting for room for {servers} servers: {in_jobs} of "
            f"{room.server_limit} are in active DRS jobs"
        )
    return None
