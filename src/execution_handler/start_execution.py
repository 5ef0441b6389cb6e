"""Starting an execution: check, lock, reserve, record, hand over.

Every exit after the lock and before the record gives back what was taken.
The state machine is started by the background worker, so that the caller
has its answer when the record exists.
"""

import uuid
from collections.abc import Sequence
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

TYPES = ("DRILL", "RECOVERY")
MAX_WAVE_SERVERS = 4_000
LARGE_SERVERS = 200
LARGE_WAVES = 50
NAMESPACE = uuid.UUID("6f1d3c54-8f5e-5b53-9d7e-2f1f6f0c7c11")


def start_execution(event: Wire, ports: Ports) -> Wire:
    """Accept the start of a plan and return its execution id, PENDING.

    Raises:
        BadRequest: ``INVALID_EXECUTION_TYPE``, ``MISSING_FIELD``,
            ``PLAN_HAS_NO_WAVES``, ``NO_SERVERS_RESOLVED``,
            ``WAVE_SIZE_LIMIT_EXCEEDED``, ``MULTI_ACCOUNT_PLAN`` …
        NotFound: ``RECOVERY_PLAN_NOT_FOUND``, a group.
        Conflict: ``PLAN_ALREADY_EXECUTING``, ``SERVER_CONFLICT``.
    """
    plan_id, kind = _asked(event)
    plan = ports.plans.plan(plan_id)
    check_runnable(plan)
    key = Key(_execution_id(plan_id, event.get("clientToken")), plan_id)
    again = _same_start(key, plan, event, ports)
    if again is not None:
        return again
    groups = [groups_of(wave, ports) for wave in plan.waves]
    account = one_account([group for wave in groups for group in wave])
    context = ports.account(account).to_wire()
    _lock(key, plan, ports)
    reserved: list[Reserved] = []
    try:
        ports.run.executions.save_plan(key, plan)
        reserved = _resolved(plan, groups, ports)
        _reserve(key, reserved, context, ports)
        _record(key, plan, kind, event, reserved, context, ports)
    except DrError:
        # A twin of this call, with the same client token, may have got
        # further: then all of this is its own.
        again = _same_start(key, plan, event, ports)
        if again is not None:
            return again
        _give_back(key, reserved, context, ports)
        raise
    ports.worker.later(_work(key, plan, kind))
    log.event(
        "execution_accepted", execution_id=key.execution_id, plan_id=plan_id
    )
    return _reply(key)


def _asked(event: Wire) -> tuple[str, str]:
    plan_id = event.get("planId")
    if not isinstance(plan_id, str) or not plan_id.strip():
        raise BadRequest(
            "'planId' is needed.", code="MISSING_FIELD", field="planId"
        )
    kind = event.get("executionType")
    if kind not in TYPES:
        raise BadRequest(
            f"'executionType' is {kind!r}; it must be DRILL or RECOVERY.",
            code="INVALID_EXECUTION_TYPE",
        )
    return plan_id.strip(), str(kind)


def _execution_id(plan_id: str, token: object) -> str:
    """Return a random id, or the one that this client token always gets."""
    if not token:
        return str(uuid.uuid4())
    return str(uuid.uuid5(NAMESPACE, f"{plan_id}#{token}"))


def _same_start(
    key: Key, plan: Plan, event: Wire, ports: Ports
) -> Wire | None:
    """Return the first answer again for a repeated client token.

    The first try may have died before it handed over, and a second worker
    starts nothing twice.
    """
    if not event.get("clientToken"):
        return None
    try:
        record = ports.run.executions.record(key)
    except NotFound:
        return None
    if record.status is Status.PENDING:
        ports.worker.later(_work(key, plan, record.execution_type))
    return _reply(key)


def _lock(key: Key, plan: Plan, ports: Ports) -> None:
    holder = ports.run.locks.acquire_plan(key, ports.run.clock.now())
    if holder is not None:
        raise Conflict(
            f"Plan {plan.plan_name} is being executed by {holder}; wait for "
            "it to end, or cancel it.",
            code="PLAN_ALREADY_EXECUTING",
            activeExecutions=[holder],
            planId=key.plan_id,
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
    key: Key, reserved: Sequence[Reserved], context: Wire, ports: Ports
) -> None:
    """Take every server, or raise with those that others hold."""
    now = ports.run.clock.now()
    held: dict[ServerKey, str] = {}
    for number, servers in _keys(reserved, context):
        held |= ports.run.locks.reserve(
            key, servers, number, now, record_exists=False
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
    key: Key,
    plan: Plan,
    kind: str,
    event: Wire,
    reserved: Sequence[Reserved],
    context: Wire,
    ports: Ports,
) -> None:
    servers = sum(len(group.server_ids) for group in reserved)
    record = Record(
        execution_id=key.execution_id,
        plan_id=key.plan_id,
        status=Status.PENDING,
        plan_name=plan.plan_name,
        execution_type=kind,
        initiated_by=str(event.get("initiatedBy") or "system:direct"),
        start_time=ports.run.clock.now(),
        total_waves=len(plan.waves),
        account_context=context,
        plan_version=plan.version,
        client_token=str(event.get("clientToken") or ""),
        reserved=tuple(reserved),
        large=servers > LARGE_SERVERS or len(plan.waves) > LARGE_WAVES,
    )
    if not ports.run.executions.create(record):
        raise Conflict(
            f"Execution {key.execution_id} exists already or lost the lock "
            "of its plan; start again.",
            code="PLAN_EXECUTION_CONFLICT",
        )


def _give_back(
    key: Key, reserved: Sequence[Reserved], context: Wire, ports: Ports
) -> None:
    for _, servers in _keys(reserved, context):
        ports.run.locks.release(key, servers)
    ports.run.executions.delete_plan(key)
    ports.run.locks.release_plan(key)


def _work(key: Key, plan: Plan, kind: str) -> Wire:
    return {
        "worker": True,
        "executionId": key.execution_id,
        "planId": key.plan_id,
        "executionType": kind,
        "isDrill": kind == "DRILL",
        "plan": {
            "planId": plan.plan_id,
            "planName": plan.plan_name,
            "waves": [],
        },
        "planVersion": plan.version,
        "resumeFromWave": None,
    }


def _reply(key: Key) -> Wire:
    return {
        "executionId": key.execution_id,
        "status": str(Status.PENDING),
        "message": "The execution was accepted.",
        "statusUrl": f"/executions/{key.execution_id}",
        "warnings": [],
    }
