"""Launching exactly once, although StartRecovery takes no token.

Every call is preceded by an intent. Whoever finds an intent first looks for
a job that carries its tags; only the holder of its lease may call, and only
while enough of the lease remains for the call to end within it. Each write
of an intent is refused when somebody else wrote it meanwhile.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from drs.domain.errors import (
    DrsAnswerLost,
    DrsConflict,
    DrsQuotaExceeded,
    DrsRefused,
    DrsThrottled,
)
from drs.domain.intent_tags import carries, intent_tags
from drs.domain.job import Job, held_servers
from drs.domain.ports import DrsRegion
from drs.domain.servers import jobs_launched_since
from shared import log, metrics
from shared.domain.errors import DrError, DrsUnavailable, Unavailable
from shared.domain.metrics import Metric
from shared.domain.ports import Clock, Executions
from shared.domain.record import Change, Intent, IntentChange, Key, Record
from shared.domain.status import LAUNCHABLE, IntentState, Status

DELAYS = (1, 2, 4, 8)
LEASE_SLACK = 5
LEASE_NEEDED_TO_CALL = 70
LOOK_BACK = 60
BLIND_LIMIT = 900
CONFLICT_LIMIT = 900
SPLIT = "SPLIT"
NOT_CALLED = "NOT_CALLED"
START_FAILED = "DRS_START_FAILED"


class JobUnlisted(DrsUnavailable):
    """A server names a job that DRS does not list: it may be ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """One invocation that launches the wave of one execution."""

    key: Key
    is_drill: bool
    region: DrsRegion
    executions: Executions
    clock: Clock
    deadline: int

    @property
    def lease(self) -> int:
        """Return until when a lease taken by this invocation lasts."""
        return self.deadline + LEASE_SLACK


def may_launch(record: Record, wave: int) -> bool:
    """Tell whether the record allows another job of this wave."""
    if record.status in LAUNCHABLE:
        return True
    entry = record.entry(wave)
    begun = entry is not None and entry.intent_count > 0
    return record.status is Status.PAUSE_PENDING and begun


def intend(
    record: Record, wave: int, server_ids: tuple[str, ...], launcher: Launcher
) -> Intent | None:
    """Write the intent to launch these servers as the wave's next job.

    Returns:
        The intent, which is ours to call, or None where the record does
        not allow it or was changed meanwhile.
    """
    entry = launcher.executions.entry(record, wave)
    if entry is None or not may_launch(record, wave):
        return None
    intent = _fresh(wave, entry.intent_count, server_ids, launcher)
    change = Change(wave=replace(entry, intent_count=entry.intent_count + 1))
    written = launcher.executions.commit(
        record, change, [IntentChange(before=None, after=intent)]
    )
    return None if written is None else intent


def _fresh(
    wave: int, index: int, server_ids: tuple[str, ...], launcher: Launcher
) -> Intent:
    now = launcher.clock.now()
    return Intent(
        wave_number=wave,
        job_index=index,
        intent_state=IntentState.INTENT,
        server_ids=server_ids,
        region=launcher.region.region,
        attempt=1,
        lease_expiry=launcher.lease,
        called_at=now,
        created_at=now,
    )


def enter(intent: Intent, launcher: Launcher) -> Intent:
    """Bring an intent that somebody wrote as far as it goes now.

    Raises:
        DrError: ``DRS_START_FAILED`` after 900 s without a good look; the
            intent stays in flight.
    """
    if intent.intent_state is not IntentState.INTENT:
        return intent
    try:
        job = find_job(intent, launcher)
    except (Unavailable, DrsRefused) as error:
        return _blind(intent, error, launcher)
    if job is not None:
        return confirm(intent, job.job_id, launcher)
    if intent.lease_expiry > launcher.clock.now():
        return intent
    renewed = renew(intent, launcher)
    return intent if renewed is None else call(renewed, launcher)


def _blind(intent: Intent, error: DrError, launcher: Launcher) -> Intent:
    """Leave the intent as it is until nobody could look for too long."""
    log.event(
        "reconcile_failed",
        execution_id=launcher.key.execution_id,
        wave=intent.wave_number,
        job_index=intent.job_index,
        error_code=error.code,
    )
    if launcher.clock.now() - intent.called_at < BLIND_LIMIT:
        return intent
    raise DrError(
        f"Job {intent.job_index} of wave {intent.wave_number + 1} may have "
        f"been started, and DRS could not be asked for {BLIND_LIMIT} s: "
        f"{error.message}",
        code=START_FAILED,
    ) from error


def find_job(intent: Intent, launcher: Launcher) -> Job | None:
    """Return the job that carries the intent's tags, if DRS has one.

    Raises:
        JobUnlisted: DRS has started a job for one of the servers, and
            does not list it yet.
        Unavailable: DRS could not be asked.
    """
    tags = intent_tags(*launcher.key, intent.wave_number, intent.job_index)
    since = intent.created_at - LOOK_BACK
    for job in launcher.region.jobs_since(since):
        if carries(job, tags):
            return _found(intent, job, launcher)
    launched = jobs_launched_since(
        launcher.region.source_servers(intent.server_ids), since
    )
    if not launched:
        return None
    known = launcher.region.jobs(sorted(launched))
    for job in known:
        if carries(job, tags):
            return _found(intent, job, launcher)
    unlisted = launched - {job.job_id for job in known}
    if unlisted:
        raise JobUnlisted(
            f"DRS in {launcher.region.region} has started "
            f"{', '.join(sorted(unlisted))} and does not list it yet; "
            "whether it is ours will show when it does."
        )
    return None


def _found(intent: Intent, job: Job, launcher: Launcher) -> Job:
    metrics.record(Metric.LAUNCHES_RECONCILED)
    log.event(
        "launch_reconciled",
        execution_id=launcher.key.execution_id,
        wave=intent.wave_number,
        job_id=job.job_id,
    )
    return job


def confirm(intent: Intent, job_id: str, launcher: Launcher) -> Intent:
    """Write the job's id, before anything else happens to it.

    Refused because somebody adopted the same job first: the same result.
    """
    now = launcher.clock.now()
    known = replace(intent, job_id=job_id, confirmed_at=now, error="")
    after = replace(known, intent_state=IntentState.CONFIRMED)
    return _written(intent, after, launcher)


def reject(
    intent: Intent, reason: str, error: str, launcher: Launcher
) -> Intent:
    """Write that the intent's call was refused for good, and why."""
    after = replace(
        intent,
        intent_state=IntentState.REJECTED,
        reject_reason=reason,
        error=error[:500],
        settled_at=launcher.clock.now(),
    )
    return _written(intent, after, launcher)


def _pending(intent: Intent, lease_expiry: int, launcher: Launcher) -> Intent:
    """Give the lease back, so that the next caller may take it."""
    after = replace(intent, lease_expiry=lease_expiry)
    return _written(intent, after, launcher)


def _written(before: Intent, after: Intent, launcher: Launcher) -> Intent:
    """Write an intent; where that is refused, return it as it is now."""
    change = IntentChange(before=before, after=after)
    if launcher.executions.commit_intent(launcher.key, change):
        return after
    return _read(before, launcher)


def _read(intent: Intent, launcher: Launcher) -> Intent:
    for stored in launcher.executions.intents(
        launcher.key, intent.wave_number
    ):
        if stored.job_index == intent.job_index:
            return stored
    raise DrError(
        f"Intent {intent.job_index} of wave {intent.wave_number + 1} of "
        f"execution {launcher.key.execution_id} has vanished."
    )


def renew(intent: Intent, launcher: Launcher) -> Intent | None:
    """Take the lease; None where the record forbids it or others did."""
    record = launcher.executions.record(launcher.key)
    if not may_launch(record, intent.wave_number):
        return None
    after = replace(
        intent,
        attempt=intent.attempt + 1,
        called_at=launcher.clock.now(),
        lease_expiry=launcher.lease,
    )
    written = launcher.executions.commit(
        record, Change(), [IntentChange(before=intent, after=after)]
    )
    return None if written is None else after


def call(
    intent: Intent, launcher: Launcher, max_retries: int = len(DELAYS)
) -> Intent:
    """Call StartRecovery as the holder of the lease, again where that is
    safe.

    Returns:
        The intent CONFIRMED, REJECTED, or INTENT: pending.
    """
    for number, delay in enumerate((*DELAYS[:max_retries], None)):
        if intent.lease_expiry - launcher.clock.now() <= LEASE_NEEDED_TO_CALL:
            return intent
        if number or intent.attempt > 1:
            metrics.record(Metric.DRS_RETRIES)
        tags = intent_tags(*launcher.key, intent.wave_number, intent.job_index)
        try:
            job_id = launcher.region.start_recovery(
                intent.server_ids, is_drill=launcher.is_drill, tags=tags
            )
        except DrsConflict as error:
            return _conflict(intent, error, launcher)
        except DrsRefused as error:
            return reject(intent, error.code, error.message, launcher)
        except (DrsThrottled, DrsQuotaExceeded, DrsAnswerLost) as error:
            looked = _after_failure(intent, error, delay, launcher)
            if looked is None:
                return _pending(intent, launcher.clock.now(), launcher)
            if looked.intent_state is not IntentState.INTENT:
                return looked
            if delay is None:
                return _given_up(looked, error, launcher)
            intent = looked
        else:
            return confirm(intent, job_id, launcher)
    return intent


def _after_failure(
    intent: Intent, error: DrError, delay: int | None, launcher: Launcher
) -> Intent | None:
    """Look for the job after a call that gave none.

    Returns:
        The intent CONFIRMED, or to be called again; None where DRS could
        not be looked at or the lease could not be renewed.
    """
    lost = isinstance(error, DrsAnswerLost)
    waits = (0, *DELAYS) if lost else (delay or 0,)
    unlisted = False
    for wait in waits:
        if wait:
            launcher.clock.sleep(wait)
        try:
            job = find_job(intent, launcher)
        except JobUnlisted:
            unlisted = True
            continue
        except (Unavailable, DrsRefused):
            return None
        if job is not None:
            return confirm(intent, job.job_id, launcher)
        unlisted = False
    if unlisted:
        return None
    return renew(intent, launcher) if lost else intent


def _given_up(intent: Intent, error: DrError, launcher: Launcher) -> Intent:
    """Decide what becomes of an intent whose calls all failed."""
    if isinstance(error, DrsQuotaExceeded):
        if launcher.region.quotas().allow(len(intent.server_ids)):
            return _pending(intent, 0, launcher)
        return reject(intent, SPLIT, error.message, launcher)
    if isinstance(error, DrsAnswerLost):
        return _pending(intent, launcher.clock.now(), launcher)
    return reject(intent, START_FAILED, error.message, launcher)


def _conflict(
    intent: Intent, error: DrsConflict, launcher: Launcher
) -> Intent:
    """Adopt our own job, or go on without the servers others hold."""
    try:
        job = find_job(intent, launcher)
        active = launcher.region.active_jobs()
    except (Unavailable, DrsRefused):
        return _pending(intent, launcher.clock.now(), launcher)
    if job is not None:
        return confirm(intent, job.job_id, launcher)
    held = held_servers(active) & set(intent.server_ids)
    if not held:
        return _unexplained(intent, error, launcher)
    log.event(
        "servers_held_by_another_job",
        execution_id=launcher.key.execution_id,
        wave=intent.wave_number,
        server_ids=sorted(held),
        reason=error.message,
    )
    return _split(intent, held, launcher)


def _unexplained(
    intent: Intent, error: DrsConflict, launcher: Launcher
) -> Intent:
    """Wait for a conflict without a listed job, for 15 minutes.

    Our own job may not be listed yet, and jobs other than launches hold
    servers too.
    """
    if launcher.clock.now() - intent.created_at < CONFLICT_LIMIT:
        return _pending(intent, 0, launcher)
    return reject(intent, error.code, error.message, launcher)


def _split(
    intent: Intent, held: frozenset[str] | set[str], launcher: Launcher
) -> Intent:
    """Reject the intent; intend the free servers as the next job."""
    record = launcher.executions.record(launcher.key)
    entry = launcher.executions.entry(record, intent.wave_number)
    if entry is None or not may_launch(record, intent.wave_number):
        return intent
    free = tuple(one for one in intent.server_ids if one not in held)
    refused = replace(
        intent,
        intent_state=IntentState.REJECTED,
        reject_reason=SPLIT,
        settled_at=launcher.clock.now(),
    )
    changes = [IntentChange(before=intent, after=refused)]
    following = _fresh(intent.wave_number, entry.intent_count, free, launcher)
    if free:
        changes.append(IntentChange(before=None, after=following))
        entry = replace(entry, intent_count=entry.intent_count + 1)
    written = launcher.executions.commit(record, Change(wave=entry), changes)
    if written is None:
        return _read(intent, launcher)
    return call(following, launcher) if free else refused
