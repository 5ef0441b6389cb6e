"""Applying launch configuration before servers are launched.

A drill never launches a server whose configuration could not be applied:
it could start with production addresses. A recovery launches it with the
settings DRS has, marks it and alerts.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from drs.domain.launch_config import has_launch_settings
from drs.domain.launch_results import AppliedStatus, ServerApplied
from drs.domain.ports import DrsRegion
from drs.launch_settings import apply_launch_settings
from execution_handler.ports import Ports
from shared import log
from shared.domain.notices import NoticeEvent, notice
from shared.domain.record import Record, ServerStatus, WaveEntry
from shared.domain.waves import counted, with_failed

FAILED = "LAUNCH_CONFIG_APPLY_FAILED"


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
    results: dict[str, ServerApplied] = {}
    for group_id, members in _by_group(entry, server_ids).items():
        group = ports.groups.group(group_id)
        if has_launch_settings(group):
            results |= _applied(region, group, members, entry, ports)
    if not results:
        return entry
    after = _with_results(entry, results)
    failed = {
        server: result.reason
        for server, result in results.items()
        if result.status is AppliedStatus.FAILED
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
    return counted(after)


def _by_group(
    entry: WaveEntry, server_ids: tuple[str, ...]
) -> dict[str, list[str]]:
    named = frozenset(server_ids)
    groups: dict[str, list[str]] = {}
    for server in entry.server_statuses:
        if server.source_server_id in named and server.protection_group_id:
            groups.setdefault(server.protection_group_id, []).append(
                server.source_server_id
            )
    return groups


def _applied(
    region: DrsRegion,
    group: Mapping[str, Any],
    members: list[str],
    entry: WaveEntry,
    ports: Ports,
) -> dict[str, ServerApplied]:
    return apply_launch_settings(
        region,
        group,
        members,
        done=entry.launch_config_status,
        sleep=ports.run.clock.sleep,
    )


def _with_results(
    entry: WaveEntry, results: Mapping[str, ServerApplied]
) -> WaveEntry:
    def one(server: ServerStatus) -> ServerStatus:
        result = results.get(server.source_server_id)
        if result is None:
            return server
        return replace(server, launch_config_status=str(result.status).upper())

    statuses = {
        server: str(result.status).upper()
        for server, result in results.items()
    }
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
