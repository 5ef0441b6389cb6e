"""Skipping a wave that has not started, for a reason that somebody gives.

The write of the wave's entry is refused where the wave was started
meanwhile, and the start is refused by the entry: exactly one of the two
wins. Waves that depend on it count it as completed only where the person
said that what it is for is satisfied.
"""

from execution_handler import requests
from execution_handler.ports import Ports
from shared import log
from shared.domain.errors import BadRequest, NotFound
from shared.domain.execution import Wire
from shared.domain.identity import direct_caller
from shared.domain.record import Change, Record, WaveEntry
from shared.domain.status import Status, WaveStatus
from shared.run import TRIES, keeps_changing, release_servers


def skip_wave(event: Wire, ports: Ports) -> Wire:
    """Skip a wave; a repeat answers the same.

    Raises:
        BadRequest: ``WAVE_NOT_SKIPPABLE``, or the request is incomplete.
        NotFound: ``EXECUTION_NOT_FOUND``, ``WAVE_NOT_FOUND``.
    """
    execution_id = requests.execution_named(event)
    number = requests.number(event, "waveNumber")
    reason = requests.reason(event)
    satisfied = requests.flag(event, "satisfied")
    for _ in range(TRIES):
        record = ports.run.executions.find(execution_id)
        _check_planned(record, number)
        known = record.entry(number)
        if known is not None and known.status is WaveStatus.SKIPPED:
            return _skipped(record, known, ports)
        _check_skippable(record, known, number)
        wave = ports.run.executions.plan(record.key).wave(number)
        now = ports.run.clock.now()
        entry = WaveEntry(
            wave_number=number,
            wave_name=wave.name,
            status=WaveStatus.SKIPPED,
            start_time=now,
            end_time=now,
            region="",
            status_message=reason,
            satisfied=satisfied,
            skipped_by=direct_caller(event),
            protection_group_ids=wave.group_ids,
        )
        written = ports.run.executions.commit(record, Change(wave=entry))
        if written is not None:
            log.event(
                "wave_skipped",
                execution_id=execution_id,
                wave=number,
                satisfied=satisfied,
            )
            return _skipped(written, entry, ports)
    raise keeps_changing(record.key)


def _check_planned(record: Record, number: int) -> None:
    if not 0 <= number < record.total_waves:
        raise NotFound(
            f"Execution {record.execution_id} has no waveNumber {number}; "
            f"they run from 0 to {record.total_waves - 1}.",
            code="WAVE_NOT_FOUND",
            executionId=record.execution_id,
            waveNumber=number,
        )


def _check_skippable(
    record: Record, entry: WaveEntry | None, number: int
) -> None:
    if record.status.is_terminal or record.status is Status.CANCELLING:
        raise BadRequest(
            f"Execution {record.execution_id} is {record.status}; no wave of "
            "it will start any more.",
            code="WAVE_NOT_SKIPPABLE",
        )
    if entry is not None:
        raise BadRequest(
            f"Wave {number + 1} ({entry.wave_name}) is {entry.status}; only "
            "a wave that has not started can be skipped. Cancel the "
            "execution to stop it.",
            code="WAVE_NOT_SKIPPABLE",
        )


def _skipped(record: Record, entry: WaveEntry, ports: Ports) -> Wire:
    """Release what the wave had reserved, and answer."""
    release_servers(record, ports.run, wave=entry.wave_number)
    dependants = "count it as completed" if entry.satisfied else "will not run"
    return {
        "executionId": record.execution_id,
        "status": str(record.status),
        "waveNumber": entry.wave_number,
        "waveStatus": str(entry.status),
        "satisfied": entry.satisfied,
        "message": f"Wave {entry.wave_number + 1} ({entry.wave_name}) is "
        f"skipped; waves that depend on it {dependants}.",
    }
