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

    def allow(self, servers: int) -> bool:
        """Tell whether a job of so many servers can ever start.

        One that was cut while the quotas could not be read may be too large.
        """
        return servers <= min(self.servers_per_job, self.servers_in_jobs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many more jobs, and servers in jobs, may start now.

    ``assumed`` tells that the limits are the published ones.
    """

    jobs: int
    servers: int
    job_limit: int
    server_limit: int
    servers_per_job: int
    assumed: bool = False


def room(
    quotas: Quotas,
    active_jobs: Iterable[Job],
    on_their_way: Iterable[int] = (),
) -> Room:
    """Return the room that the active jobs leave.

    Args:
        quotas: The quotas in force.
        active_jobs: Every job that is not over, of whatever kind.
        on_their_way: The sizes of jobs that DRS does not list yet.
    """
    sizes = [len(job.participants) for job in active_jobs]
    sizes.extend(on_their_way)
    return Room(
        jobs=max(0, quotas.concurrent_jobs - len(sizes)),
        servers=max(0, quotas.servers_in_jobs - sum(sizes)),
        job_limit=quotas.concurrent_jobs,
        server_limit=quotas.servers_in_jobs,
        servers_per_job=quotas.servers_per_job,
        assumed=quotas.fallback,
    )


def job_size(room: Room, left: int) -> int:
    """Return how many of the servers left the next job takes; 0: it waits.

    A job as large as it may be starts as soon as it fits. A smaller one
    starts to fill what is free, unless it is too small for its job slot:
    the fewer slots are free, the more servers must be worth one, so that
    all slots together can still hold as many servers as may be in jobs.
    """
    most = min(left, room.servers_per_job, room.server_limit)
    size = min(most, room.servers)
    if room.jobs < 1 or size < min(most, worth_a_slot(room)):
        return 0
    return size


def worth_a_slot(room: Room) -> int:
    """Return how many servers are worth one of the job slots left.

    That is the share of the servers that falls to one slot, as far as the
    slots are used already: 1 while none is, 24 of 500 for the last of 20.
    """
    used = room.job_limit - room.jobs
    limit = max(1, room.job_limit)
    return max(1, -(-room.server_limit * used // limit**2))


def awaited(room: Room, servers: int) -> str | None:
    """Return what so many servers wait for; None: their job may start."""
    if job_size(room, servers):
        return None
    told = " (Service Quotas could not be read)" if room.assumed else ""
    if room.jobs < 1:
        return (
            f"waiting for a free job slot: {room.job_limit} of "
            f"{room.job_limit} DRS jobs are active{told}"
        )
    in_jobs = room.server_limit - room.servers
    return (
        f"waiting for room for {servers} servers: {in_jobs} of "
        f"{room.server_limit} are in active DRS jobs{told}"
    )
