"""Looking at the jobs of a wave, with as few calls as the facts need.

The poll and the drain look alike. What the facts mean is decided in
``drs.domain.wave_progress``.
"""

from collections.abc import Sequence

from msgspec.structs import replace as _replaced

from drs.domain.job import Job, LogItem, launch_errors, phase, skipped
from drs.domain.ports import DrsRegion
from drs.domain.servers import RecoveryInstance
from drs.domain.wave_progress import (
    Seen,
    confirmed,
    judged,
    merged,
    needs_instance,
)
from shared.domain.record import Intent, WaveEntry

__all__ = ["look"]


def look(
    entry: WaveEntry,
    intents: Sequence[Intent],
    region: DrsRegion,
    *,
    start_pending: bool,
    now: int,
) -> WaveEntry:
    """Return the wave's entry after a look at its jobs, judged.

    Args:
        entry: The entry with its servers.
        intents: The wave's intents; those with a job are looked at.
        region: DRS and EC2 of the wave's account and Region.
        start_pending: Whether servers are still to be launched.
        now: Epoch seconds.

    Raises:
        Unavailable: DRS or EC2 could not be asked.
        DrsRefused: DRS or EC2 refused for good.
    """
    ids = [intent.job_id for intent in confirmed(intents)]
    jobs = {job.job_id: job for job in region.jobs(ids)} if ids else {}
    seen = Seen(jobs=jobs)
    after = merged(entry, intents, seen)
    if _changed(entry, after):
        seen = _with_log(seen, _undecided(intents, jobs), region)
        after = merged(entry, intents, seen)
    wanted = needs_instance(after) + _without_job(intents, jobs)
    if wanted:
        seen = _with_instances(seen, wanted, region)
        after = merged(entry, intents, seen)
    return judged(after, intents, seen, start_pending=start_pending, now=now)


def _changed(before: WaveEntry, after: WaveEntry) -> bool:
    return before != _replaced(after, phase=before.phase)


def _undecided(intents: Sequence[Intent], jobs: dict[str, Job]) -> list[Job]:
    """Return the jobs whose log may still tell something new."""
    return [
        jobs[intent.job_id]
        for intent in confirmed(intents)
        if intent.job_id in jobs and not intent.settled_at
    ]


def _with_log(seen: Seen, jobs: Sequence[Job], region: DrsRegion) -> Seen:
    items: list[LogItem] = []
    for job in jobs:
        items.extend(region.job_log(job.job_id))
    return Seen(
        jobs=seen.jobs,
        phase=phase(items) if items else "",
        skipped=skipped(items),
        errors=launch_errors(items),
    )


def _without_job(intents: Sequence[Intent], jobs: dict[str, Job]) -> list[str]:
    return [
        server
        for intent in confirmed(intents)
        if intent.job_id not in jobs and not intent.settled_at
        for server in intent.server_ids
    ]


def _with_instances(
    seen: Seen, server_ids: Sequence[str], region: DrsRegion
) -> Seen:
    found = region.recovery_instances(server_ids=server_ids)
    ids = [one.ec2_instance_id for one in found if one.ec2_instance_id]
    return Seen(
        jobs=seen.jobs,
        phase=seen.phase,
        skipped=seen.skipped,
        errors=seen.errors,
        instances=_newest(found),
        machines=region.instances(ids) if ids else {},
    )


def _newest(found: Sequence[RecoveryInstance]) -> dict[str, RecoveryInstance]:
    """Return one instance a server; a live one wins over a dead one."""
    ranked = sorted(found, key=lambda one: one.is_live)
    return {one.source_server_id: one for one in ranked}
