"""What a start is refused for, and warned of, in its target account.

Decides whether one job may start now, and whether the servers can be
launched. A check that cannot be made lets nothing pass.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from drs.domain.errors import DrsRefused, DrsThrottled
from drs.domain.existing_instances import can_proceed
from drs.domain.ports import DrsRegion, DrsRegions
from drs.domain.replication import lost, unlaunchable
from drs.domain.servers import SourceServer
from drs.domain.start_room import no_room
from drs.existing_instances import existing_instances
from drs.looks import OF_THE_REGION
from drs.reach import Context as Way
from drs.reach import region_of
from execution_handler.busy import by_region
from execution_handler.ports import Ports
from execution_handler.resolve import Resolved
from shared.aws.wiring import own_executions
from shared.domain.errors import (
    AccountUnreachable,
    BadRequest,
    CheckUnavailable,
    DrError,
    DrsUnavailable,
)
from shared.domain.execution import Wire
from shared.domain.ports import Executions

SOURCE_REPLICATION_LOST: Final = "SOURCE_REPLICATION_LOST"
QUOTAS_ASSUMED: Final = "QUOTAS_ASSUMED"
EXISTING_RECOVERY_INSTANCES: Final = "EXISTING_RECOVERY_INSTANCES"
_AT_LIMIT: Final = {
    "CONCURRENT_JOBS_LIMIT_EXCEEDED": "CONCURRENT_JOBS_AT_LIMIT",
    "SERVERS_IN_JOBS_LIMIT_EXCEEDED": "SERVERS_IN_JOBS_AT_LIMIT",
}
_NAMED: Final = 10

type Context = Mapping[str, Any]


def of_a_check(error: DrError) -> DrError:
    """Return what an error of a check means for the start."""
    if isinstance(error, AccountUnreachable):
        return error
    if isinstance(error, DrsRefused) and error.code in OF_THE_REGION:
        return BadRequest(error.message, code=error.code, **error.details)
    if isinstance(error, DrsRefused | DrsThrottled | DrsUnavailable):
        return CheckUnavailable(
            f"A check of the start could not be made: {error.message}",
            **error.details,
        )
    return error


def check_quotas(
    waves: Sequence[Resolved], context: Context, ports: Ports
) -> list[Wire]:
    """Refuse where not even the first job could start now.

    The first wave starts now. Those behind it find the room of their time,
    so that a Region which is full now is only worth a warning.

    Returns:
        Warnings.

    Raises:
        LimitExceeded: ``CONCURRENT_JOBS_LIMIT_EXCEEDED``,
            ``SERVERS_IN_JOBS_LIMIT_EXCEEDED``.
    """
    warnings = []
    first = waves[0]
    for name, servers in by_region(waves).items():
        region = ports.region(dict(context), name)
        quotas = region.quotas()
        if quotas.fallback:
            warnings.append(_assumed(region))
        here = name == first.region
        count = len(first.server_ids) if here else len(servers)
        full = no_room(quotas, region.active_jobs(), count, _where(region))
        if full is not None and here:
            raise full
        if full is not None:
            warnings.append(
                _warning(
                    _AT_LIMIT[full.code],
                    full.message,
                    "A wave there waits until there is room.",
                )
            )
    return warnings


def check_replication(
    waves: Sequence[Resolved], *, is_drill: bool
) -> list[Wire]:
    """Refuse servers that cannot be launched as they replicate.

    Returns:
        Warnings of servers that are launched although they are lost.

    Raises:
        BadRequest: ``UNHEALTHY_SERVER_REPLICATION``.
    """
    known: dict[str, SourceServer] = {}
    bad: dict[str, Wire] = {}
    for wave in waves:
        known |= {one.source_server_id: one for one in wave.known}
        rows = unlaunchable(wave.server_ids, wave.known, is_drill=is_drill)
        bad |= {row["serverId"]: row for row in rows}
    if bad:
        raise _unhealthy(list(bad.values()), len(set(known) - set(bad)))
    return [
        _warning(
            SOURCE_REPLICATION_LOST,
            f"The replication of {one.name} ({one.source_server_id}) is "
            f"{one.replication_state}; it is launched from the last data "
            "that arrived.",
            "Check the age of that data before you rely on it.",
        )
        for one in lost(known.values())
    ]


def check_existing_recovery_instances(
    server_ids: Sequence[str],
    region: str,
    account_context: Way = None,
    *,
    executions: Executions | None = None,
    regions: DrsRegions | None = None,
) -> dict[str, Any]:
    """Return the live instances of servers, and whether they may go.

    Args:
        server_ids: The servers asked about.
        region: Where they are.
        account_context: Whose; the hub's without one.
        executions: The executions, for the names of their plans; this
            container's without them.
        regions: The ways in; this container's without them.

    Raises:
        DrsUnavailable: DRS does not answer.
    """
    reach = region_of(region, account_context, regions)
    found = existing_instances(
        server_ids, reach, executions or own_executions()
    )
    return {
        "existingInstances": [one.row() for one in found],
        "canProceed": can_proceed(found),
    }


def existing(
    waves: Sequence[Resolved], context: Context, ports: Ports
) -> list[Wire]:
    """Return a warning of instances that a launch is going to replace."""
    account = ports.account(dict(context))
    found = [
        check_existing_recovery_instances(
            servers,
            region,
            account,
            executions=ports.run.executions,
            regions=ports.drs,
        )
        for region, servers in by_region(waves).items()
    ]
    rows = [row for one in found for row in one["existingInstances"]]
    free = all(one["canProceed"] for one in found)
    return [_replaces(rows, free=free)] if rows else []


def _replaces(rows: Sequence[Wire], *, free: bool) -> Wire:
    ids = [str(row["recoveryInstanceId"]) for row in rows]
    kind = "" if free else " Some are of a recovery, not of a drill."
    warning = _warning(
        EXISTING_RECOVERY_INSTANCES,
        f"{len(ids)} servers of the plan run as recovery instances, which "
        f"a new launch replaces: {_some(ids)}.{kind}",
        (
            "Terminate the instances of earlier executions first."
            if free
            else "Cancel this execution if those instances are in use."
        ),
        severity="WARNING" if free else "CRITICAL",
    )
    return warning | {
        "instanceCount": len(rows),
        "existingInstances": list(rows[:_NAMED]),
        "canProceed": free,
    }


def _unhealthy(rows: list[Wire], healthy: int) -> BadRequest:
    named = _some([f"{row['serverId']} ({row['reason']})" for row in rows])
    return BadRequest(
        f"{len(rows)} servers of the plan cannot be launched: {named}. Repair "
        "their replication, or take them out of their groups.",
        code="UNHEALTHY_SERVER_REPLICATION",
        unhealthyServers=rows,
        healthyCount=healthy,
        unhealthyCount=len(rows),
    )


def _assumed(region: DrsRegion) -> Wire:
    return _warning(
        QUOTAS_ASSUMED,
        f"The DRS quotas of {_where(region)} could not be read; the published "
        "ones are used.",
        "Allow servicequotas:GetServiceQuota there.",
    )


def _where(region: DrsRegion) -> str:
    return f"account {region.account_id}, {region.region}"


def _some(names: Sequence[str]) -> str:
    left = len(names) - _NAMED
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {left} more" if left > 0 else shown


def _warning(
    kind: str,
    message: str,
    recommendation: str,
    *,
    severity: str = "WARNING",
) -> Wire:
    return {
        "type": kind,
        "severity": severity,
        "message": message,
        "recommendation": recommendation,
        "canExecuteNow": True,
    }
