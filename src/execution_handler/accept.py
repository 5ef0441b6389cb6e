"""Accepting a start: check, lock, reserve, record, hand over.

A start is given its plan and where that came from: a request for the plan
as it is now, or for a retry of an execution. Every exit after the lock and
before the record gives back what was taken. Repeats of one request may be
under way at once: the plan's lock names the attempt that came last, and
what the others do has no effect any more.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from execution_handler.ports import Ports
from execution_handler.resolve import (
    Resolved,
    groups_of,
    no_servers,
    one_account,
    resolve,
)
from shared import log
from shared.domain.errors import BadRequest, Conflict, DrError, NotFound
from shared.domain.execution import Wire
from shared.domain.plan import Plan, check_runnable
from shared.domain.ports import ServerKey
from shared.domain.record import Key, Record, Reserved
from shared.domain.status import Status

MAX_WAVE_SERVERS = 4_000
LARGE_SERVERS = 200
LARGE_WAVES = 50


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
            ``WAVE_SIZE_LIMIT_EXCEEDED``, ``MULTI_ACCOUNT_PLAN`` …
        NotFound: A group.
        Conflict: ``PLAN_ALREADY_EXECUTING``, ``SERVER_CONFLICT``,
            ``PLAN_EXECUTION_CONFLICT``.
    """
    check_runnable(start.plan)
    again = _accepted(start, ports) if start.client_token else None
    if again is not None:
        return again
    groups = [groups_of(wave, ports) for wave in start.plan.waves]
    account = one_account([group for wave in groups for group in wave])
    attempt = _Attempt(
        start=start,
        name=uuid.uuid4().hex,
        context=ports.account(account).to_wire(),
    )
    _lock(attempt, ports)
    reserved: list[Reserved] = []
    try:
        ports.run.executions.save_plan(start.key, start.plan, attempt.name)
        reserved = _resolved(start.plan, groups, ports)
        _reserve(attempt, reserved, ports)
        _record(attempt, reserved, ports)
    except DrError:
        # A twin of this call may have got further, or the answer of the
        # write was lost: then the record is there.
        again = _accepted(start, ports)
        if again is not None:
            return again
        _give_up(attempt, reserved, ports)
        raise
    _hand_over(start, ports)
    log.event(
        "execution_accepted",
        execution_id=start.key.execution_id,
        plan_id=start.key.plan_id,
        retry_of=start.retried.execution_id if start.retried else None,
    )
    return reply(start.key, start.retried)


def _accepted(start: Start, ports: Ports) -> Wire | None:
    """Return the first answer again, where the record exists.

    The first try may have died before it handed over, and a second worker
    starts nothing twice.
    """
    try:
        record = ports.run.executions.record(start.key)
    except NotFound:
        return None
    if record.status is Status.PENDING:
        _hand_over(start, ports)
    return reply(start.key, start.retried)


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


def _resolved(
    plan: Plan, groups: Sequence[list[dict[str, Any]]], ports: Ports
) -> list[Reserved]:
    """Return every wave's servers as they are now."""
    reserved = []
    for wave, members in zip(plan.waves, groups, strict=True):
        found = resolve(wave, members, ports)
        if not found.servers:
            raise no_servers(wave, found)
        _check_size(wave.wave_number, wave.name, found)
        reserved.append(
            Reserved(
                wave_number=wave.wave_number,
                server_ids=found.server_ids,
                region=found.region,
            )
        )
    return reserved


def _check_size(number: int, name: str, found: Resolved) -> None:
    count = len(found.servers)
    if count <= MAX_WAVE_SERVERS:
        return
    message = (
        f"Wave {number + 1} ({name}) has {count} servers; {MAX_WAVE_SERVERS} "
        "are allowed."
    )
    raise BadRequest(
        message,
        code="WAVE_SIZE_LIMIT_EXCEEDED",
        limit=MAX_WAVE_SERVERS,
        errors=[
            {
                "type": "WAVE_SIZE_EXCEEDED",
                "wave": name,
                "waveIndex": number + 1,
                "serverCount": count,
                "limit": MAX_WAVE_SERVERS,
                "message": message,
            }
        ],
    )


def _keys(
    reserved: Sequence[Reserved], context: Wire
) -> list[tuple[int, list[ServerKey]]]:
    account = str(context["accountId"])
    return [
        (
            group.wave_number,
            [
                ServerKey(account, group.region, one)
                for one in group.server_ids
            ],
        )
        for group in reserved
    ]


def _reserve(
    attempt: _Attempt, reserved: Sequence[Reserved], ports: Ports
) -> None:
    """Take every server, or raise with those that others hold."""
    now = ports.run.clock.now()
    held: dict[ServerKey, str] = {}
    for number, servers in _keys(reserved, attempt.context):
        held |= ports.run.locks.reserve(
            attempt.key,
            servers,
            number,
            now,
            record_exists=False,
            attempt=attempt.name,
        )
    if held:
        raise _held(held)


def _held(held: dict[ServerKey, str]) -> Conflict:
    owners = sorted(set(held.values()))
    return Conflict(
        f"{len(held)} servers are held by other executions "
        f"({', '.join(owners)}); wait for them to end.",
        code="SERVER_CONFLICT",
        conflicts=[
            {
                "serverId": server.source_server_id,
                "conflictingExecutionId": owner,
                "conflictSource": "execution",
            }
            for server, owner in sorted(held.items())
        ],
        conflictingExecutions=[
            {
                "executionId": owner,
                "servers": sorted(
                    server.source_server_id
                    for server, holder in held.items()
                    if holder == owner
                ),
            }
            for owner in owners
        ],
        conflictingDrsJobs=[],
    )


def _record(
    attempt: _Attempt, reserved: Sequence[Reserved], ports: Ports
) -> None:
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
        retry_of=start.retried.execution_id if start.retried else "",
        reserved=tuple(reserved),
        large=servers > LARGE_SERVERS or len(plan.waves) > LARGE_WAVES,
    )
    created = ports.run.executions.create(record, attempt.name, start.retried)
    if not created:
        raise Conflict(
            f"Execution {start.key.execution_id} exists already, or another "
            "attempt to start it is under way; ask again.",
            code="PLAN_EXECUTION_CONFLICT",
        )


def _give_up(
    attempt: _Attempt, reserved: Sequence[Reserved], ports: Ports
) -> None:
    """Give back what this attempt took; the lock goes last."""
    keys = _keys(reserved, attempt.context)
    servers = [server for _, some in keys for server in some]
    ports.run.executions.delete_plan(attempt.key, attempt.name)
    ports.run.locks.give_up(attempt.key, servers, attempt.name)


def _hand_over(start: Start, ports: Ports) -> None:
    plan = start.plan
    ports.worker.later(
        {
            "worker": True,
            "executionId": start.key.execution_id,
            "planId": start.key.plan_id,
            "executionType": start.kind,
            "isDrill": start.kind == "DRILL",
            "plan": {
                "planId": plan.plan_id,
                "planName": plan.plan_name,
                "waves": [],
            },
            "planVersion": plan.version,
            "resumeFromWave": None,
        }
    )


def reply(key: Key, retried: Record | None = None) -> Wire:
    """Return the answer to a start, or to a retry, that was accepted."""
    answer: Wire = {
        "executionId": key.execution_id,
        "status": str(Status.PENDING),
        "message": "The execution was accepted.",
        "statusUrl": f"/executions/{key.execution_id}",
        "warnings": [],
    }
    if retried is not None:
        answer["retryOf"] = retried.execution_id
    return answer
