"""The logs of an execution's jobs, every page of them."""

from typing import Final

from drs.domain.job_log import events
from drs.domain.ports import DrsRegion
from execution_handler.ports import Ports
from execution_handler.requests import execution_named
from shared.domain.account import AccountContext
from shared.domain.errors import DrError, NotFound
from shared.domain.execution import Wire
from shared.domain.record import Record, WaveEntry
from shared.domain.wire import shown, text_in

# A reply of Lambda may have 6 MB.
MAX_EVENTS: Final = 10_000
SPARE_SECONDS: Final = 5


def get_job_logs(event: Wire, ports: Ports) -> Wire:
    """Return the logs of the execution's jobs, the newest lines first.

    A log that could not be read, or has no room here, says so in
    ``error``.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``, ``INVALID_FORMAT``.
        NotFound: ``EXECUTION_NOT_FOUND``; ``NOT_FOUND``: the job is none of
            its jobs.
    """
    wanted = text_in(event, "jobId").strip()
    record = ports.run.executions.find(execution_named(event))
    jobs = [
        (entry, job)
        for entry in record.waves
        for job in jobs_of_entry(entry)
        if wanted in ("", job)
    ]
    if wanted and not jobs:
        raise NotFound(
            f"Execution {record.execution_id} has no job {shown(wanted)}.",
            jobId=wanted,
        )
    return {"jobLogs": _logs(jobs, record, ports)}


def jobs_of_entry(entry: WaveEntry) -> list[str]:
    """Return a wave's jobs, each once."""
    ids = [*entry.job_ids, *([entry.job_id] if entry.job_id else [])]
    return list(dict.fromkeys(ids))


def _logs(
    jobs: list[tuple[WaveEntry, str]], record: Record, ports: Ports
) -> list[Wire]:
    if not jobs:
        return []
    account = ports.account_of(record)
    room = MAX_EVENTS
    logs = []
    for entry, job in jobs:
        row = {"waveNumber": entry.wave_number, "jobId": job}
        if room <= 0 or ports.seconds_left < SPARE_SECONDS:
            why = "Left out to keep the answer short; ask with this jobId."
            logs.append({**row, "events": [], "error": why})
            continue
        read = _log(job, entry.region, account, ports)
        room -= len(read["events"])
        logs.append({**row, **read})
    return logs


def _log(job: str, region: str, account: AccountContext, ports: Ports) -> Wire:
    try:
        reach: DrsRegion = ports.drs(account, region)
        return {"events": events(reach.job_log(job))}
    except DrError as error:
        return {"events": [], "error": error.message}
