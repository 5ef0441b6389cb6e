"""Source servers and recovery instances, in DRS's words and in ours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drs.aws.calls import Calls, chunks
from drs.domain.servers import (
    Cpu,
    Disk,
    Hardware,
    NetworkInterface,
    RecoveryInstance,
    SourceServer,
)
from drs.domain.timestamps import epoch, iso


def source_servers(calls: Calls, ids: Sequence[str]) -> list[SourceServer]:
    """Return the servers of the ids that DRS knows; all without ids."""
    return [source_server(item) for item in _items(calls, ids)]


def described_servers(
    calls: Calls, ids: Sequence[str]
) -> list[tuple[SourceServer, dict[str, Any]]]:
    """Return the same servers, each with the object that DRS has of it."""
    return [(source_server(item), item) for item in _items(calls, ids)]


def _items(calls: Calls, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    filters = [{"sourceServerIDs": chunk} for chunk in chunks(ids)]
    for chosen in filters or [{}]:
        yield from calls.items(
            "drs", "describe_source_servers", filters=chosen
        )


def recovery_instances(
    calls: Calls, server_ids: Sequence[str], instance_ids: Sequence[str]
) -> list[RecoveryInstance]:
    """Return recovery instances by server or by instance; else all."""
    filters = [
        *({"sourceServerIDs": chunk} for chunk in chunks(server_ids)),
        *({"recoveryInstanceIDs": chunk} for chunk in chunks(instance_ids)),
    ]
    found = (
        recovery_instance(item)
        for chosen in filters or [{}]
        for item in calls.items(
            "drs", "describe_recovery_instances", filters=chosen
        )
    )
    return list({one.recovery_instance_id: one for one in found}.values())


def source_server(item: Mapping[str, Any]) -> SourceServer:
    """Return DRS's source server in our words."""
    properties = item.get("sourceProperties", {})
    hints = properties.get("identificationHints", {})
    replication = item.get("dataReplicationInfo", {})
    cloud = item.get("sourceCloudProperties", {})
    staging = item.get("stagingArea", {})
    life_cycle = item.get("lifeCycle", {})
    launch = life_cycle.get("lastLaunch", {}).get("initiated", {})
    return SourceServer(
        source_server_id=item["sourceServerID"],
        arn=item.get("arn", ""),
        hostname=hints.get("hostname", ""),
        fqdn=hints.get("fqdn", ""),
        tags=dict(item.get("tags", {})),
        replication_state=replication.get("dataReplicationState", ""),
        lag_duration=replication.get("lagDuration", ""),
        source_instance_id=hints.get("awsInstanceID", ""),
        source_account_id=cloud.get("originAccountID", ""),
        source_region=cloud.get("originRegion", ""),
        source_availability_zone=cloud.get("originAvailabilityZone", ""),
        target_availability_zone=replication.get(
            "stagingAvailabilityZone", ""
        ),
        os=properties.get("os", {}).get("fullString", ""),
        hardware=_hardware(properties),
        replicated_bytes=sum(
            disk.get("replicatedStorageBytes", 0)
            for disk in replication.get("replicatedDisks", ())
        ),
        staging_account_id=staging.get("stagingAccountID", ""),
        staging_server_arn=staging.get("stagingSourceServerArn", ""),
        recovery_instance_id=item.get("recoveryInstanceId", ""),
        last_launch_result=item.get("lastLaunchResult", ""),
        last_launch_type=launch.get("type", ""),
        last_launch_job_id=launch.get("jobID", ""),
        last_launch_at=epoch(launch.get("apiCallDateTime")) or 0,
        last_seen=iso(life_cycle.get("lastSeenByServiceDateTime")),
    )


def recovery_instance(item: Mapping[str, Any]) -> RecoveryInstance:
    """Return DRS's recovery instance in our words."""
    return RecoveryInstance(
        recovery_instance_id=item["recoveryInstanceID"],
        ec2_instance_id=item.get("ec2InstanceID", ""),
        source_server_id=item.get("sourceServerID", ""),
        job_id=item.get("jobID", ""),
        ec2_state=item.get("ec2InstanceState", ""),
        is_drill=bool(item.get("isDrill", False)),
        snapshot_time=iso(item.get("pointInTimeSnapshotDateTime")),
    )


def _hardware(properties: Mapping[str, Any]) -> Hardware:
    return Hardware(
        cpus=tuple(
            Cpu(cores=one.get("cores", 0), model=one.get("modelName", ""))
            for one in properties.get("cpus", ())
        ),
        ram_bytes=properties.get("ramBytes", 0),
        disks=tuple(
            Disk(
                device=one.get("deviceName", ""),
                size_bytes=one.get("bytes", 0),
            )
            for one in properties.get("disks", ())
        ),
        interfaces=tuple(
            NetworkInterface(
                mac=one.get("macAddress", ""),
                ips=tuple(one.get("ips", ())),
                is_primary=bool(one.get("isPrimary", False)),
            )
            for one in properties.get("networkInterfaces", ())
        ),
    )
