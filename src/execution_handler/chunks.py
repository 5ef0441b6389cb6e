"""Choosing the servers that a wave launches next, as one job.

Servers that another job holds are passed over for a while, a job waits for
room, and launch configuration is applied before anything is intended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drs.domain.capacity import Room, awaited, job_size, room
from drs.domain.errors import DrsRefused
from drs.domain.job import Job, held_servers
from drs.domain.ports import DrsRegion
from execution_handler.configure import configure
from execution_handler.facts import free_servers, passed_over_since
from execution_handler.launch import Launcher
from execution_handler.ports import Ports
from shared.domain.errors import Unavailable
from shared.domain.record import Change, Intent, Record, WaveEntry
from shared.domain.waves import with_failed

PASSED_OVER_LIMIT = 900
LISTED_WITHIN = 30
SERVER_CONFLICT = "SERVER_CONFLICT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The servers to launch next, or what is waited for.

    Without an entry the record was changed meanwhile. Servers are free as
    ``record`` has it: they are intended on that record and on no later one.
    """

    entry: WaveEntry | None
    record: Record | None = None
    server_ids: tuple[str, ...] = ()
    waiting: str | None = None


def next_chunk(
    record: Record,
    entry: WaveEntry,
    intents: list[Intent],
    launcher: Launcher,
    ports: Ports,
) -> Chunk:
    """Return the wave's next servers, configured, or what they wait for."""
    left = free_servers(entry, intents)
    if not left:
        return Chunk(entry=entry)
    try:
        active = launcher.region.active_jobs()
    except (Unavailable, DrsRefused) as error:
        if isinstance(error, DrsRefused) and not intents:
            raise
        # The jobs that run already are the poll's to judge.
        return Chunk(entry=entry, waiting=f"waiting for DRS: {error.message}")
    held = held_servers(active) & set(left)
    if held:
        since = passed_over_since(entry, intents, held, active)
        if ports.run.clock.now() - since >= PASSED_OVER_LIMIT:
            return _give_up(record, entry, held, ports)
    free = [server for server in left if server not in held]
    if not free:
        return Chunk(
            entry=entry,
            waiting=f"waiting for {len(held)} servers that another DRS job "
            "holds",
        )
    left_room = _room(active, intents, launcher)
    size = job_size(left_room, len(free))
    if not size:
        return Chunk(entry=entry, waiting=awaited(left_room, len(free)))
    chunk = tuple(free[:size])
    return _configured(record, entry, chunk, launcher.region, ports)


def _room(
    active: Sequence[Job], intents: Iterable[Intent], launcher: Launcher
) -> Room:
    """Return the room beside the active jobs and those on their way.

    A call may land until its intent is settled, and DRS lists a job only
    some time after it was called.
    """
    listed = {job.job_id for job in active}
    since = launcher.clock.now() - LISTED_WITHIN
    on_their_way = [
        len(intent.server_ids)
        for intent in intents
        if intent.in_flight
        and intent.job_id not in listed
        and (not intent.job_id or intent.known_since > since)
    ]
    return room(launcher.region.quotas(), active, on_their_way)


def _give_up(
    record: Record, entry: WaveEntry, held: frozenset[str], ports: Ports
) -> Chunk:
    """Fail the servers that another job has held for too long."""
    failed = with_failed(
        entry,
        held,
        SERVER_CONFLICT,
        f"another DRS job held the server for {PASSED_OVER_LIMIT} s",
    )
    written = ports.run.executions.commit(record, Change(wave=failed))
    if written is None:
        return Chunk(entry=None)
    again = free_servers(
        failed,
        ports.run.executions.intents(record.key, entry.wave_number),
    )
    return Chunk(
        entry=failed,
        waiting="waiting for the next look" if again else None,
    )


def _configured(
    record: Record,
    entry: WaveEntry,
    chunk: tuple[str, ...],
    region: DrsRegion,
    ports: Ports,
) -> Chunk:
    """Apply the launch configuration of a chunk, before its intent."""
    after = configure(record, entry, chunk, region, ports)
    if after != entry:
        written = ports.run.executions.commit(record, Change(wave=after))
        if written is None:
            return Chunk(entry=None)
        record = written
    failed = {
        server.source_server_id
        for server in after.server_statuses
        if server.error_code
    }
    launchable = tuple(one for one in chunk if one not in failed)
    if not launchable:
        others = free_servers(after, ())
        return Chunk(
            entry=after,
            waiting="waiting for the next look" if others else None,
        )
    return Chunk(entry=after, record=record, server_ids=launchable)
