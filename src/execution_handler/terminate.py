"""Ending the instances that an execution launched, through DRS.

Which instances those are is decided in ``launched``, how one Region is
asked in ``end_instances``. Here is decided when it is allowed, that one
request at a time asks, and that a job is in the record before the reply.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from drs.domain.servers import RecoveryInstance
from execution_handler.end_instances import Ended, end_instances
from execution_handler.launched import Place, living, places
from execution_handler.ports import Ports
from execution_handler.requests import execution_named
from execution_handler.termination import follow
from shared import log
from shared.domain.errors import BadRequest, DatabaseError, DrError
from shared.domain.execution import Wire
from shared.domain.identity import direct_caller
from shared.domain.record import Change, Key, Record, TerminateJob
from shared.run import TRIES, keeps_changing

OPERATION: Final = "terminate_instances"
# Longer than any function lives.
LEASE_SECONDS: Final = 330


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What a request is to end, and where."""

    record: Record
    places: dict[str, Place]
    found: dict[str, list[RecoveryInstance]]

    @property
    def total(self) -> int:
        """Return how many instances there are to end."""
        return sum(map(len, self.found.values()))


def terminate_instances(event: Wire, ports: Ports) -> Wire:
    """End the instances that the execution's own jobs launched.

    A repeat finds the jobs that were started and starts nothing twice.

    Raises:
        BadRequest: ``EXECUTION_NO_WAVES``, ``WAVES_NOT_COMPLETE``.
        NotFound: ``EXECUTION_NOT_FOUND``.
        DrError: DRS could not be asked what there is to end.
    """
    record = ports.run.executions.find(execution_named(event))
    _check(record, ports)
    if not record.instances_terminated:
        record, _ = follow(record, ports)
    if record.instances_terminated:
        return _reply(record, [], 0, alreadyTerminated=True)
    known = places(record, ports)
    found = living(record, ports, known)
    if not found:
        return _nothing_left(record, known, ports)
    leased = _lease(record, ports)
    if leased is None:
        total = sum(map(len, found.values()))
        return _reply(record, [], total, inProgress=True)
    work = _Work(record=leased, places=known, found=found)
    try:
        ended = _everywhere(work, ports)
    finally:
        _release(record.key, ports)
    log.event(
        "termination_asked",
        execution_id=record.execution_id,
        job_ids=[job.job_id for one in ended for job in one.jobs],
        serverCount=work.total,
    )
    if any(one.out_of_time for one in ended):
        ports.worker.later(
            {
                "operation": OPERATION,
                "executionId": record.execution_id,
                "initiatedBy": direct_caller(event),
            }
        )
    current = ports.run.executions.record(record.key)
    more = {"inProgress": True} if any(o.out_of_time for o in ended) else {}
    return _reply(current, ended, work.total, **more)


def _check(record: Record, ports: Ports) -> None:
    intents = ports.run.executions.intents(record.key)
    jobs = any(e.job_id or e.job_ids for e in record.waves) or any(
        intent.job_id for intent in intents
    )
    if record.status.is_terminal and not jobs:
        raise BadRequest(
            f"No wave of execution {record.execution_id} has started a job; "
            "there is nothing to terminate.",
            code="EXECUTION_NO_WAVES",
        )
    open_waves = [e for e in record.waves if not e.is_final]
    flying = any(intent.in_flight for intent in intents)
    if not record.waves and not record.status.is_terminal:
        raise BadRequest(
            f"Execution {record.execution_id} is {record.status} and has "
            "started no wave.",
            code="EXECUTION_NO_WAVES",
        )
    if not record.status.is_terminal or open_waves or flying:
        raise BadRequest(
            f"Execution {record.execution_id} is {record.status} and a job of "
            "it may still launch servers; wait for its end, or cancel it.",
            code="WAVES_NOT_COMPLETE",
        )


def _nothing_left(
    record: Record, known: dict[str, Place], ports: Ports
) -> Wire:
    """Answer where none of the instances exists.

    That alone is no proof that they were terminated; a job is, be it one
    whose start was asked for and never answered.
    """
    if record.termination_initiated_at and not record.terminate_jobs:
        nothing = {region: list[RecoveryInstance]() for region in known}
        _everywhere(_Work(record=record, places=known, found=nothing), ports)
        record, _ = follow(ports.run.executions.record(record.key), ports)
    if record.instances_terminated:
        return _reply(record, [], 0, alreadyTerminated=True)
    if record.terminate_jobs:
        return _reply(record, [], 0)
    return _reply(record, [], 0, noInstancesFound=True)


def _everywhere(work: _Work, ports: Ports) -> list[Ended]:
    account = ports.account_of(work.record)
    done = []
    for region, instances in work.found.items():

        def started(job_id: str, servers: int, place: str = region) -> None:
            job = TerminateJob(
                job_id=job_id, region=place, server_count=servers
            )
            _note(work.record.key, job, ports)

        done.append(
            end_instances(
                instances,
                ports.drs(account, region),
                work.record,
                work.places[region],
                ports,
                started,
            )
        )
    return done


def _lease(record: Record, ports: Ports) -> Record | None:
    """Take the right to ask DRS; None where another request has it."""
    now = ports.run.clock.now()
    for _ in range(TRIES):
        if record.termination_lease_expiry > now:
            return None
        change = Change(
            set={
                "termination_lease_expiry": now + LEASE_SECONDS,
                "termination_initiated_at": record.termination_initiated_at
                or now,
            }
        )
        written = ports.run.executions.commit(record, change)
        if written is not None:
            return written
        record = ports.run.executions.record(record.key)
    raise keeps_changing(record.key)


def _release(key: Key, ports: Ports) -> None:
    """Give the right back; where that fails, it expires."""
    change = Change(remove=("termination_lease_expiry",))
    try:
        _commit(key, lambda _: change, ports)
    except DrError as error:
        log.error(
            "termination_lease_kept",
            execution_id=key.execution_id,
            error_code=error.code,
            reason=error.message,
        )


def _note(key: Key, job: TerminateJob, ports: Ports) -> None:
    """Put a job into the record, once."""

    def noted(record: Record) -> Change | None:
        if any(one.job_id == job.job_id for one in record.terminate_jobs):
            return None
        return Change(set={"terminate_jobs": (*record.terminate_jobs, job)})

    _commit(key, noted, ports)


def _commit(
    key: Key, change_of: Callable[[Record], Change | None], ports: Ports
) -> None:
    for _ in range(TRIES):
        record = ports.run.executions.record(key)
        change = change_of(record)
        if change is None:
            return
        if ports.run.executions.commit(record, change) is not None:
            return
    raise DatabaseError(
        f"Execution {key.execution_id} was changed by others {TRIES} times in "
        "a row, so a job that ends instances is not recorded; ask again, "
        "which finds it.",
        executionId=key.execution_id,
    )


def _reply(
    record: Record, ended: list[Ended], total: int, **more: Any
) -> Wire:
    terminated = [row for one in ended for row in one.terminated]
    failed = [row for one in ended for row in one.failed]
    return {
        "terminated": terminated,
        "failed": failed,
        "jobs": [
            {
                "jobId": job.job_id,
                "region": job.region,
                "type": job.type,
                "status": job.status,
            }
            for job in record.terminate_jobs
        ],
        "totalFound": total,
        "totalTerminated": len(terminated),
        "totalFailed": len(failed),
        **more,
    }
