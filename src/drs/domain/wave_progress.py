"""How far a wave's servers are, and whether the wave has ended.

Observed facts are merged over the stored ones, then judged. A wave is never
decided over servers in motion; only servers that DRS launched count as
launched.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from drs.domain.job import Job, Participant, is_over, launch_actions
from drs.domain.servers import Instance, RecoveryInstance
from drs.domain.timestamps import iso
from shared.domain.record import Intent, ServerStatus, WaveEntry
from shared.domain.status import (
    LAUNCH_OVER,
    IntentState,
    LaunchStatus,
    WaveStatus,
)
from shared.domain.waves import counted, with_failed

GRACE_AFTER_JOB_END = 600
GRACE_FOR_MISSING_JOB = 120
WAVE_LAUNCH_FAILED = "WAVE_LAUNCH_FAILED"
NOT_LAUNCHED = "NOT_LAUNCHED_AT_JOB_END"
NO_PARTICIPANTS = "NO_PARTICIPATING_SERVERS"
JOB_NOT_FOUND = "JOB_NOT_FOUND"
SKIPPED = "SERVER_SKIPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What DRS and EC2 said of a wave's jobs, this time."""

    jobs: Mapping[str, Job] = field(default_factory=dict)
    instances: Mapping[str, RecoveryInstance] = field(default_factory=dict)
    machines: Mapping[str, Instance] = field(default_factory=dict)
    phase: str = ""
    skipped: Collection[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


def confirmed(intents: Iterable[Intent]) -> list[Intent]:
    """Return the intents whose job is known."""
    return [i for i in intents if i.intent_state is IntentState.CONFIRMED]


def merged(
    entry: WaveEntry, intents: Sequence[Intent], seen: Seen
) -> WaveEntry:
    """Return the entry with what was seen laid over what is stored.

    ``seen.instances`` is by source server, ``seen.machines`` by instance.
    A server that we failed ourselves stays so.
    """
    jobs: dict[str, tuple[str, Participant | None]] = {}
    for intent in confirmed(intents):
        found = _participants(seen, intent)
        for server in intent.server_ids:
            jobs[server] = (intent.job_id, found.get(server))
    servers = tuple(
        _server(status, jobs.get(status.source_server_id), seen)
        for status in entry.server_statuses
    )
    after = counted(replace(entry, server_statuses=servers))
    return replace(
        after, status=_moving(after, seen), phase=_phase(after, seen)
    )


def _participants(seen: Seen, intent: Intent) -> dict[str, Participant]:
    job = seen.jobs.get(intent.job_id)
    return {p.source_server_id: p for p in job.participants} if job else {}


def _server(
    server: ServerStatus,
    job: tuple[str, Participant | None] | None,
    seen: Seen,
) -> ServerStatus:
    if job is None or server.error_code:
        return server
    job_id, participant = job
    known = server
    if server.job_id != job_id:
        known = replace(server, job_id=job_id)
    if server.source_server_id in seen.skipped:
        return replace(
            known,
            launch_status=str(LaunchStatus.FAILED),
            error_code=SKIPPED,
            error="DRS left the server out of the job (SERVER_SKIPPED)",
        )
    if participant is None:
        return known
    return _with_instance(_with_participant(known, participant, seen), seen)


def _with_participant(
    server: ServerStatus, participant: Participant, seen: Seen
) -> ServerStatus:
    failed = participant.launch_status in (
        LaunchStatus.FAILED,
        LaunchStatus.TERMINATED,
    )
    why = seen.errors.get(server.source_server_id, server.error)
    facts = (
        participant.launch_status,
        participant.recovery_instance_id or server.recovery_instance_id,
        launch_actions(participant) or server.launch_actions_status,
        why if failed else "",
    )
    if facts == _facts(server):
        return server
    status, instance, actions, error = facts
    return replace(
        server,
        launch_status=status,
        recovery_instance_id=instance,
        launch_actions_status=actions,
        error=error,
    )


def _facts(server: ServerStatus) -> tuple[str, str, str, str]:
    return (
        server.launch_status,
        server.recovery_instance_id,
        server.launch_actions_status,
        server.error,
    )


def _with_instance(server: ServerStatus, seen: Seen) -> ServerStatus:
    found = seen.instances.get(server.source_server_id)
    if found is None:
        return server
    machine = seen.machines.get(found.ec2_instance_id)
    placed = replace(
        server,
        recovery_instance_id=found.recovery_instance_id,
        instance_id=found.ec2_instance_id,
        instance_state=found.ec2_state,
        snapshot_time=iso(found.snapshot_time),
    )
    if machine is None:
        return placed
    return replace(
        placed,
        private_ip=machine.private_ip,
        ip_address=machine.public_ip or machine.private_ip,
        instance_type=machine.instance_type,
        instance_state=machine.state or placed.instance_state,
        launch_time=machine.launched_at,
    )


def _moving(entry: WaveEntry, seen: Seen) -> WaveStatus:
    moved = any(job.status != "PENDING" for job in seen.jobs.values()) or any(
        server.launch_status != LaunchStatus.PENDING
        for server in entry.server_statuses
    )
    if entry.is_final or not moved:
        return entry.status
    return WaveStatus.IN_PROGRESS


def _phase(entry: WaveEntry, seen: Seen) -> str:
    if _all_launched(entry):
        return "LAUNCHED"
    return seen.phase or entry.phase


def needs_instance(entry: WaveEntry) -> list[str]:
    """Return the launched servers whose instance is not known yet."""
    return [
        server.source_server_id
        for server in entry.server_statuses
        if server.launch_status == LaunchStatus.LAUNCHED
        and not server.instance_id
    ]


def judged(
    entry: WaveEntry,
    intents: Sequence[Intent],
    seen: Seen,
    *,
    start_pending: bool,
    now: int,
) -> WaveEntry:
    """Return the entry, with its final status where the wave has ended.

    Args:
        entry: The entry with what was seen merged in.
        intents: The wave's intents.
        seen: What was seen, for jobs that ended or are gone.
        start_pending: Whether servers are still to be launched.
        now: Epoch seconds.
    """
    if _all_launched(entry):
        return _ended(entry, WaveStatus.COMPLETED, "", now)
    if start_pending:
        return entry
    decided = _after_grace(
        _without_job(entry, intents, seen, now), intents, seen, now
    )
    if decided.pending_count:
        return decided
    if _all_launched(decided):
        return _ended(decided, WaveStatus.COMPLETED, "", now)
    status = (
        WaveStatus.PARTIAL if decided.launched_count else WaveStatus.FAILED
    )
    return _ended(decided, status, _code(decided), now)


def _all_launched(entry: WaveEntry) -> bool:
    return bool(entry.server_count) and (
        entry.launched_count == entry.server_count
    )


def _ended(
    entry: WaveEntry, status: WaveStatus, code: str, now: int
) -> WaveEntry:
    return replace(entry, status=status, error_code=code, end_time=now)


def _code(entry: WaveEntry) -> str:
    codes = {
        server.error_code
        for server in entry.server_statuses
        if server.launch_status != LaunchStatus.LAUNCHED
    }
    only = next(iter(codes)) if len(codes) == 1 else ""
    return WAVE_LAUNCH_FAILED if entry.launched_count or not only else only


def _without_job(
    entry: WaveEntry, intents: Sequence[Intent], seen: Seen, now: int
) -> WaveEntry:
    """Fail the servers of jobs that DRS has not known for two minutes."""
    for intent in confirmed(intents):
        late = now - intent.known_since >= GRACE_FOR_MISSING_JOB
        if intent.job_id in seen.jobs or intent.settled_at or not late:
            continue
        entry = with_failed(
            _launched_by(entry, intent, seen),
            intent.server_ids,
            JOB_NOT_FOUND,
            f"DRS does not know job {intent.job_id} any more and no recovery "
            "instance names it",
        )
    return entry


def _launched_by(entry: WaveEntry, intent: Intent, seen: Seen) -> WaveEntry:
    """Take the servers as launched whose recovery instance names the job."""

    def one(server: ServerStatus) -> ServerStatus:
        found = seen.instances.get(server.source_server_id)
        if found is None or found.job_id != intent.job_id:
            return server
        if server.launch_status in LAUNCH_OVER:
            return server
        return _with_instance(
            replace(server, launch_status=str(LaunchStatus.LAUNCHED)), seen
        )

    return replace(
        entry, server_statuses=tuple(one(s) for s in entry.server_statuses)
    )


def _after_grace(
    entry: WaveEntry, intents: Sequence[Intent], seen: Seen, now: int
) -> WaveEntry:
    """Fail what still waits ten minutes after every job has ended."""
    jobs = [seen.jobs.get(i.job_id) for i in confirmed(intents)]
    if not entry.pending_count or not jobs:
        return entry
    if not all(job is not None and is_over(job) for job in jobs):
        return replace(entry, job_completed_at=0)
    since = entry.job_completed_at or now
    waiting = replace(entry, job_completed_at=since)
    if now - since < GRACE_AFTER_JOB_END:
        return waiting
    empty = not any(job.participants for job in jobs if job is not None)
    return with_failed(
        waiting,
        [
            server.source_server_id
            for server in waiting.server_statuses
            if server.launch_status not in LAUNCH_OVER
        ],
        NO_PARTICIPANTS if empty else NOT_LAUNCHED,
        f"the job has ended and the server was not launched within "
        f"{GRACE_AFTER_JOB_END} s of it",
    )


def timed_out(entry: WaveEntry, now: int, limit: int) -> WaveEntry:
    """Return the entry of a wave whose time is up; servers stay as seen."""
    message = (
        f"The wave did not end within {limit} s; {entry.pending_count} of "
        f"{entry.server_count} servers are not decided."
    )
    return replace(
        _ended(entry, WaveStatus.TIMEOUT, "WAVE_TIMEOUT", now),
        status_message=message,
    )


def settled(
    entry: WaveEntry, intents: Iterable[Intent], now: int
) -> list[tuple[Intent, Intent]]:
    """Return the intents whose job is over for us, before and after."""
    over = {
        server.source_server_id
        for server in entry.server_statuses
        if server.launch_status in LAUNCH_OVER
    }
    return [
        (intent, replace(intent, settled_at=now))
        for intent in confirmed(intents)
        if not intent.settled_at and set(intent.server_ids) <= over
    ]
