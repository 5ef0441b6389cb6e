"""The servers of an execution with everything a reader asks about them.

Decides which source wins for a name, an address or a state: what DRS and
EC2 say now, where they are asked and answer, over what is stored. What
they could not be asked is named in ``warnings``, and never a reason to
show nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from drs.domain.ports import DrsRegions
from drs.reach import Context
from execution_handler.server_details import (
    get_recovery_instances_for_wave,
    get_server_details_map,
    servers_of,
)
from shared import metrics
from shared.domain.errors import DrError
from shared.domain.metrics import Metric
from shared.domain.record import ServerStatus

SERVERS_NOT_FOUND = "SERVERS_NOT_FOUND"
# What DRS says of an instance that EC2 has no more.
GONE = "NOT_FOUND"
_NAMED = 10
_OF_SOURCE = (
    "nameTag",
    "sourceInstanceId",
    "sourceAccountId",
    "sourceIp",
    "sourceRegion",
    "replicationState",
    "lastLaunchResult",
)
_OF_INSTANCE = (
    "recoveryInstanceId",
    "instanceId",
    "instanceState",
    "instanceType",
    "privateIp",
    "publicIp",
    "ipAddress",
    "instanceName",
    "launchTime",
    "snapshotTime",
)

type Facts = Mapping[str, Any]


class Gaps:
    """What could not be read, as warnings."""

    def __init__(self) -> None:
        self.warnings: list[dict[str, Any]] = []

    def missed(self, what: str, error: DrError) -> None:
        """Take note of something that could not be read."""
        self.add(error.code, f"Could not read {what}: {error.message}")

    def add(self, code: str, message: str) -> None:
        """Take note of something, once."""
        warning = {
            "type": code,
            "severity": "warning",
            "message": message,
            "recommendation": "What is stored is shown instead.",
        }
        if warning not in self.warnings:
            self.warnings.append(warning)


def enrich_execution_with_server_details(
    execution: Facts,
    region: str,
    account_context: Context = None,
    *,
    live: bool = True,
    regions: DrsRegions | None = None,
) -> dict[str, Any]:
    """Return a copy of the execution with the servers of its waves.

    Args:
        execution: The execution with its waves' servers, as read.
        region: Where waves are that do not say it themselves.
        account_context: Whose; the hub's without one.
        live: Whether DRS and EC2 are asked; else what is stored is all.
        regions: The ways in; this container's without them.
    """
    gaps = Gaps()
    waves = [dict(wave) for wave in execution.get("waves") or ()]
    look = _Look(region, account_context, regions, gaps)
    details = look.servers(waves) if live else {}
    enriched = [
        {**wave, **_servers(wave, look, details, live=live)} for wave in waves
    ]
    if live:
        metrics.record(Metric.ENRICHMENT_SUCCESS, int(not gaps.warnings))
    kept = [*(execution.get("warnings") or ()), *gaps.warnings]
    more = {"warnings": kept} if live or kept else {}
    return {**execution, "waves": enriched, **more}


class _Look:
    """Asks DRS and EC2, and notes what they did not answer."""

    def __init__(
        self,
        region: str,
        account_context: Context,
        regions: DrsRegions | None,
        gaps: Gaps,
    ) -> None:
        self._region = region
        self._account = account_context
        self._regions = regions
        self._gaps = gaps

    def region_of(self, wave: Facts) -> str:
        """Return where a wave's servers are."""
        return str(wave.get("region") or self._region)

    def servers(self, waves: Sequence[Facts]) -> dict[tuple[str, str], Facts]:
        """Return what DRS knows of the servers, by Region and id."""
        wanted: dict[str, list[str]] = {}
        for wave in waves:
            ids = servers_of(wave)
            if ids:
                wanted.setdefault(self.region_of(wave), []).extend(ids)
        found: dict[tuple[str, str], Facts] = {}
        for region, ids in wanted.items():
            found |= self._servers_in(region, ids)
        return found

    def instances(self, wave: Facts) -> dict[str, Facts] | None:
        """Return the instances that the wave's jobs launched, by server.

        None: they could not be asked for.
        """
        region = self.region_of(wave)
        try:
            rows = get_recovery_instances_for_wave(
                wave,
                region,
                self._account,
                regions=self._regions,
                missed=self._gaps.missed,
            )
        except DrError as error:
            self._gaps.missed(
                f"the recovery instances of {_named(wave)} in {region}", error
            )
            return None
        return {row["sourceServerId"]: row for row in rows}

    def _servers_in(
        self, region: str, ids: Sequence[str]
    ) -> dict[tuple[str, str], Facts]:
        try:
            found = get_server_details_map(
                ids, region, self._account, regions=self._regions
            )
        except DrError as error:
            self._gaps.missed(f"the source servers in {region}", error)
            return {}
        unknown = [one for one, facts in found.items() if not facts["found"]]
        if unknown:
            more = f" and {len(unknown) - _NAMED} more"
            self._gaps.add(
                SERVERS_NOT_FOUND,
                f"DRS in {region} does not know "
                + ", ".join(unknown[:_NAMED])
                + (more if len(unknown) > _NAMED else "")
                + ".",
            )
        return {(region, one): facts for one, facts in found.items()}


def _named(wave: Facts) -> str:
    return f"wave {wave.get('waveNumber')} ({wave.get('waveName') or ''})"


def _servers(
    wave: Facts,
    look: _Look,
    details: Mapping[tuple[str, str], Facts],
    *,
    live: bool,
) -> dict[str, Any]:
    """Return the three lists of a wave's servers."""
    region = look.region_of(wave)
    instances = look.instances(wave) if live else None
    enriched = []
    for server in _statuses(wave):
        identity = server.source_server_id
        source = details.get((region, identity), {})
        instance = (instances or {}).get(identity, {})
        if instances is not None and not instance and server.instance_id:
            instance = {"instanceState": GONE}
        enriched.append(_enriched(server, region, source, instance))
    rows = [_plain(row) for row in enriched]
    return {
        "servers": rows,
        "serverExecutions": rows,
        "enrichedServers": enriched,
    }


def _statuses(wave: Facts) -> tuple[ServerStatus, ...]:
    stored = wave.get("serverStatuses") or ()
    known = msgspec.convert(stored, tuple[ServerStatus, ...])
    if known:
        return known
    return tuple(
        ServerStatus(source_server_id=one, server_name=one, hostname="")
        for one in servers_of(wave)
    )


def _enriched(
    server: ServerStatus, region: str, source: Facts, instance: Facts
) -> dict[str, Any]:
    """Lay what is known now over what is stored; nothing known hides it."""
    row = _stored(server, region)
    if source.get("found"):
        row |= {name: source[name] for name in _OF_SOURCE if source[name]}
        called = source["nameTag"] or source["hostname"] or row["name"]
        row |= {
            "hostname": source["hostname"] or row["hostname"],
            "name": called,
            "serverName": called,
        }
    return row | {
        name: instance[name] for name in _OF_INSTANCE if instance.get(name)
    }


def _stored(server: ServerStatus, region: str) -> dict[str, Any]:
    row = {
        "sourceServerId": server.source_server_id,
        "serverName": server.server_name,
        "hostname": server.hostname,
        "launchStatus": server.launch_status,
        "recoveryInstanceId": server.recovery_instance_id,
        "instanceId": server.instance_id,
        "instanceType": server.instance_type,
        "privateIp": server.private_ip,
        "instanceState": server.instance_state,
        "region": region,
        "name": server.server_name,
        "ipAddress": server.ip_address or server.private_ip,
        "sourceInstanceId": server.source_instance_id,
        "launchTime": server.launch_time,
        "snapshotTime": server.snapshot_time,
    }
    return {**row, "error": server.error} if server.error else row


_PLAIN = (
    "sourceServerId",
    "serverName",
    "hostname",
    "launchStatus",
    "recoveryInstanceId",
    "instanceId",
    "instanceType",
    "privateIp",
    "instanceState",
    "region",
    "error",
)


def _plain(row: Facts) -> dict[str, Any]:
    return {name: row[name] for name in _PLAIN if name in row}
