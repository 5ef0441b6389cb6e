"""Which servers are busy, and what of a selection is in the way of it.

Decides, from executions and jobs as they were read, which servers are in an
active execution or job, and how a conflict is told. That a check which
could not be made is no passed check is up to whoever gathers the facts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drs.domain.intent_tags import EXECUTION_ID, PLAN_ID
from drs.domain.job import Job, is_active_launch, is_terminal
from drs.domain.tags import TagIndex, TagQuery
from shared.domain.errors import BadRequest, CheckUnavailable
from shared.domain.ports import ServerKey
from shared.domain.record import Record, Reserved, WaveEntry
from shared.domain.status import LAUNCH_OVER

type Busy = InExecution | InJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An active execution with all its servers, and its waves' names."""

    record: Record
    entries: Sequence[WaveEntry]
    reserved: Sequence[Reserved]
    wave_names: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InExecution:
    """A server that an active execution works on, or is going to."""

    server: ServerKey
    execution_id: str
    plan_id: str
    wave_name: str
    status: str

    def row(self, wave_name: str = "") -> dict[str, Any]:
        """Return the conflict as the API shows it."""
        return {
            "serverId": self.server.source_server_id,
            "waveName": wave_name,
            "conflictingExecutionId": self.execution_id,
            "conflictingPlanId": self.plan_id,
            "conflictingWaveName": self.wave_name,
            "conflictingStatus": self.status,
            "conflictSource": "execution",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InJob:
    """A server that an active DRS job still works on."""

    server: ServerKey
    job_id: str
    job_status: str
    launch_status: str
    plan_id: str
    execution_id: str = ""

    def row(self, wave_name: str = "") -> dict[str, Any]:
        """Return the conflict as the API shows it."""
        return {
            "serverId": self.server.source_server_id,
            "waveName": wave_name,
            "conflictingJobId": self.job_id,
            "conflictingJobStatus": self.job_status,
            "conflictingLaunchStatus": self.launch_status,
            "conflictSource": "drs_job",
        }


def in_executions(
    executions: Iterable[Running], hub_account_id: str
) -> list[InExecution]:
    """Return the servers of active executions.

    Those are the servers of started waves that have not ended yet, and
    the reserved ones of waves to come.
    """
    return [
        busy
        for running in executions
        for busy in _in_execution(running, hub_account_id)
    ]


def _in_execution(
    running: Running, hub_account_id: str
) -> Iterable[InExecution]:
    record = running.record
    account = record.account_id(hub_account_id)
    started = {entry.wave_number for entry in running.entries}
    waves = [
        (entry.wave_number, entry.region, _moving(entry))
        for entry in running.entries
        if not entry.is_final
    ] + [
        (group.wave_number, group.region, list(group.server_ids))
        for group in running.reserved
        if group.wave_number not in started
    ]
    for number, region, servers in waves:
        for server in servers:
            yield InExecution(
                server=ServerKey(account, region, server),
                execution_id=record.execution_id,
                plan_id=record.plan_id,
                wave_name=running.wave_names.get(number, f"Wave {number + 1}"),
                status=str(record.status),
            )


def _moving(entry: WaveEntry) -> list[str]:
    over = {
        server.source_server_id
        for server in entry.server_statuses
        if server.launch_status in LAUNCH_OVER
    }
    return [server for server in entry.server_ids if server not in over]


def in_jobs(jobs: Iterable[Job], account_id: str, region: str) -> list[InJob]:
    """Return the servers that active launch jobs of a Region work on."""
    return [
        InJob(
            server=ServerKey(account_id, region, one.source_server_id),
            job_id=job.job_id,
            job_status=str(job.status),
            launch_status=str(one.launch_status),
            plan_id=job.tags.get(PLAN_ID, ""),
            execution_id=job.tags.get(EXECUTION_ID, ""),
        )
        for job in jobs
        if is_active_launch(job)
        for one in job.participants
        if not is_terminal(one.launch_status)
    ]


def members(group: Mapping[str, Any], servers: TagIndex) -> set[str]:
    """Return the servers of a stored group, among those of its Region.

    Raises:
        CheckUnavailable: Its stored tags cannot be read.
    """
    tags = group.get("serverSelectionTags") or {}
    if not tags:
        return {str(one) for one in group.get("sourceServerIds") or ()}
    try:
        return servers.selected(tags)
    except BadRequest as error:
        raise CheckUnavailable(
            f"The tags of group {group.get('groupName')} cannot be read, so "
            f"its servers are not known: {error.message} Correct the group.",
            groupId=group.get("groupId"),
        ) from error


def tag_conflicts(
    tags: Mapping[str, str],
    selected: Collection[str],
    others: Iterable[Mapping[str, Any]],
    servers: TagIndex,
) -> list[dict[str, Any]]:
    """Return the tag groups that the selection repeats or overlaps.

    Args:
        tags: The selection.
        selected: The servers that it has now.
        others: The other groups of the same account and Region.
        servers: All servers of the Region.
    """
    rows = []
    for group in others:
        theirs = group.get("serverSelectionTags") or {}
        if not theirs:
            continue
        shared = sorted(members(group, servers) & set(selected))
        row = {
            "protectionGroupId": group["groupId"],
            "protectionGroupName": group["groupName"],
            "conflictingTags": dict(theirs),
        }
        if TagQuery.of(tags) == TagQuery.of(theirs):
            rows.append({**row, "conflictType": "exact_match"})
        elif shared:
            rows.append({**row, "conflictType": "overlap", "servers": shared})
    return rows


def assignment_conflicts(
    selected: Collection[str],
    others: Iterable[Mapping[str, Any]],
    servers: TagIndex,
) -> list[dict[str, Any]]:
    """Return the servers that belong to another group already."""
    return [
        {
            "serverId": server,
            "protectionGroupId": group["groupId"],
            "protectionGroupName": group["groupName"],
        }
        for group in others
        for server in sorted(members(group, servers) & set(selected))
    ]


def conflict_info(busy: Sequence[Busy], plan_id: str) -> dict[str, Any]:
    """Return what keeps a plan's servers busy, its own runs excepted.

    Args:
        busy: What the plan's servers are busy with.
        plan_id: The plan; its own executions and their jobs do not count.
    """
    others = [one for one in busy if one.plan_id != plan_id]
    runs = [one for one in others if isinstance(one, InExecution)]
    jobs = [one for one in others if isinstance(one, InJob)]
    run = runs[0] if runs else None
    job = jobs[0] if jobs else None
    servers = sorted({one.server.source_server_id for one in others})
    return {
        "hasConflict": bool(others),
        "conflictingServers": servers,
        "conflictingExecutionId": run.execution_id if run else None,
        "conflictingPlanId": run.plan_id if run else None,
        "conflictingStatus": run.status if run else None,
        "conflictingDrsJobId": job.job_id if job else None,
        "reason": _reason(len(servers), run, job),
    }


def of_all_regions(infos: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a plan's Regions tell of its conflicts, as one."""
    joined = conflict_info((), "")
    for info in infos:
        servers = {*joined["conflictingServers"], *info["conflictingServers"]}
        reasons = [one["reason"] for one in (joined, info) if one["reason"]]
        joined = {
            name: value or info[name] for name, value in joined.items()
        } | {
            "conflictingServers": sorted(servers),
            "reason": "; ".join(reasons),
        }
    return joined


def _reason(count: int, run: InExecution | None, job: InJob | None) -> str:
    causes = []
    if run:
        causes.append(f"execution {run.execution_id} ({run.status})")
    if job:
        causes.append(f"DRS job {job.job_id} ({job.job_status})")
    if not causes:
        return ""
    return f"{count} servers are busy in {' and '.join(causes)}"
