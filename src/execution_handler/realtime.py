"""Executions as DRS and EC2 know them now; nothing is written.

What cannot be read within the request is named in ``warnings``, and what
is stored is shown in its place.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from drs.domain.ports import DrsRegion, DrsRegions
from execution_handler.enrich import (
    Gaps,
    enrich_execution_with_server_details,
)
from execution_handler.ports import Ports
from execution_handler.reads import stored_details
from execution_handler.reconcile import (
    recalculate_execution_status,
    reconcile_wave_status_with_drs,
)
from execution_handler.requests import execution_named
from execution_handler.server_details import get_recovery_instances_for_wave
from execution_handler.views import job_details
from execution_handler.wiring import standing_alone
from shared.domain.account import AccountContext
from shared.domain.errors import DrError, DrsUnavailable
from shared.domain.execution import Wire
from shared.domain.record import WaveEntry
from shared.domain.status import Status

# Seconds that are left for the answer itself.
SPARE_SECONDS = 5
# What a run that goes on by itself may be found to be.
_JUDGED = frozenset(
    {
        Status.RUNNING,
        Status.POLLING,
        Status.INITIATED,
        Status.LAUNCHING,
        Status.STARTED,
        Status.IN_PROGRESS,
    }
)
_OF_ROW = (
    "instanceId",
    "recoveryInstanceId",
    "sourceServerId",
    "region",
    "waveName",
    "waveNumber",
    "jobId",
    "status",
    "serverName",
    "instanceType",
    "privateIp",
    "publicIp",
    "isDrill",
)


@dataclass(frozen=True, slots=True)
class _WhileTimeIsLeft:
    """The ways into Regions, closed shortly before the request ends."""

    ports: Ports

    def __call__(self, account: AccountContext, region: str) -> DrsRegion:
        """Return DRS and EC2 of an account in a Region."""
        if self.ports.seconds_left < SPARE_SECONDS:
            raise DrsUnavailable(
                "the request's time is used up; ask again, it goes faster "
                "where less is to be read",
                accountId=account.account_id,
                region=region,
            )
        return self.ports.drs(account, region)


def get_execution_details_realtime(
    execution_id: str,
    region: str,
    account_context: AccountContext | None = None,
    *,
    ports: Ports | None = None,
) -> dict[str, Any]:
    """Return an execution as DRS and EC2 know it now.

    Args:
        execution_id: Its id.
        region: Where waves are that do not say it themselves.
        account_context: Whose; the record's own without one.
        ports: The outside; this container's without them.

    Raises:
        NotFound: ``EXECUTION_NOT_FOUND``.
    """
    outside = ports or standing_alone()
    record = outside.run.executions.find(execution_id)
    account = account_context or outside.account_of(record)
    regions = _WhileTimeIsLeft(outside)
    gaps = Gaps()
    body = stored_details(record, outside)
    waves = [
        _reconciled(wave, region, account, regions, gaps, outside)
        for wave in body["waves"]
    ]
    seen = {**body, "waves": waves, "warnings": gaps.warnings}
    enriched = enrich_execution_with_server_details(
        seen, region, account, regions=regions
    )
    return {
        **enriched,
        "status": _status(seen, record.status, record.total_waves),
        "storedStatus": str(record.status),
        "dataSource": "realtime",
        "hasRealtimeData": True,
    }


def get_execution_details(event: Wire, ports: Ports) -> Wire:
    """Show an execution as DRS and EC2 know it now.

    Raises:
        BadRequest: ``MISSING_FIELD``.
        NotFound: ``EXECUTION_NOT_FOUND``.
    """
    record = ports.run.executions.find(execution_named(event))
    return get_execution_details_realtime(
        record.execution_id, record.drs_region, ports=ports
    )


def get_recovery_instances(event: Wire, ports: Ports) -> Wire:
    """List the instances that the execution's own jobs launched.

    Raises:
        BadRequest: ``MISSING_FIELD``.
        NotFound: ``EXECUTION_NOT_FOUND``.
        DrError: DRS or EC2 could not be asked.
    """
    record = ports.run.executions.find(execution_named(event))
    account = ports.account_of(record)
    regions = _WhileTimeIsLeft(ports)
    rows = [
        {name: row[name] for name in _OF_ROW}
        for wave in stored_details(record, ports)["waves"]
        for row in get_recovery_instances_for_wave(
            wave, wave["region"], account, regions=regions
        )
    ]
    return {"instances": rows, "totalInstances": len(rows)}


def _reconciled(
    wave: Wire,
    region: str,
    account: AccountContext,
    regions: DrsRegions,
    gaps: Gaps,
    ports: Ports,
) -> Wire:
    place = str(wave.get("region") or region)
    try:
        seen = reconcile_wave_status_with_drs(
            wave, place, account, regions=regions, now=ports.run.clock.now()
        )
    except DrError as error:
        gaps.missed(
            f"the jobs of wave {wave['waveNumber']} ({wave['waveName']}) in "
            f"{place}",
            error,
        )
        return wave
    entry = msgspec.convert(seen, WaveEntry)
    return {**seen, "DRSJobDetails": job_details(entry)}


def _status(body: Wire, stored: Status, total: int) -> str:
    """Return what the run is by now.

    A request of a person and an end are told by the record alone; a run
    between two waves goes on as it is stored.
    """
    if stored not in _JUDGED:
        return str(stored)
    found = recalculate_execution_status(body)
    if found == Status.IN_PROGRESS or len(body["waves"]) >= total:
        return found
    return str(stored)
