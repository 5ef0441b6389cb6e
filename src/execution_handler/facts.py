"""What the intents of a wave say about its servers and jobs.

The intents are the truth about calls and jobs; the wave's entry repeats
them for readers. The state machine tells whether a run still goes on.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from drs.domain.job import Job
from execution_handler.launch import SPLIT
from execution_handler.ports import Ports
from shared.domain.record import Change, Intent, Key, Record, WaveEntry
from shared.domain.status import (
    LAUNCH_OVER,
    Event,
    IntentState,
    follows,
)
from shared.domain.waves import with_failed
from shared.run import TRIES, keeps_changing

RUNNING = "RUNNING"
NOT_REFUSED = frozenset({"", SPLIT})


def confirmed_servers(intents: Iterable[Intent]) -> frozenset[str]:
    """Return the servers that are in a job."""
    return frozenset(
        server
        for intent in intents
        if intent.intent_state is IntentState.CONFIRMED
        for server in intent.server_ids
    )


def free_servers(entry: WaveEntry, intents: Iterable[Intent]) -> list[str]:
    """Return the servers still to be launched, in id order."""
    taken = {
        server
        for intent in intents
        if intent.holds_servers or intent.reject_reason not in NOT_REFUSED
        for server in intent.server_ids
    }
    over = {
        server.source_server_id
        for server in entry.server_statuses
        if server.launch_status in LAUNCH_OVER
    }
    return sorted(set(entry.server_ids) - taken - over)


def passed_over_since(
    entry: WaveEntry,
    intents: Sequence[Intent],
    held: Iterable[str],
    active: Iterable[Job],
) -> int:
    """Return since when the servers are passed over.

    That is the time of the first intent that named one of them. Where none
    did, it is since they are held by a job and the wave wants them.
    """
    named = set(held)
    times = [
        intent.created_at
        for intent in intents
        if named & set(intent.server_ids)
    ]
    taken = [job.created_at for job in active if named & job.server_ids]
    return min(times, default=max(entry.start_time, *taken))


def with_jobs(entry: WaveEntry, intents: Sequence[Intent]) -> WaveEntry:
    """Return the entry with the jobs and the refusals of its intents."""
    jobs = tuple(
        intent.job_id
        for intent in intents
        if intent.intent_state is IntentState.CONFIRMED
    )
    known = replace(
        entry,
        job_ids=jobs,
        job_count=len(jobs),
        job_id=jobs[0] if jobs else None,
    )
    for intent in intents:
        if (
            intent.intent_state is IntentState.REJECTED
            and intent.reject_reason not in NOT_REFUSED
        ):
            known = with_failed(
                known,
                intent.server_ids,
                intent.reject_reason,
                intent.error or intent.reject_reason,
            )
    return known


def store_jobs(key: Key, wave: int, ports: Ports) -> Record:
    """Store a wave's jobs, whatever the record's status, and go POLLING.

    The status follows only where the table of transitions allows it.
    """
    executions = ports.run.executions
    for _ in range(TRIES):
        record = executions.record(key)
        entry = executions.entry(record, wave)
        intents = executions.intents(key, wave)
        if entry is None:
            return record
        after = with_jobs(entry, intents)
        reached = follows(record.status, Event.JOB_ACCEPTED)
        if not after.job_ids or record.status.is_terminal:
            reached = None
        if after == entry and reached in (None, record.status):
            return record
        change = Change(status=reached, set=_job_of(after), wave=after)
        written = executions.commit(record, change)
        if written is not None:
            return written
    raise keeps_changing(key)


def _job_of(entry: WaveEntry) -> dict[str, Any]:
    if entry.job_id is None:
        return {}
    return {"drs_job_id": entry.job_id, "drs_region": entry.region}


def machine_runs(record: Record, ports: Ports) -> bool:
    """Tell whether the run, or its successor, still goes on."""
    arns = (record.state_machine_arn, record.next_state_machine_arn)
    for arn in arns:
        run = ports.machine.describe(arn) if arn else None
        if run is not None and run.status == RUNNING:
            return True
    return False
