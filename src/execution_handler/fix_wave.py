"""Fixing a wave's servers: resolve, reserve, write the entry.

From the write of the entry on, the set of servers never changes.
"""

from msgspec.structs import replace

from execution_handler.ports import Ports
from execution_handler.resolve import Resolved, groups_of, no_servers, resolve
from shared.domain.plan import PlanWave
from shared.domain.ports import ServerKey
from shared.domain.record import Change, Record, Reserved, WaveEntry
from shared.domain.status import WaveStatus
from shared.domain.waves import counted, with_failed

SERVER_CONFLICT = "SERVER_CONFLICT"
INVALID_WAVE = "INVALID_WAVE"


def fix_wave(record: Record, wave: PlanWave, ports: Ports) -> WaveEntry | None:
    """Write the wave's entry with its servers, all reserved.

    Returns:
        The entry; None where the record was changed meanwhile.

    Raises:
        BadRequest: No group, groups of two Regions, or no server.
        NotFound: A group does not exist.
    """
    groups = groups_of(wave, ports, code=INVALID_WAVE)
    resolved = resolve(wave, groups, record.account_context, ports)
    if not resolved.servers:
        raise no_servers(wave, resolved)
    noted = _noted(record, wave, resolved, ports)
    if noted is None:
        return None
    held = _reserved(noted, wave, resolved, ports)
    entry = _entry(noted, wave, resolved, held, ports)
    written = ports.run.executions.commit(noted, Change(wave=entry))
    return None if written is None else entry


def _noted(
    record: Record, wave: PlanWave, resolved: Resolved, ports: Ports
) -> Record | None:
    """Note servers that match newly, before they are reserved."""
    reserved = ports.run.executions.reserved(record)
    known = _ids_of(reserved, wave.wave_number)
    noted = frozenset(known)
    fresh = tuple(one for one in resolved.server_ids if one not in noted)
    if not fresh:
        return record
    mine = Reserved(
        wave_number=wave.wave_number,
        server_ids=(*known, *fresh),
        region=resolved.region,
    )
    others = [r for r in reserved if r.wave_number != wave.wave_number]
    change = Change(set={"reserved": (*others, mine)})
    return ports.run.executions.commit(record, change)


def _ids_of(reserved: tuple[Reserved, ...], number: int) -> tuple[str, ...]:
    return tuple(
        server
        for group in reserved
        if group.wave_number == number
        for server in group.server_ids
    )


def _reserved(
    record: Record, wave: PlanWave, resolved: Resolved, ports: Ports
) -> dict[str, str]:
    """Take the reservations that are missing; return those of others."""
    account = record.account_id(ports.run.hub_account_id)
    keys = [
        ServerKey(account, resolved.region, one) for one in resolved.server_ids
    ]
    held = ports.run.locks.reserve(
        record.key,
        keys,
        wave.wave_number,
        ports.run.clock.now(),
        record_exists=True,
    )
    return {key.source_server_id: owner for key, owner in held.items()}


def _entry(
    record: Record,
    wave: PlanWave,
    resolved: Resolved,
    held: dict[str, str],
    ports: Ports,
) -> WaveEntry:
    now = ports.run.clock.now()
    approved = _ids_of(ports.run.executions.reserved(record), wave.wave_number)
    found = frozenset(resolved.server_ids)
    lost = [one for one in approved if one not in found]
    entry = WaveEntry(
        wave_number=wave.wave_number,
        wave_name=wave.name,
        status=WaveStatus.STARTED,
        start_time=now,
        region=resolved.region,
        server_ids=resolved.server_ids,
        server_statuses=resolved.servers,
        protection_group_ids=wave.group_ids,
        resolved_at=now,
        status_message=_changed(lost),
        detail="items" if record.large else "",
    )
    for server, owner in held.items():
        entry = with_failed(
            entry,
            [server],
            SERVER_CONFLICT,
            f"execution {owner} holds the server",
        )
    return counted(replace(entry, server_count=len(resolved.servers)))


def _changed(lost: list[str]) -> str:
    if not lost:
        return ""
    return f"{len(lost)} servers of the start match no more: " + ", ".join(
        lost[:10]
    )
