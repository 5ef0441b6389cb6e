"""Replication: its settings, stopping, starting, retrying, reversing.

Decides the states a server passes through after such a call. The times of
the passage are scaled as those of a job are.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drs_simulator.domain.faults import conflict, invalid, not_found
from drs_simulator.domain.ids import derived
from drs_simulator.domain.records import (
    RecoveryInstance,
    Replication,
    ReplicationState,
    Server,
    Wire,
)
from drs_simulator.domain.region import (
    Context,
    replication_now,
    require_initialized,
)
from drs_simulator.domain.render import source_server
from drs_simulator.domain.snapshots import POLICY

_FROM_NOTHING = (
    (60.0, ReplicationState.INITIAL_SYNC),
    (660.0, ReplicationState.CREATING_SNAPSHOT),
    (720.0, ReplicationState.CONTINUOUS),
)
_AGAIN = (
    (60.0, ReplicationState.RESCAN),
    (360.0, ReplicationState.CONTINUOUS),
)


def get_replication_configuration(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer GetReplicationConfiguration."""
    require_initialized(ctx.region)
    server = ctx.region.server(request["sourceServerID"])
    place = ctx.region.account + ctx.region.name
    return {
        "sourceServerID": server.server_id,
        "name": server.machine.hostname,
        "stagingAreaSubnetId": derived("subnet", place),
        "associateDefaultSecurityGroup": True,
        "replicationServersSecurityGroupsIDs": [derived("sg", place)],
        "replicationServerInstanceType": "t3.small",
        "useDedicatedReplicationServer": False,
        "defaultLargeStagingDiskType": "AUTO",
        "replicatedDisks": [
            {
                "deviceName": f"/dev/sd{chr(97 + index)}",
                "isBootDisk": index == 0,
                "stagingDiskType": "AUTO",
                "optimizedStagingDiskType": "GP3",
            }
            for index in range(len(server.machine.disk_gib))
        ],
        "ebsEncryption": "DEFAULT",
        "bandwidthThrottling": 0,
        "dataPlaneRouting": "PRIVATE_IP",
        "createPublicIP": False,
        "stagingAreaTags": {},
        "pitPolicy": [dict(rule) for rule in POLICY],
        "autoReplicateNewDisks": True,
        "internetProtocol": "IPV4",
    }


def stop_replication(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer StopReplication; the server loses its snapshots."""
    server = _own(ctx, request["sourceServerID"])
    if server.server_id in ctx.region.held:
        raise conflict(
            f"Source server {server.server_id} is part of a job.",
            "source-server",
            server.server_id,
        )
    return {"sourceServer": _entered(ctx, server, ReplicationState.STOPPED)}


def start_replication(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer StartReplication of a server that was stopped."""
    server = _own(ctx, request["sourceServerID"])
    current = replication_now(server.replication, ctx.now).state
    if current is not ReplicationState.STOPPED:
        raise conflict(
            f"Source server {server.server_id} is {current.value}, not"
            " STOPPED.",
            "source-server",
            server.server_id,
        )
    return {
        "sourceServer": _entered(
            ctx, server, ReplicationState.INITIATING, _FROM_NOTHING
        )
    }


def retry_data_replication(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer RetryDataReplication of a server that is stalled."""
    server = _own(ctx, request["sourceServerID"])
    current = replication_now(server.replication, ctx.now).state
    if current is not ReplicationState.STALLED:
        raise invalid(
            f"Source server {server.server_id} is {current.value}, not"
            " STALLED."
        )
    return _entered(ctx, server, ReplicationState.INITIATING, _AGAIN)


def _own(ctx: Context, server_id: str) -> Server:
    require_initialized(ctx.region)
    server = ctx.region.server(server_id)
    if server.staging_arn is not None:
        raise not_found("replicating source-server", server_id)
    return server


def _entered(
    ctx: Context,
    server: Server,
    state: ReplicationState,
    ahead: tuple[tuple[float, ReplicationState], ...] = (),
) -> Wire:
    changed = replace(
        server,
        replication=Replication(
            state=state,
            since=ctx.now,
            ahead=tuple((at * ctx.scale, then) for at, then in ahead),
        ),
    )
    ctx.region.put(changed)
    return source_server(ctx, changed)


def disconnect_recovery_instance(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer DisconnectRecoveryInstance; the instance keeps running."""
    instance = _instance(ctx, request["recoveryInstanceID"])
    if not instance.connected:
        raise conflict(
            f"Recovery instance {instance.instance_id} is disconnected"
            " already.",
            "recovery-instance",
            instance.instance_id,
        )
    ctx.region.instances[instance.instance_id] = replace(
        instance, connected=False
    )
    server = ctx.region.servers.get(instance.server_id)
    if server and server.recovery_instance_id == instance.instance_id:
        ctx.region.put(replace(server, recovery_instance_id=None))
    return {}


def reverse_replication(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer ReverseReplication with the server of the way back."""
    instance = _instance(ctx, request["recoveryInstanceID"])
    if instance.failback or not instance.connected:
        raise conflict(
            f"Recovery instance {instance.instance_id} is disconnected or"
            " reversed already.",
            "recovery-instance",
            instance.instance_id,
        )
    server = ctx.region.server(instance.server_id)
    back_id = derived("s", "back", instance.instance_id)
    back_arn = ctx.region.arn("source-server", back_id)
    ctx.region.put(
        replace(
            server,
            server_id=back_id,
            direction="FAILBACK",
            reversed_arn=ctx.region.arn("source-server", server.server_id),
            recovery_instance_id=None,
            last_launch=None,
            template_id=None,
            added=ctx.now,
            machine=replace(
                instance.machine, instance_id=instance.instance_id
            ),
            replication=Replication(
                state=ReplicationState.INITIATING,
                since=ctx.now,
                ahead=tuple((at * ctx.scale, s) for at, s in _FROM_NOTHING),
            ),
        )
    )
    ctx.region.put(replace(server, reversed_arn=back_arn))
    ctx.region.instances[instance.instance_id] = replace(
        instance, failback=True
    )
    return {"reversedDirectionSourceServerArn": back_arn}


def _instance(ctx: Context, instance_id: str) -> RecoveryInstance:
    require_initialized(ctx.region)
    instance = ctx.region.instances.get(instance_id)
    if instance is None:
        raise not_found("recovery-instance", instance_id)
    if instance.server_id in ctx.region.held:
        raise conflict(
            f"Source server {instance.server_id} is part of a job.",
            "recovery-instance",
            instance_id,
        )
    return instance
