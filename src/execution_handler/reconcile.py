"""What a wave, and an execution, are by what DRS says now.

Judges by the same rules as the poll and the drain, and writes nothing: the
run's own steps alone change what is stored.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from drs.domain.ports import DrsRegions
from drs.observation import look
from drs.reach import Context, region_of
from shared.clock import SystemClock
from shared.domain.errors import BadRequest
from shared.domain.record import Intent, Record, WaveEntry
from shared.domain.status import (
    LAUNCH_OVER,
    Event,
    IntentState,
    Status,
    after,
)
from shared.domain.waves import ending

_FIELDS = {f.encode_name for f in msgspec.structs.fields(WaveEntry)}


def reconcile_wave_status_with_drs(
    wave: Mapping[str, Any],
    region: str,
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
    now: int | None = None,
) -> dict[str, Any]:
    """Return a copy of the wave as its jobs are now.

    A wave that has ended keeps its status and its end; what its servers are
    may still change. Where DRS does not know a job any more, what is stored
    stays.

    Args:
        wave: The wave with its servers, as records have it.
        region: Where its servers are.
        account_context: Whose; the hub's without one.
        regions: The ways in; this container's without them.
        now: Epoch seconds; the clock's without it.

    Raises:
        DrError: DRS or EC2 could not be asked.
    """
    entry = _entry(wave)
    if not entry.job_id or _is_settled(entry):
        return dict(wave)
    moment = SystemClock().now() if now is None else now
    seen = look(
        entry,
        _intents(entry, moment),
        region_of(region, account_context, regions),
        start_pending=_waits_for_a_job(entry),
        now=moment,
    )
    if entry.is_final:
        seen = replace(
            seen,
            status=entry.status,
            end_time=entry.end_time,
            error_code=entry.error_code,
        )
    others = {k: v for k, v in wave.items() if k not in _FIELDS}
    return {**others, **msgspec.to_builtins(seen)}


def recalculate_execution_status(execution: Mapping[str, Any]) -> str:
    """Return the status of an execution by what its waves are.

    A pause stays; while a wave is active the run goes on; else the table of
    outcomes decides.
    """
    try:
        record = msgspec.convert(execution, Record)
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"This is no execution: {error}.", code="INVALID_FORMAT"
        ) from error
    if record.status is Status.PAUSED:
        return str(Status.PAUSED)
    if any(not entry.is_final for entry in record.waves):
        return str(Status.IN_PROGRESS)
    if record.status.is_cancel:
        return str(Status.CANCELLED)
    timed_out = record.status is Status.TIMEOUT
    end: Event = ending(record, (), reason="", timed_out=timed_out).event
    return str(after(Status.POLLING, end))


def _entry(wave: Mapping[str, Any]) -> WaveEntry:
    try:
        return msgspec.convert(wave, WaveEntry)
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"This is no wave of an execution: {error}.",
            code="INVALID_WAVE_DATA",
        ) from error


def _is_settled(entry: WaveEntry) -> bool:
    """Tell whether nothing that DRS says would change the entry."""
    return entry.is_final and all(
        server.launch_status in LAUNCH_OVER and _is_placed(server)
        for server in entry.server_statuses
    )


def _is_placed(server: Any) -> bool:
    return server.launch_status != "LAUNCHED" or bool(server.instance_id)


def _waits_for_a_job(entry: WaveEntry) -> bool:
    return not entry.is_final and any(
        server.launch_status not in LAUNCH_OVER
        and not _job_of(server.job_id, entry)
        for server in entry.server_statuses
    )


def _intents(entry: WaveEntry, now: int) -> list[Intent]:
    """Return the wave's jobs as intents that were confirmed just now.

    So a job that DRS does not list is one that may still show.
    """
    jobs: dict[str, list[str]] = {}
    for server in entry.server_statuses:
        job = _job_of(server.job_id, entry)
        if job:
            jobs.setdefault(job, []).append(server.source_server_id)
    return [
        Intent(
            wave_number=entry.wave_number,
            job_index=index,
            intent_state=IntentState.CONFIRMED,
            server_ids=tuple(servers),
            region=entry.region,
            attempt=1,
            lease_expiry=0,
            called_at=now,
            created_at=now,
            confirmed_at=now,
            job_id=job,
        )
        for index, (job, servers) in enumerate(jobs.items())
    ]


def _job_of(job_id: str, entry: WaveEntry) -> str:
    """Return a server's job; the wave's only one, where it is not said."""
    only = entry.job_id if len(entry.job_ids) < 2 else ""
    return job_id or only or ""
