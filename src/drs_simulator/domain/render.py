"""Records in the shapes of the service's answers.

Decides spelling and derived members only. Facts the service has no member
for do not appear.
"""

from dataclasses import replace

from drs_simulator.domain import jobs
from drs_simulator.domain.ids import derived
from drs_simulator.domain.records import (
    Job,
    JobStatus,
    LaunchStatus,
    Machine,
    Outcome,
    Participant,
    RecoveryInstance,
    Replication,
    ReplicationState,
    Server,
    Wire,
)
from drs_simulator.domain.region import (
    Context,
    lag_now,
    replicated,
    replication_now,
    wire,
)
from drs_simulator.domain.times import duration, stamp

GIB = 1024**3
AGENT = "3.10.2"
_RESULTS = {
    LaunchStatus.PENDING: "PENDING",
    LaunchStatus.IN_PROGRESS: "PENDING",
    LaunchStatus.LAUNCHED: "SUCCEEDED",
    LaunchStatus.FAILED: "FAILED",
    LaunchStatus.TERMINATED: "SUCCEEDED",
}


def source_server(ctx: Context, server: Server) -> Wire:
    """Return a source server as DescribeSourceServers shows it."""
    machine, last = server.machine, server.last_launch
    replication = replicated(ctx.state, server)
    return wire(
        sourceServerID=server.server_id,
        arn=ctx.region.arn("source-server", server.server_id),
        tags=dict(server.tags),
        recoveryInstanceId=server.recovery_instance_id,
        lastLaunchResult=_RESULTS[last.status] if last else "NOT_STARTED",
        dataReplicationInfo=_replication(ctx, replication, machine),
        lifeCycle=_life_cycle(ctx, server, replication),
        sourceProperties=_properties(ctx, server),
        stagingArea=_staging_area(ctx, server),
        sourceCloudProperties=_cloud(machine),
        replicationDirection=server.direction,
        reversedDirectionSourceServerArn=server.reversed_arn,
        agentVersion=AGENT,
    )


def _replication(
    ctx: Context, replication: Replication, machine: Machine
) -> Wire:
    current = replication_now(replication, ctx.now)
    stalled = current.state is ReplicationState.STALLED
    return wire(
        dataReplicationState=current.state.value,
        lagDuration=duration(lag_now(replication, ctx.now)),
        replicatedDisks=[
            {
                "deviceName": f"/dev/sd{chr(97 + index)}",
                "totalStorageBytes": size * GIB,
                "replicatedStorageBytes": size * GIB,
                "rescannedStorageBytes": 0,
                "backloggedStorageBytes": 0,
                "volumeStatus": "REGULAR",
            }
            for index, size in enumerate(machine.disk_gib)
        ],
        dataReplicationError=(
            {"error": "AGENT_NOT_SEEN", "rawError": "The agent is silent."}
            if stalled
            else None
        ),
        stagingAvailabilityZone=f"{ctx.region.name}a",
    )


def _life_cycle(
    ctx: Context, server: Server, replication: Replication
) -> Wire:
    current = replication_now(replication, ctx.now)
    silent = current.state in (
        ReplicationState.DISCONNECTED,
        ReplicationState.STALLED,
    )
    last = server.last_launch
    launch = None
    if last is not None:
        launch = {
            "initiated": {
                "apiCallDateTime": stamp(last.at),
                "jobID": last.job_id,
                "type": "DRILL" if last.is_drill else "RECOVERY",
            },
            "status": last.status.value,
        }
    return wire(
        addedToServiceDateTime=stamp(server.added),
        firstByteDateTime=stamp(server.added),
        elapsedReplicationDuration=duration(ctx.now - server.added),
        lastSeenByServiceDateTime=stamp(current.since if silent else ctx.now),
        lastLaunch=launch,
    )


def _properties(ctx: Context, server: Server) -> Wire:
    machine = server.machine
    return {
        "lastUpdatedDateTime": stamp(server.added),
        "recommendedInstanceType": machine.instance_type,
        "identificationHints": _hints(machine),
        "networkInterfaces": _interfaces(server.server_id, machine.ips),
        "disks": [
            {"deviceName": f"/dev/sd{chr(97 + index)}", "bytes": size * GIB}
            for index, size in enumerate(machine.disk_gib)
        ],
        "cpus": [{"cores": machine.cores, "modelName": "Intel(R) Xeon(R)"}],
        "ramBytes": machine.ram_gib * GIB,
        "os": {"fullString": machine.os},
        "supportsNitroInstances": True,
        "architecture": "x86_64",
    }


def _hints(machine: Machine) -> Wire:
    return wire(
        hostname=machine.hostname,
        fqdn=machine.fqdn,
        awsInstanceID=machine.instance_id,
    )


def _interfaces(seed: str, ips: tuple[str, ...]) -> list[Wire]:
    mac = derived("m", seed)[2:14]
    return [
        {
            "macAddress": ":".join(mac[i : i + 2] for i in range(0, 12, 2)),
            "ips": list(ips),
            "isPrimary": True,
        }
    ]


def _staging_area(ctx: Context, server: Server) -> Wire:
    if server.staging_arn is None:
        return {
            "status": "NOT_EXTENDED",
            "stagingAccountID": ctx.region.account,
        }
    return {
        "status": "EXTENDED",
        "stagingAccountID": server.staging_arn.split(":")[4],
        "stagingSourceServerArn": server.staging_arn,
    }


def _cloud(machine: Machine) -> Wire | None:
    if machine.origin_account is None or machine.origin_region is None:
        return None
    return {
        "originAccountID": machine.origin_account,
        "originRegion": machine.origin_region,
        "originAvailabilityZone": f"{machine.origin_region}a",
    }


def job(ctx: Context, record: Job) -> Wire:
    """Return a job as DescribeJobs shows it."""
    faults = ctx.injection.job_faults(record.job_id)
    done = jobs.status(record, ctx.now) is JobStatus.COMPLETED
    end = stamp(jobs.moment(record, record.end or 0.0)) if done else None
    participants = () if "emptied" in faults else record.participants
    return wire(
        jobID=record.job_id,
        arn=ctx.region.arn("job", record.job_id),
        type=record.type.value,
        initiatedBy=record.initiated_by,
        creationDateTime=stamp(record.created),
        endDateTime=end,
        status=jobs.status(record, ctx.now).value,
        participatingServers=[
            _participant(ctx, record, p, "instancesLost" not in faults)
            for p in participants
        ],
        tags=dict(record.tags),
    )


def _participant(
    ctx: Context, record: Job, participant: Participant, known: bool
) -> Wire:
    instance = participant.instance_id
    if participant.outcome is Outcome.TERMINATED:
        instance = participant.old_instance
    shown = {
        "sourceServerID": participant.server_id,
        "launchStatus": jobs.launch_status(record, participant, ctx.now).value,
    }
    if known and instance is not None:
        shown["recoveryInstanceID"] = instance
    return shown


def recovery_instance(ctx: Context, instance: RecoveryInstance) -> Wire:
    """Return an instance as DescribeRecoveryInstances shows it."""
    machine = instance.machine
    return {
        "ec2InstanceID": instance.instance_id,
        "ec2InstanceState": instance.state,
        "jobID": instance.job_id,
        "recoveryInstanceID": instance.instance_id,
        "sourceServerID": instance.server_id,
        "arn": ctx.region.arn("recovery-instance", instance.instance_id),
        "tags": dict(instance.tags),
        "failback": {
            "state": (
                "FAILBACK_IN_PROGRESS"
                if instance.failback
                else "FAILBACK_NOT_STARTED"
            )
        },
        "dataReplicationInfo": {
            "dataReplicationState": (
                "NOT_STARTED" if instance.connected else "DISCONNECTED"
            )
        },
        "recoveryInstanceProperties": _instance_properties(instance),
        "pointInTimeSnapshotDateTime": stamp(instance.snapshot_at),
        "isDrill": instance.is_drill,
        "originEnvironment": (
            "AWS" if machine.origin_account else "ON_PREMISES"
        ),
        "agentVersion": AGENT,
    }


def _instance_properties(instance: RecoveryInstance) -> Wire:
    machine = instance.machine
    hints = _hints(replace(machine, instance_id=instance.instance_id))
    return {
        "lastUpdatedDateTime": stamp(instance.launched),
        "identificationHints": hints,
        "networkInterfaces": _interfaces(
            instance.instance_id, (instance.private_ip,)
        ),
        "cpus": [{"cores": machine.cores}],
        "ramBytes": machine.ram_gib * GIB,
        "os": {"fullString": machine.os},
    }
