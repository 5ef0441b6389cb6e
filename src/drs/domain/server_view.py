"""A source server as the API shows it.

Decides the names, and which servers a group may choose. What the servers
are is read elsewhere.
"""

from collections.abc import Mapping
from typing import Any, Final

from drs.domain.replication import LAUNCHABLE
from drs.domain.servers import Hardware, SourceServer
from drs.domain.timestamps import iso_of_epoch

GIB: Final = 1024**3
_STATES: Final = {
    "INITIAL_SYNC": "SYNCING",
    "BACKLOG": "SYNCING",
    "CREATING_SNAPSHOT": "SYNCING",
    "RESCAN": "SYNCING",
    "CONTINUOUS": "READY_FOR_RECOVERY",
}


def server_view(
    server: SourceServer,
    assigned: Mapping[str, Any] | None = None,
    *,
    current_group_id: str = "",
) -> dict[str, Any]:
    """Return a server as the API shows it.

    Args:
        server: The server.
        assigned: The stored group that has it, if one does.
        current_group_id: The group for which servers are being chosen.
    """
    state = server.replication_state
    group_id = assigned["groupId"] if assigned else current_group_id
    return {
        "sourceServerID": server.source_server_id,
        "hostname": server.hostname,
        "fqdn": server.fqdn,
        "nameTag": server.name_tag,
        **_source(server),
        "os": server.os,
        "state": _STATES.get(state, state),
        "replicationState": state,
        "lagDuration": server.lag_duration,
        "lastSeen": server.last_seen,
        **_last_launch(server),
        "replicatedStorageBytes": server.replicated_bytes,
        "hardware": _hardware(server.hardware),
        "networkInterfaces": _interfaces(server.hardware),
        "drsTags": dict(server.tags),
        "tags": dict(server.tags),
        "assignedToProtectionGroup": _group(assigned),
        "selectable": (state in LAUNCHABLE and group_id == current_group_id),
    }


def _source(server: SourceServer) -> dict[str, Any]:
    return {
        "sourceInstanceId": server.source_instance_id,
        "sourceIp": server.source_ip,
        "sourceMac": server.hardware.primary.mac,
        "sourceRegion": server.source_region,
        "sourceAccount": server.source_account_id,
        "sourceAvailabilityZone": server.source_availability_zone,
        "targetAvailabilityZone": server.target_availability_zone,
    }


def _last_launch(server: SourceServer) -> dict[str, Any]:
    at = server.last_launch_at
    return {
        "lastLaunchType": server.last_launch_type,
        "lastLaunchStatus": server.last_launch_result,
        "lastLaunchTime": iso_of_epoch(at) if at else "",
    }


def _group(assigned: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not assigned:
        return None
    return {
        "protectionGroupId": assigned["groupId"],
        "protectionGroupName": assigned["groupName"],
    }


def _interfaces(hardware: Hardware) -> list[dict[str, Any]]:
    return [
        {
            "macAddress": one.mac,
            "ips": list(one.ips),
            "isPrimary": one.is_primary,
        }
        for one in hardware.interfaces
    ]


def _hardware(hardware: Hardware) -> dict[str, Any]:
    return {
        "cpus": [
            {"cores": cpu.cores, "modelName": cpu.model}
            for cpu in hardware.cpus
        ],
        "totalCores": sum(cpu.cores for cpu in hardware.cpus),
        "ramBytes": hardware.ram_bytes,
        "ramGiB": _gib(hardware.ram_bytes),
        "disks": [
            {"deviceName": disk.device, "bytes": disk.size_bytes}
            for disk in hardware.disks
        ],
        "totalDiskGiB": _gib(sum(disk.size_bytes for disk in hardware.disks)),
    }


def _gib(size: int) -> float:
    return round(size / GIB, 1)
