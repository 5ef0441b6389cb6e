"""The checks of a start that ask the target account, and its reservations.

They are made before the start is answered, as far as its time allows. What
is too big for that, or took too long, is accepted with ``checks: pending``;
the worker makes them then, may repeat them, and a refusal ends the run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from math import inf
from typing import Any, Final

from execution_handler.busy import check_conflicts, held_by_others
from execution_handler.ports import Ports
from execution_handler.resolve import (
    Group,
    Listed,
    Resolved,
    groups_of,
    named_ids,
    no_servers,
    resolve,
)
from execution_handler.start_checks import (
    check_quotas,
    check_replication,
    existing,
)
from shared import log
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
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

type Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A start whose servers are known.

    ``attempt`` is the attempt that holds the plan's lock; empty where the
    record exists.
    """

    key: Key
    waves: Sequence[Resolved]
    context: Context
    is_drill: bool
    attempt: str = ""


def resolved_in_time(
    plan: Plan,
    groups: Sequence[Sequence[Group]],
    context: Context,
    ports: Ports,
    until: float,
) -> list[Resolved] | None:
    """Return every wave's servers, or None where that has to wait.

    Args:
        plan: The plan.
        groups: The groups of each wave.
        context: The account of the execution.
        ports: The outside.
        until: When the time that it may take is up.

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
    return _resolved(plan, groups, context, ports, until)


def _resolved(
    plan: Plan,
    groups: Sequence[Sequence[Group]],
    context: Context,
    ports: Ports,
    until: float = inf,
) -> list[Resolved] | None:
    """Return every wave's servers as they are now; None: time is up."""
    found = []
    listed: Listed = {}
    for wave, members in zip(plan.waves, groups, strict=True):
        if ports.run.clock.now() >= until:
            return None
        resolved = resolve(wave, members, context, ports, listed)
        if not resolved.servers:
            raise no_servers(wave, resolved)
        _check_size(wave, len(resolved.servers))
        found.append(resolved)
    return found


def reserved_of(waves: Iterable[Resolved]) -> list[Reserved]:
    """Return the servers of each wave as the record notes them."""
    return [
        Reserved(
            wave_number=one.wave.wave_number,
            server_ids=one.server_ids,
            region=one.region,
        )
        for one in waves
    ]


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


def checked_in_time(
    start: Checked, ports: Ports, until: float
) -> list[Wire] | None:
    """Make the checks of a start whose servers are known, and reserve those.

    Returns:
        Warnings; None where the time was up before the last check.

    Raises:
        DrError: The start is refused, or a check could not be made.
    """
    clock = ports.run.clock
    if clock.now() >= until:
        return None
    check_conflicts(start.key.execution_id, start.waves, start.context, ports)
    reserve(start, ports)
    return None if clock.now() >= until else _last_checks(start, ports)


def _last_checks(start: Checked, ports: Ports) -> list[Wire]:
    """Make the checks that need no reservation; return warnings."""
    return [
        *check_quotas(start.waves, start.context, ports),
        *check_replication(start.waves, is_drill=start.is_drill),
        *existing(start.waves, start.context, ports),
    ]


def reserve(start: Checked, ports: Ports) -> None:
    """Take every server, or raise with those that others hold.

    Raises:
        Conflict: ``SERVER_CONFLICT``; or the start does not count any more.
    """
    waves = {
        server: number
        for number, servers in reversed(
            server_keys(reserved_of(start.waves), start.context)
        )
        for server in servers
    }
    held = ports.run.locks.reserve_all(
        start.key,
        waves,
        ports.run.clock.now(),
        record_exists=not start.attempt,
        attempt=start.attempt,
    )
    if held:
        raise held_by_others(held, start.waves, ports)


def completed(record: Record, plan: Plan, ports: Ports) -> Record:
    """Return the record with its open checks made; a repeat makes them anew.

    A record that was cancelled meanwhile is returned as it is then.

    Raises:
        DrError: The start is refused, or a check could not be made.
    """
    context = record.account_context
    groups = [groups_of(wave, ports) for wave in plan.waves]
    start = Checked(
        key=record.key,
        waves=_resolved(plan, groups, context, ports) or [],
        context=context,
        is_drill=record.is_drill,
    )
    check_conflicts(record.execution_id, start.waves, context, ports)
    noted = _noted(record, reserved_of(start.waves), ports)
    if noted.status is not Status.PENDING:
        return noted
    reserve(start, ports)
    log.event(
        "checks_completed",
        execution_id=record.execution_id,
        warnings=_last_checks(start, ports),
    )
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
