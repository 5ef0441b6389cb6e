"""Acts on what has come due: instances start, end, and jobs close.

Decides nothing about when; it compares plans with the time and asks the
machines. It runs before every answer, so that what DRS and EC2 say agrees.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from drs_simulator.domain import jobs
from drs_simulator.domain.ids import partition
from drs_simulator.domain.ports import Launched, LaunchOrder, MachineRefused
from drs_simulator.domain.records import (
    Job,
    JobType,
    LaunchStatus,
    Outcome,
    Participant,
    RecoveryInstance,
    Server,
    Wire,
)
from drs_simulator.domain.region import Context
from drs_simulator.domain.times import stamp


def settle(ctx: Context) -> int:
    """Act on what has come due; return how many jobs that changed."""
    advanced = 0
    for job_id, due in list(ctx.region.active.items()):
        job = ctx.region.jobs[job_id]
        if jobs.elapsed(job, ctx.now) >= due:
            _advance(ctx, job)
            advanced += 1
    return advanced


def _advance(ctx: Context, job: Job) -> None:
    reached = jobs.elapsed(job, ctx.now)
    job = replace(
        job,
        participants=tuple(
            _finished(
                ctx, job, _cleaned(ctx, job, participant, reached), reached
            )
            for participant in job.participants
        ),
    )
    ctx.region.jobs[job.job_id] = job
    if job.end is not None and reached >= job.end:
        del ctx.region.active[job.job_id]
        for participant in job.participants:
            ctx.region.held.pop(participant.server_id, None)
    else:
        ctx.region.active[job.job_id] = jobs.next_due(job)


def _cleaned(
    ctx: Context, job: Job, participant: Participant, reached: float
) -> Participant:
    """End the instance that stands in the way, once its time has come."""
    at, instance = participant.cleanup_at, participant.old_instance
    if participant.cleaned or at is None or at > reached:
        return participant
    if instance is None or instance not in ctx.region.instances:
        return replace(participant, cleaned=True)
    try:
        ctx.machines.terminate(ctx.region.place, [instance])
    except MachineRefused as refusal:
        return replace(participant, cleaned=True, reason=str(refusal))
    del ctx.region.instances[instance]
    _change(
        ctx,
        participant.server_id,
        lambda server: replace(
            server,
            recovery_instance_id=(
                None
                if server.recovery_instance_id == instance
                else server.recovery_instance_id
            ),
        ),
    )
    return replace(participant, cleaned=True)


def _finished(
    ctx: Context, job: Job, participant: Participant, reached: float
) -> Participant:
    """Do what the plan of a server ends in, once its time has come."""
    at = participant.finish
    if participant.status is not None or at is None or at > reached:
        return participant
    if job.type is JobType.TERMINATE:
        return _terminated(ctx, job, participant)
    server = ctx.region.servers.get(participant.server_id)
    if server is None:
        done = replace(
            participant, status=LaunchStatus.FAILED, reason="server removed"
        )
    elif participant.outcome is Outcome.FAILED:
        done = replace(participant, status=LaunchStatus.FAILED)
    else:
        done = _launched(ctx, job, participant, server)
    _remember(ctx, job, done)
    ctx.events.publish(_launch_event(ctx, job, done))
    return done


def _terminated(
    ctx: Context, job: Job, participant: Participant
) -> Participant:
    if participant.reason:
        return replace(participant, status=LaunchStatus.FAILED)
    done = replace(participant, status=LaunchStatus.TERMINATED)
    _remember(ctx, job, done)
    return done


def _launched(
    ctx: Context, job: Job, participant: Participant, server: Server
) -> Participant:
    try:
        server = with_template(ctx, server)
        launched = ctx.machines.launch(_order(ctx, server))
    except MachineRefused as refusal:
        return replace(
            participant, status=LaunchStatus.FAILED, reason=str(refusal)
        )
    ctx.region.instances[launched.instance_id] = _instance(
        ctx, job, participant, server, launched
    )
    ctx.region.put(replace(server, recovery_instance_id=launched.instance_id))
    return replace(
        participant,
        status=LaunchStatus.LAUNCHED,
        instance_id=launched.instance_id,
    )


def with_template(ctx: Context, server: Server) -> Server:
    """Return the server with its launch template made, should it lack one.

    Raises:
        MachineRefused: EC2 would not create it.
    """
    if server.template_id is not None:
        return server
    content = {
        "InstanceType": server.machine.instance_type,
        **dict(server.template),
    }
    template_id = ctx.machines.create_template(
        ctx.region.place, f"drs-{server.server_id}", content
    )
    changed = replace(server, template_id=template_id)
    ctx.region.put(changed)
    return changed


def _order(ctx: Context, server: Server) -> LaunchOrder:
    launch, machine = server.launch, server.machine
    sized = launch.get("targetInstanceTypeRightSizingMethod") != "NONE"
    copied = machine.ips[0] if launch.get("copyPrivateIp") else None
    tags = {
        **(dict(server.tags) if launch.get("copyTags") else {}),
        "Name": server.tags.get("Name", machine.hostname),
        "AWSElasticDisasterRecoveryManaged": "drs.amazonaws.com",
        "AWSElasticDisasterRecoverySourceServerID": server.server_id,
    }
    return LaunchOrder(
        place=ctx.region.place,
        template_id=server.template_id or "",
        server_id=server.server_id,
        instance_type=machine.instance_type if sized else None,
        fallback_type=machine.instance_type,
        private_ip=copied,
        stopped=launch.get("launchDisposition") == "STOPPED",
        tags=tags,
    )


def _instance(
    ctx: Context,
    job: Job,
    participant: Participant,
    server: Server,
    launched: Launched,
) -> RecoveryInstance:
    stopped = server.launch.get("launchDisposition") == "STOPPED"
    at = jobs.moment(job, participant.finish or 0.0)
    return RecoveryInstance(
        instance_id=launched.instance_id,
        server_id=server.server_id,
        job_id=job.job_id,
        is_drill=job.is_drill,
        snapshot_at=participant.snapshot_at or job.created,
        launched=at,
        machine=replace(server.machine, instance_type=launched.instance_type),
        private_ip=launched.private_ip,
        state="STOPPED" if stopped else "RUNNING",
        tags=dict(server.tags) if server.launch.get("copyTags") else {},
    )


def _remember(ctx: Context, job: Job, participant: Participant) -> None:
    assert participant.status is not None  # nosec B101 # set by the callers
    status = participant.status

    def noted(server: Server) -> Server:
        last = server.last_launch
        if last is None:
            return server
        if job.type is JobType.LAUNCH and last.job_id != job.job_id:
            return server
        return replace(server, last_launch=replace(last, status=status))

    _change(ctx, participant.server_id, noted)


def _change(
    ctx: Context, server_id: str, change: Callable[[Server], Server]
) -> None:
    server = ctx.region.servers.get(server_id)
    if server is not None:
        ctx.region.put(change(server))


def _launch_event(ctx: Context, job: Job, participant: Participant) -> Wire:
    region, good = ctx.region, participant.status is LaunchStatus.LAUNCHED
    digest = sha256(
        f"{job.job_id}{participant.server_id}".encode()
    ).hexdigest()
    return {
        "version": "0",
        "id": "-".join(
            (
                digest[:8],
                digest[8:12],
                digest[12:16],
                digest[16:20],
                digest[20:32],
            )
        ),
        "source": "aws.drs",
        "detail-type": "DRS Source Server Launch Result",
        "account": region.account,
        "region": region.name,
        "time": stamp(jobs.moment(job, participant.finish or 0.0)),
        "resources": [
            f"arn:{partition(region.name)}:drs:{region.name}"
            f":{region.account}:source-server/{participant.server_id}"
        ],
        "detail": {
            "state": (
                "RECOVERY_LAUNCH_SUCCEEDED"
                if good
                else "RECOVERY_LAUNCH_FAILED"
            ),
            "job-id": job.job_id,
            "is-drill": job.is_drill,
        },
    }
