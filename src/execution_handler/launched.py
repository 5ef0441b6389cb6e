"""Which instances are an execution's own.

Those alone whose DRS record names one of its jobs: a server may have been
launched again since, by another execution or by somebody else.
"""

from dataclasses import dataclass, field

from drs.domain.servers import RecoveryInstance
from execution_handler.ports import Ports
from shared.domain.record import Record
from shared.domain.status import IntentState


@dataclass(slots=True, kw_only=True)
class Place:
    """What an execution launched in one Region, as is stored.

    ``unplaced`` are the servers whose instance was never noted.
    """

    jobs: set[str] = field(default_factory=set)
    servers: dict[str, None] = field(default_factory=dict)
    instances: set[str] = field(default_factory=set)
    unplaced: set[str] = field(default_factory=set)


def places(record: Record, ports: Ports) -> dict[str, Place]:
    """Return the execution's jobs and servers by Region."""
    executions = ports.run.executions
    found: dict[str, Place] = {}
    regions: dict[int, str] = {}
    for lean in record.waves:
        entry = executions.entry(record, lean.wave_number) or lean
        if not entry.region:
            # It was skipped, or passed over.
            continue
        place = found.setdefault(entry.region, Place())
        regions[entry.wave_number] = entry.region
        place.jobs |= {job for job in (entry.job_id, *entry.job_ids) if job}
        place.servers |= dict.fromkeys(entry.server_ids)
        place.instances |= {
            server.recovery_instance_id
            for server in entry.server_statuses
            if server.recovery_instance_id
        }
        place.unplaced |= {
            server.source_server_id
            for server in entry.server_statuses
            if not server.recovery_instance_id
        }
    for intent in executions.intents(record.key):
        if intent.intent_state is IntentState.CONFIRMED and (
            intent.wave_number in regions
        ):
            found[regions[intent.wave_number]].jobs.add(intent.job_id)
    return {region: place for region, place in found.items() if place.jobs}


def living(
    record: Record, ports: Ports, known: dict[str, Place] | None = None
) -> dict[str, list[RecoveryInstance]]:
    """Return the execution's instances that still exist, by Region.

    Raises:
        DrError: DRS could not be asked.
    """
    account = ports.account_of(record)
    found: dict[str, list[RecoveryInstance]] = {}
    for region, place in (known or places(record, ports)).items():
        if not place.servers:
            continue
        reach = ports.drs(account, region)
        mine = [
            one
            for one in reach.recovery_instances(server_ids=list(place.servers))
            if one.job_id in place.jobs and one.is_live
        ]
        if mine:
            found[region] = sorted(mine, key=lambda i: i.recovery_instance_id)
    return found
