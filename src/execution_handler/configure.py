"""Applying launch configuration before servers are launched.

A drill never launches a server whose configuration could not be applied:
it could start with production addresses. A recovery launches it with the
settings DRS has, marks it and alerts.
"""

import time
from collections.abc import Callable, Collection, Mapping, MutableMapping
from typing import Any, Final

from msgspec.structs import replace

from drs.domain.launch_config import has_launch_settings
from drs.domain.launch_results import AppliedStatus, counted, detail
from drs.domain.ports import DrsRegion, DrsRegions
from drs.launch_settings import apply_launch_settings
from drs.reach import Context, region_of
from execution_handler.ports import Ports
from shared import log
from shared.domain.notices import NoticeEvent, notice
from shared.domain.record import Record, ServerStatus, WaveEntry
from shared.domain.waves import counted as with_counts
from shared.domain.waves import with_failed

FAILED: Final = "LAUNCH_CONFIG_APPLY_FAILED"
NO_GROUP: Final = "(none)"

# What became of a server's configuration, as the API shows it.
type Result = Mapping[str, Any]
type Sleep = Callable[[float], None]


def apply_launch_config_to_servers(
    server_ids: Collection[str],
    launch_config: Mapping[str, Any],
    region: str,
    account_context: Context = None,
    *,
    protection_group: Mapping[str, Any] | None = None,
    regions: DrsRegions | None = None,
    reach: DrsRegion | None = None,
    sleep: Sleep = time.sleep,
) -> dict[str, Any]:
    """Give servers a launch configuration, and tell what became of each.

    Args:
        server_ids: The servers.
        launch_config: What a protection group sets for all of its servers.
        region: Where they are.
        account_context: Whose; the hub's without one.
        protection_group: The whole stored group, whose servers may set
            something of their own; without it all get the same.
        regions: The ways in; this container's without them.
        reach: The way into the Region, where the caller has it already.
        sleep: Waits between tries.

    Returns:
        ``success``, the ids that ``failed``, how many were ``applied`` and
        ``skipped``, ``failedCount``, and ``details`` of each server.

    Raises:
        BadRequest: Only a part of a group was given.
    """
    group = protection_group
    if group is None:
        group = {"groupId": NO_GROUP, "groupName": NO_GROUP, "region": region}
    results = apply_launch_settings(
        reach or region_of(region, account_context, regions),
        {**group, "launchConfig": dict(launch_config)},
        list(server_ids),
        sleep=sleep,
    )
    counts = counted(results)
    failed = [
        server
        for server, result in results.items()
        if result.status is AppliedStatus.FAILED
    ]
    return {
        "success": not failed,
        "failed": failed,
        "applied": counts[AppliedStatus.APPLIED],
        "skipped": counts[AppliedStatus.SKIPPED],
        "failedCount": len(failed),
        "details": [
            detail(server, result, FAILED)
            for server, result in results.items()
        ],
    }


def apply_launch_config_before_recovery(
    drs_client: DrsRegion | None,
    server_ids: Collection[str],
    launch_config: Mapping[str, Any],
    region: str,
    protection_group: Mapping[str, Any] | None = None,
    *,
    account_context: Context = None,
    results: MutableMapping[str, Result] | None = None,
    sleep: Sleep = time.sleep,
) -> None:
    """Give servers that are about to be launched their configuration.

    Args:
        drs_client: The way into DRS and EC2 of the servers' account;
            without it, by the account and the Region.
        server_ids: The servers.
        launch_config: What their group sets for all of its servers.
        region: Where they are.
        protection_group: The whole stored group.
        account_context: Whose; the hub's without one.
        results: What became of each server is put here; those that are in
            it already are passed over.
        sleep: Waits between tries.

    Raises:
        BadRequest: Only a part of a group was given.
    """
    noted = {} if results is None else results
    told = apply_launch_config_to_servers(
        [one for one in server_ids if one not in noted],
        launch_config,
        region,
        account_context,
        protection_group=protection_group,
        reach=drs_client,
        sleep=sleep,
    )
    noted.update({str(one["serverId"]): one for one in told["details"]})


def configure(
    record: Record,
    entry: WaveEntry,
    server_ids: tuple[str, ...],
    region: DrsRegion,
    ports: Ports,
) -> WaveEntry:
    """Return the entry with what was applied to these servers.

    Servers that have a result already are passed over.
    """
    left = [one for one in server_ids if one not in entry.launch_config_status]
    results: dict[str, Result] = {}
    for group_id, members in _by_group(entry, left).items():
        group = ports.groups.group(group_id)
        if has_launch_settings(group):
            apply_launch_config_before_recovery(
                region,
                members,
                group.get("launchConfig") or {},
                region.region,
                group,
                results=results,
                sleep=ports.run.clock.sleep,
            )
    if not results:
        return entry
    after = _with_results(entry, results)
    failed = {
        server: str(result["error"])
        for server, result in results.items()
        if result["status"] == AppliedStatus.FAILED
    }
    if failed:
        _alert(record, entry, failed, ports)
    if not record.is_drill:
        return after
    for server, reason in failed.items():
        after = with_failed(
            after,
            [server],
            FAILED,
            f"its launch configuration could not be applied: {reason}",
        )
    return with_counts(after)


def _by_group(
    entry: WaveEntry, server_ids: Collection[str]
) -> dict[str, list[str]]:
    named = frozenset(server_ids)
    groups: dict[str, list[str]] = {}
    for server in entry.server_statuses:
        if server.source_server_id in named and server.protection_group_id:
            groups.setdefault(server.protection_group_id, []).append(
                server.source_server_id
            )
    return groups


def _with_results(
    entry: WaveEntry, results: Mapping[str, Result]
) -> WaveEntry:
    statuses = {
        server: str(result["status"]).upper()
        for server, result in results.items()
    }

    def one(server: ServerStatus) -> ServerStatus:
        status = statuses.get(server.source_server_id)
        if status is None:
            return server
        return replace(server, launch_config_status=status)

    return replace(
        entry,
        server_statuses=tuple(one(s) for s in entry.server_statuses),
        launch_config_status={**entry.launch_config_status, **statuses},
    )


def _alert(
    record: Record, entry: WaveEntry, failed: dict[str, str], ports: Ports
) -> None:
    log.event(
        "launch_config_failed",
        execution_id=record.execution_id,
        wave=entry.wave_number,
        error_code=FAILED,
        server_ids=sorted(failed),
        serverCount=len(failed),
    )
    first = next(iter(failed))
    ports.run.notifier.send(
        notice(
            record,
            NoticeEvent.LAUNCH_CONFIG_FAILED,
            entry=entry,
            reason=f"{len(failed)} servers, first {first}: {failed[first]}",
        )
    )
