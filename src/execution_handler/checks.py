"""The checks of a start that ask the target account, and its reservations.

They are made before the start is answered, as far as its time allows. What
is too big for that, or took too long, is accepted with ``checks: pending``;
the worker makes them then, may repeat them, and a refusal ends the run.
"""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any, Final

from execution_handler.ports import Ports
from execution_handler.resolve import (
    Group,
    Listed,
    groups_of,
    named_ids,
    no_servers,
    resolve,
)
from shared import log
from shared.domain.errors import BadRequest, Conflict
from shared.domain.items import parts_for
from shared.domain.plan import MAX_WAVE_SERVERS, Plan, PlanWave
from shared.domain.ports import ServerKey
from shared.domain.record import Change, Key, Record, Reserved
from shared.domain.status import Status
from shared.run import TRIES, keeps_changing

PENDING: Final = "pending"
BUDGET_SECONDS: Final = 15
LARGE_SERVERS: Final = 200
LARGE_WAVES: Final = 50
# Detail items that one write may carry besides the record.
_PARTS_AT_ONCE: Final = 80


def resolved_in_time(
    plan: Plan,
    groups: Sequence[Sequence[Group]],
    ports: Ports,
    budget: int | None,
) -> list[Reserved] | None:
    """Return every wave's servers, or None where that has to wait.

    Args:
        plan: The plan.
        groups: The groups of each wave.
        ports: The outside.
        budget: The seconds that it may take; None for any.

    Raises:
        BadRequest: ``NO_SERVERS_RESOLVED``, ``WAVE_SIZE_LIMIT_EXCEEDED``.
    """
    named = 0
    for wave, members in zip(plan.waves, groups, strict=True):
        count = len({one for g in members for one in named_ids(wave, g)})
        _check_size(wave, count)
        named += count
    if len(plan.waves) > LARGE_WAVES or named > LARGE_SERVERS:
        return None
    until = None if budget is None else ports.run.clock.now() + budget
    return _resolved(plan, groups, ports, until)


def _resolved(
    plan: Plan,
    groups: Sequence[Sequence[Group]],
    ports: Ports,
    until: int | None = None,
) -> list[Reserved] | None:
    """Return every wave's servers as they are now; None: time is up."""
    reserved = []
    listed: Listed = {}
    for wave, members in zip(plan.waves, groups, strict=True):
        if until is not None and ports.run.clock.now() >= until:
            return None
        found = resolve(wave, members, ports, listed)
        if not found.servers:
            raise no_servers(wave, found)
        _check_size(wave, len(found.servers))
        reserved.append(
            Reserved(
                wave_number=wave.wave_number,
                server_ids=found.server_ids,
                region=found.region,
            )
        )
    return reserved


def _check_size(wave: PlanWave, count: int) -> None:
    if count <= MAX_WAVE_SERVERS:
        return
    message = (
        f"Wave {wave.wave_number + 1} ({wave.name}) has {count} servers; "
        f"{MAX_WAVE_SERVERS} are allowed."
    )
    raise BadRequest(
        message,
        code="WAVE_SIZE_LIMIT_EXCEEDED",
        limit=MAX_WAVE_SERVERS,
        errors=[
            {
                "type": "WAVE_SIZE_EXCEEDED",
                "wave": wave.name,
                "waveIndex": wave.wave_number + 1,
                "serverCount": count,
                "limit": MAX_WAVE_SERVERS,
                "message": message,
            }
        ],
    )


def server_keys(
    reserved: Sequence[Reserved], context: Mapping[str, Any]
) -> list[tuple[int, list[ServerKey]]]:
    """Return the keys of the servers of each wave."""
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


def reserve(
    key: Key,
    reserved: Sequence[Reserved],
    context: Mapping[str, Any],
    ports: Ports,
    attempt: str = "",
) -> None:
    """Take every server, or raise with those that others hold.

    Args:
        key: Whose they are to be.
        reserved: The servers of each wave.
        context: The account they are in.
        ports: The outside.
        attempt: The attempt to start that holds the plan's lock; empty
            where the record exists.

    Raises:
        Conflict: ``SERVER_CONFLICT``; or the start does not count any more.
    """
    now = ports.run.clock.now()
    held: dict[ServerKey, str] = {}
    for number, servers in server_keys(reserved, context):
        held |= ports.run.locks.reserve(
            key,
            servers,
            number,
            now,
            record_exists=not attempt,
            attempt=attempt,
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


def completed(record: Record, plan: Plan, ports: Ports) -> Record:
    """Return the record with its open checks made; a repeat makes them anew.

    A record that was cancelled meanwhile is returned as it is then.

    Raises:
        DrError: The start is refused, or a check could not be made.
    """
    groups = [groups_of(wave, ports) for wave in plan.waves]
    reserved = _resolved(plan, groups, ports) or []
    noted = _noted(record, reserved, ports)
    if noted.status is not Status.PENDING:
        return noted
    reserve(record.key, reserved, record.account_context, ports)
    log.event("checks_completed", execution_id=record.execution_id)
    return _changed(record.key, Change(remove=("checks",)), ports)


def _noted(
    record: Record, reserved: Sequence[Reserved], ports: Ports
) -> Record:
    """Note the servers before they are taken, as many as a write carries."""
    servers = sum(len(group.server_ids) for group in reserved)
    large = record.large or servers > LARGE_SERVERS
    most = max((parts_for(len(g.server_ids)) for g in reserved), default=1)
    at_once = max(1, _PARTS_AT_ONCE // most) if large else len(reserved)
    for some in batched(reserved, max(1, at_once)):
        record = _note(record.key, some, large=large, ports=ports)
        if record.status is not Status.PENDING:
            return record
    return record


def _note(
    key: Key, some: Sequence[Reserved], *, large: bool, ports: Ports
) -> Record:
    for _ in range(TRIES):
        record = ports.run.executions.record(key)
        if record.status is not Status.PENDING:
            return record
        known = {
            r.wave_number: r for r in ports.run.executions.reserved(record)
        }
        wanted = known | {group.wave_number: group for group in some}
        facts: dict[str, Any] = {"reserved": tuple(wanted.values())}
        if large:
            facts["large"] = True
        written = ports.run.executions.commit(record, Change(set=facts))
        if written is not None:
            return written
    raise keeps_changing(key)


def _changed(key: Key, change: Change, ports: Ports) -> Record:
    for _ in range(TRIES):
        record = ports.run.executions.record(key)
        if record.status is not Status.PENDING:
            return record
        written = ports.run.executions.commit(record, change)
        if written is not None:
            return written
    raise keeps_changing(key)
