"""StartRecovery and TerminateRecoveryInstances: which jobs come to be.

Decides what is refused, in the order unknown, quota, busy, and who takes
part. The plan's times come from ``timing``, its effects from ``settle``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drs_simulator.domain import jobs, render
from drs_simulator.domain.faults import ServiceFault, conflict
from drs_simulator.domain.ids import drawn
from drs_simulator.domain.quotas import CATALOGUE
from drs_simulator.domain.records import (
    Job,
    JobType,
    LastLaunch,
    Outcome,
    Participant,
    RecoveryInstance,
    Server,
    Wire,
)
from drs_simulator.domain.region import (
    Context,
    lag_now,
    replicated,
    require_initialized,
)
from drs_simulator.domain.snapshots import can_snapshot, snapshots
from drs_simulator.domain.timing import (
    Entry,
    Schedule,
    launch_schedule,
    terminate_schedule,
)


def start_recovery(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer StartRecovery with the job it created."""
    require_initialized(ctx.region)
    asked: list[Mapping[str, str]] = request["sourceServers"]
    ids = [entry["sourceServerID"] for entry in asked]
    _refuse_unknown(ctx, ids)
    _refuse_over_quota(ctx, ids)
    _refuse_busy(ctx, ids)
    entries = [
        _entry(ctx, ctx.region.servers[e["sourceServerID"]], e) for e in asked
    ]
    schedule = launch_schedule(
        entries, ctx.rng, 1.0 if ctx.polls_to_complete else ctx.scale
    )
    is_drill = bool(request.get("isDrill", False))
    job = _created(
        ctx,
        schedule,
        JobType.LAUNCH,
        "START_DRILL" if is_drill else "START_RECOVERY",
        dict(request.get("tags") or {}),
        is_drill,
    )
    for server_id in ids:
        server = ctx.region.servers[server_id]
        launch = LastLaunch(job_id=job.job_id, at=ctx.now, is_drill=is_drill)
        ctx.region.put(replace(server, last_launch=launch))
    return {"job": render.job(ctx, job)}


def terminate_recovery_instances(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer TerminateRecoveryInstances with the job it created."""
    require_initialized(ctx.region)
    wanted: list[str] = request["recoveryInstanceIDs"]
    instances = [_instance(ctx, instance_id) for instance_id in wanted]
    ids = [instance.server_id for instance in instances]
    _refuse_over_quota(ctx, ids)
    _refuse_busy(ctx, ids)
    schedule = terminate_schedule(
        [
            Participant(
                server_id=instance.server_id,
                outcome=Outcome.TERMINATED,
                old_instance=instance.instance_id,
            )
            for instance in instances
        ],
        ctx.rng,
        1.0 if ctx.polls_to_complete else ctx.scale,
    )
    job = _created(
        ctx,
        schedule,
        JobType.TERMINATE,
        "TERMINATE_RECOVERY_INSTANCES",
        {},
        False,
    )
    for instance in instances:
        ctx.region.instances[instance.instance_id] = replace(
            instance, state="SHUTTING-DOWN"
        )
    return {"job": render.job(ctx, job)}


def _instance(ctx: Context, instance_id: str) -> RecoveryInstance:
    instance = ctx.region.instances.get(instance_id)
    if instance is None:
        raise conflict(
            f"Recovery instance {instance_id} does not exist.",
            "recovery-instance",
            instance_id,
        )
    return instance


def _refuse_unknown(ctx: Context, ids: Sequence[str]) -> None:
    for server_id in ids:
        if server_id not in ctx.region.servers:
            raise conflict(
                f"Source server {server_id} does not exist.",
                "source-server",
                server_id,
            )
    if len(set(ids)) != len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise conflict(
            f"Source server {twice} is named twice.", "source-server", twice
        )


def _refuse_busy(ctx: Context, ids: Sequence[str]) -> None:
    for server_id in ids:
        job_id = ctx.region.held.get(server_id)
        if job_id is not None:
            raise conflict(
                f"Source server {server_id} is part of {job_id}, which has"
                " not ended.",
                "source-server",
                server_id,
            )


def _refuse_over_quota(ctx: Context, ids: Sequence[str]) -> None:
    quotas, region = ctx.quotas, ctx.region
    if len(ids) > quotas.servers_per_job:
        raise _over(
            ctx, "servers_per_job", f"{len(ids)} servers in one request"
        )
    if len(region.active) >= quotas.concurrent_jobs:
        raise _over(
            ctx, "concurrent_jobs", f"{len(region.active)} jobs in progress"
        )
    total = len(region.held) + len(ids)
    if total > quotas.servers_in_jobs:
        raise _over(ctx, "servers_in_jobs", f"{total} servers in all jobs")


def _over(ctx: Context, name: str, found: str) -> ServiceFault:
    quota = CATALOGUE[name]
    limit = getattr(ctx.quotas, name)
    return ServiceFault(
        "ServiceQuotaExceededException",
        f"{found} exceeds the quota of {limit}: {quota.name}.",
        serviceCode="drs",
        quotaCode=quota.code,
    )


def _entry(ctx: Context, server: Server, asked: Mapping[str, str]) -> Entry:
    fresh, at = _point_in_time(ctx, server, asked.get("recoverySnapshotID"))
    fault = ctx.injection.launch_of(server.server_id, server.machine.hostname)
    outcome = fault.launch if fault and fault.launch else server.outcome
    if at is None:
        outcome = Outcome.SKIPPED
    seconds = fault.launchSeconds if fault else None
    return Entry(
        participant=Participant(
            server_id=server.server_id,
            outcome=outcome,
            reason=_reason(outcome, fault.reason if fault else server.reason),
            snapshot_at=at,
            old_instance=_replaced(ctx, server),
        ),
        skips_conversion=server.launch.get("recoveryMode") == "FAST",
        from_snapshot=not fresh,
        seconds=server.launch_seconds if seconds is None else seconds,
    )


def _point_in_time(
    ctx: Context, server: Server, chosen: str | None
) -> tuple[bool, float | None]:
    """Return whether a snapshot is taken now, and the state launched."""
    replication = replicated(ctx.state, server)
    if chosen is None and can_snapshot(replication, ctx.now):
        return True, ctx.now - lag_now(replication, ctx.now)
    known = snapshots(server, replication, ctx.now)
    if chosen is None:
        return False, known[-1].at if known else None
    for snapshot in known:
        if snapshot.snapshot_id == chosen:
            return False, snapshot.at
    raise conflict(
        f"Source server {server.server_id} has no snapshot {chosen}.",
        "recovery-snapshot",
        chosen,
    )


def _reason(outcome: Outcome, given: str) -> str:
    if outcome is Outcome.FAILED:
        return given or "The recovery instance failed its launch checks."
    if outcome is Outcome.SKIPPED:
        return given or "The source server has no snapshot to launch from."
    return ""


def _replaced(ctx: Context, server: Server) -> str | None:
    instance = ctx.region.instances.get(server.recovery_instance_id or "")
    if instance is None or not instance.connected:
        return None
    return instance.instance_id


def _created(
    ctx: Context,
    schedule: Schedule,
    kind: JobType,
    initiated_by: str,
    tags: Mapping[str, str],
    is_drill: bool,
) -> Job:
    ctx.state.jobs_created += 1
    job = Job(
        job_id=drawn("drsjob", ctx.rng),
        number=ctx.state.jobs_created,
        type=kind,
        initiated_by=initiated_by,
        created=ctx.now,
        start=schedule.start,
        end=schedule.end,
        participants=schedule.participants,
        tags=tags,
        is_drill=is_drill,
        needed_polls=ctx.polls_to_complete,
    )
    ctx.region.jobs[job.job_id] = job
    ctx.region.active[job.job_id] = jobs.next_due(job)
    for participant in job.participants:
        ctx.region.held[participant.server_id] = job.job_id
    return job
