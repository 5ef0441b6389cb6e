"""Accepting a start: check, lock, reserve, record, hand over.

A start is given its plan and where that came from: a request for the plan
as it is now, or for a retry of an execution. Every exit after the lock and
before the record gives back what was taken; what a big start leaves to the
worker is said in ``checks``. Repeats of one request may be
under way at once: the plan's lock names the attempt that came last, and
what the others do has no effect any more.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from execution_handler.checks import (
    BUDGET_SECONDS,
    LARGE_SERVERS,
    LARGE_WAVES,
    PENDING,
    Checked,
    checked_in_time,
    reserved_of,
    resolved_in_time,
    server_keys,
)
from execution_handler.ports import Ports
from execution_handler.resolve import Resolved, groups_of
from execution_handler.start_checks import of_a_check
from shared import log
from shared.context import correlation_id
from shared.domain.errors import Conflict, DrError, NotFound
from shared.domain.execution import Wire
from shared.domain.plan import Plan, check_runnable
from shared.domain.record import Key, Record, Reserved
from shared.domain.status import Status
from shared.run import servers_in_flight
from shared.target_account import determine_target_account_context

CHECKS_CONTINUE = "CHECKS_CONTINUE"
DRILL = "DRILL"
EXECUTION_NOT_ACTIVE = "EXECUTION_NOT_ACTIVE"
PLAN_EXECUTION_CONFLICT = "PLAN_EXECUTION_CONFLICT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What is to be started, for whom, and of what it is a retry."""

    key: Key
    plan: Plan
    kind: str
    initiated_by: str
    client_token: str = ""
    retried: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One attempt at a start, in the account of the plan's groups."""

    start: Start
    name: str
    context: Wire

    @property
    def key(self) -> Key:
        return self.start.key


def accept(start: Start, ports: Ports) -> Wire:
    """Accept a start and return its execution id, PENDING.

    Raises:
        BadRequest: ``PLAN_HAS_NO_WAVES``, ``NO_SERVERS_RESOLVED``,
            ``WAVE_SIZE_LIMIT_EXCEEDED``, ``MULTI_ACCOUNT_PLAN``,
            ``UNHEALTHY_SERVER_REPLICATION`` …
        NotFound: A group, or ``TARGET_ACCOUNT_NOT_FOUND``.
        Conflict: ``PLAN_ALREADY_EXECUTING``, ``SERVER_CONFLICT``,
            ``PLAN_EXECUTION_CONFLICT``.
        LimitExceeded: ``CONCURRENT_JOBS_LIMIT_EXCEEDED``,
            ``SERVERS_IN_JOBS_LIMIT_EXCEEDED``.
        Unavailable: ``CHECK_UNAVAILABLE``, ``ACCOUNT_UNREACHABLE``.
    """
    check_runnable(start.plan)
    again = _accepted(start, ports) if start.client_token else None
    if again is not None:
        return again
    groups = [groups_of(wave, ports) for wave in start.plan.waves]
    context = determine_target_account_context(
        {},
        accounts=ports.accounts,
        hub_account_id=ports.run.hub_account_id,
        default_external_id=ports.external_id,
        groups=[group for wave in groups for group in wave],
    )
    attempt = _Attempt(start=start, name=uuid.uuid4().hex, context=context)
    _lock(attempt, ports)
    reserved: list[Reserved] = []
    tried = True
    try:
        tried = _was_tried(start, ports)
        until = inf if tried else ports.run.clock.now() + BUDGET_SECONDS
        ports.run.executions.save_plan(start.key, start.plan, attempt.name)
        waves = resolved_in_time(
            start.plan, groups, attempt.context, ports, until
        )
        reserved = reserved_of(waves or ())
        warnings = _checked(attempt, waves, ports, until)
        record = _created(attempt, reserved, ports, done=warnings is not None)
    except DrError as error:
        # A twin of this call may have got further, or the answer of the
        # write was lost: then the record is there.
        again = _accepted(start, ports)
        if again is not None:
            _leave(attempt, reserved, ports)
            return again
        _give_up(attempt, reserved, ports, tried=tried)
        raise _refusal(error) from error
    _hand_over(record, ports)
    log.event(
        "execution_accepted",
        execution_id=start.key.execution_id,
        plan_id=start.key.plan_id,
        retry_of=start.retried.execution_id if start.retried else None,
        checks=record.checks,
    )
    return _reply(record, start.retried, warnings or ())


def _checked(
    attempt: _Attempt,
    waves: Sequence[Resolved] | None,
    ports: Ports,
    until: float,
) -> list[Wire] | None:
    """Return the warnings of the checks; None: they have to go on later."""
    if waves is None:
        return None
    start = Checked(
        key=attempt.key,
        waves=waves,
        context=attempt.context,
        is_drill=attempt.start.kind == DRILL,
        attempt=attempt.name,
    )
    return checked_in_time(start, ports, until)


def _was_tried(start: Start, ports: Ports) -> bool:
    """Tell whether an earlier attempt came as far as its snapshot.

    It may have taken servers, which only a record that notes them gives
    back; so this attempt finds them itself, however long that takes.
    """
    if not start.client_token:
        return False
    try:
        ports.run.executions.plan(start.key)
    except NotFound:
        return False
    return True


def _accepted(start: Start, ports: Ports) -> Wire | None:
    """Return the first answer again, where the record exists."""
    try:
        record = ports.run.executions.record(start.key)
    except NotFound:
        return None
    return answered_again(record, start.retried, ports)


def answered_again(
    record: Record, retried: Record | None, ports: Ports
) -> Wire:
    """Return the answer to a start whose record exists.

    The first try may have died before it handed over, and a second worker
    starts nothing twice.
    """
    if record.status is Status.PENDING:
        _hand_over(record, ports)
    return _reply(record, retried)


def _refusal(error: DrError) -> DrError:
    """Return what an error of an attempt means for who asked."""
    if error.code == EXECUTION_NOT_ACTIVE:
        return Conflict(error.message, code=PLAN_EXECUTION_CONFLICT)
    return of_a_check(error)


def _lock(attempt: _Attempt, ports: Ports) -> None:
    holder = ports.run.locks.acquire_plan(
        attempt.key, ports.run.clock.now(), attempt.name
    )
    if holder is not None:
        raise Conflict(
            f"Plan {attempt.start.plan.plan_name} is being executed by "
            f"{holder}; wait for it to end, or cancel it.",
            code="PLAN_ALREADY_EXECUTING",
            activeExecutions=[holder],
            planId=attempt.key.plan_id,
        )


def _created(
    attempt: _Attempt,
    reserved: Sequence[Reserved],
    ports: Ports,
    *,
    done: bool,
) -> Record:
    start, plan = attempt.start, attempt.start.plan
    servers = sum(len(group.server_ids) for group in reserved)
    record = Record(
        execution_id=start.key.execution_id,
        plan_id=start.key.plan_id,
        status=Status.PENDING,
        plan_name=plan.plan_name,
        execution_type=start.kind,
        initiated_by=start.initiated_by,
        start_time=ports.run.clock.now(),
        total_waves=len(plan.waves),
        account_context=attempt.context,
        plan_version=plan.version,
        client_token=start.client_token,
        correlation_id=correlation_id(),
        retry_of=start.retried.execution_id if start.retried else "",
        reserved=tuple(reserved),
        checks="" if done else PENDING,
        large=servers > LARGE_SERVERS or len(plan.waves) > LARGE_WAVES,
    )
    created = ports.run.executions.create(record, attempt.name, start.retried)
    if not created:
        raise Conflict(
            f"Execution {start.key.execution_id} exists already, or another "
            "attempt to start it is under way; ask again.",
            code=PLAN_EXECUTION_CONFLICT,
        )
    return record


def _give_up(
    attempt: _Attempt,
    reserved: Sequence[Reserved],
    ports: Ports,
    *,
    tried: bool,
) -> None:
    """Give back what this attempt took; the lock goes last.

    The snapshot stays where an earlier attempt may have left servers: it is
    all that tells the next one of them.
    """
    keys = server_keys(reserved, attempt.context)
    servers = [server for _, some in keys for server in some]
    if not tried:
        ports.run.executions.delete_plan(attempt.key, attempt.name)
    ports.run.locks.give_up(attempt.key, servers, attempt.name)


def _leave(
    attempt: _Attempt, reserved: Sequence[Reserved], ports: Ports
) -> None:
    """Give back what was taken behind a run that has ended already.

    A twin's run may have been accepted, cancelled and settled before this
    attempt took the lock. What an active run holds is the run's.
    """
    record = ports.run.executions.record(attempt.key)
    if not record.status.is_terminal:
        return
    flying = servers_in_flight(ports.run.executions.intents(record.key))
    servers = [
        server
        for _, some in server_keys(reserved, attempt.context)
        for server in some
        if server.source_server_id not in flying
    ]
    ports.run.locks.release(record.key, servers)
    ports.run.locks.release_plan(record.key)


def _hand_over(record: Record, ports: Ports) -> None:
    ports.worker.later(
        {
            "worker": True,
            "executionId": record.execution_id,
            "planId": record.plan_id,
            "executionType": record.execution_type,
            "isDrill": record.is_drill,
            "plan": {
                "planId": record.plan_id,
                "planName": record.plan_name,
                "waves": [],
            },
            "planVersion": record.plan_version,
            "resumeFromWave": None,
        }
    )


def _reply(
    record: Record, retried: Record | None, warnings: Sequence[Wire] = ()
) -> Wire:
    answer: Wire = {
        "executionId": record.execution_id,
        "status": str(Status.PENDING),
        "message": "The execution was accepted.",
        "statusUrl": f"/executions/{record.execution_id}",
        "warnings": list(warnings),
    }
    if record.checks:
        answer["warnings"] = [
            {
                "type": CHECKS_CONTINUE,
                "message": "The start is so big that its checks go on; a "
                "refusal ends the execution as FAILED.",
            }
        ]
    if retried is not None:
        answer["retryOf"] = retried.execution_id
    return answer
