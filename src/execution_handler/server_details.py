"""What DRS and EC2 know now of an execution's servers.

Two look-ups under their fixed names. They decide which fields a fact gets,
not what an execution's reader is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drs.domain.ports import DrsRegion, DrsRegions
from drs.domain.servers import (
    Instance,
    RecoveryInstance,
    SourceServer,
    is_server_id,
)
from drs.reach import Context, region_of
from shared.domain.errors import DrError

# Is told of what could not be read, in words and with the error.
type Missed = Callable[[str, DrError], None]
type Wave = Mapping[str, Any]


def get_server_details_map(
    server_ids: Sequence[str],
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
) -> dict[str, dict[str, Any]]:
    """Return what DRS knows of each server, exactly the asked ids.

    A server that DRS does not know has ``found`` false.

    Raises:
        DrError: DRS could not be asked.
    """
    if not server_ids:
        return {}
    reach = region_of(region, account_context, regions)
    asked = list(dict.fromkeys(server_ids))
    # DRS refuses a request that names something that is no server's id.
    ids = [one for one in asked if is_server_id(one)]
    servers = reach.source_servers(ids) if ids else []
    known = {server.source_server_id: server for server in servers}
    return {
        one: _details(known.get(one) or _unknown(one), region, one in known)
        for one in asked
    }


def get_recovery_instances_for_wave(
    wave: Wave,
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
    missed: Missed | None = None,
) -> list[dict[str, Any]]:
    """Return the instances that the wave's own jobs launched, by server.

    Args:
        wave: The wave with its servers, as records have it.
        region: Where its servers are.
        account_context: Whose; the hub's without one.
        regions: The ways in; this container's without them.
        missed: Is told that EC2 could not be asked, instead of an error.

    Raises:
        DrError: DRS or EC2 could not be asked.
    """
    jobs, servers = jobs_of(wave), servers_of(wave)
    if not jobs or not servers:
        return []
    reach = region_of(region, account_context, regions)
    found = sorted(
        (
            one
            for one in reach.recovery_instances(server_ids=servers)
            if one.job_id in jobs
        ),
        key=lambda one: (one.source_server_id, one.recovery_instance_id),
    )
    machines = _machines(found, reach, missed)
    names = {
        str(one.get("sourceServerId")): str(one.get("serverName") or "")
        for one in wave.get("serverStatuses") or ()
    }
    return [
        {
            "waveNumber": wave.get("waveNumber"),
            "waveName": wave.get("waveName") or "",
            "region": region,
            "serverName": names.get(one.source_server_id)
            or one.source_server_id,
            **instance_facts(one, machines.get(one.ec2_instance_id)),
        }
        for one in found
    ]


def jobs_of(wave: Wave) -> frozenset[str]:
    """Return the wave's jobs, as any reader of its entry knows them."""
    ids = [wave.get("jobId"), *(wave.get("jobIds") or ())]
    return frozenset(str(one) for one in ids if one)


def servers_of(wave: Wave) -> list[str]:
    """Return the wave's servers, each once."""
    named = [
        *(wave.get("serverIds") or ()),
        *(
            one.get("sourceServerId")
            for one in wave.get("serverStatuses") or ()
        ),
    ]
    return list(dict.fromkeys(str(one) for one in named if one))


def instance_facts(
    found: RecoveryInstance, machine: Instance | None
) -> dict[str, Any]:
    """Return what DRS and EC2 say of an instance; EC2 may be silent."""
    known = machine or Instance(instance_id=found.ec2_instance_id)
    state = known.state or found.ec2_state
    return {
        "sourceServerId": found.source_server_id,
        "recoveryInstanceId": found.recovery_instance_id,
        "instanceId": found.ec2_instance_id,
        "jobId": found.job_id,
        "isDrill": found.is_drill,
        "snapshotTime": found.snapshot_time,
        "status": state,
        "instanceState": state,
        "instanceType": known.instance_type,
        "privateIp": known.private_ip,
        "publicIp": known.public_ip,
        "ipAddress": known.public_ip or known.private_ip,
        "instanceName": known.name,
        "launchTime": known.launched_at,
    }


def _machines(
    found: Sequence[RecoveryInstance], reach: DrsRegion, missed: Missed | None
) -> dict[str, Instance]:
    ids = [one.ec2_instance_id for one in found if one.ec2_instance_id]
    if not ids:
        return {}
    try:
        return reach.instances(ids)
    except DrError as error:
        if missed is None:
            raise
        missed(f"the EC2 instances in {reach.region}", error)
        return {}


def _details(server: SourceServer, region: str, found: bool) -> dict[str, Any]:
    return {
        "name": server.name,
        "hostname": server.hostname,
        "ipAddress": server.source_ip,
        "nameTag": server.name_tag,
        "region": region,
        "sourceInstanceId": server.source_instance_id,
        "sourceAccountId": server.source_account_id,
        "sourceIp": server.source_ip,
        "sourceRegion": server.source_region,
        "replicationState": server.replication_state,
        "lastLaunchResult": server.last_launch_result,
        "found": found,
    }


def _unknown(server_id: str) -> SourceServer:
    return SourceServer(source_server_id=server_id)
