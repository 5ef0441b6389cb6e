"""Which servers a wave has, now.

Tags are resolved live in the execution's account and the group's Region;
explicit ids are taken as stored. A server that two groups name belongs to
the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from drs.domain.ports import DrsRegion
from drs.domain.servers import SourceServer
from drs.domain.tags import matching
from execution_handler.ports import Ports
from shared.domain.errors import BadRequest
from shared.domain.plan import PlanWave
from shared.domain.record import ServerStatus
from shared.domain.waves import OPTIONAL

UNKNOWN_SERVER = "DRS_START_FAILED"

type Group = Mapping[str, Any]
# By Region.
type Listed = dict[str, list[SourceServer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A wave's servers, its Region, and what was looked for.

    ``known`` are those of the servers that DRS has.
    """

    wave: PlanWave
    region: str
    servers: tuple[ServerStatus, ...]
    looked_for: str
    known: tuple[SourceServer, ...] = ()

    @property
    def server_ids(self) -> tuple[str, ...]:
        """Return the servers' ids, in order."""
        return tuple(server.source_server_id for server in self.servers)


def groups_of(
    wave: PlanWave, ports: Ports, *, code: str = "INVALID_WAVE_DATA"
) -> list[dict[str, Any]]:
    """Return the wave's groups as stored.

    Args:
        wave: The wave.
        ports: The outside.
        code: What a wave is refused with that cannot be started: that of a
            plan whose start is asked for, unless something else is said.

    Raises:
        BadRequest: No group, or groups of two Regions.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``.
    """
    if not wave.group_ids:
        raise BadRequest(
            f"Wave {wave.wave_number + 1} ({wave.name}) names no protection "
            "group.",
            code=code,
        )
    groups = [ports.groups.group(group_id) for group_id in wave.group_ids]
    if len({group.get("region") for group in groups}) != 1:
        raise BadRequest(
            f"The groups of wave {wave.wave_number + 1} ({wave.name}) are of "
            "several Regions; a wave has one.",
            code=code,
        )
    return groups


def resolve(
    wave: PlanWave,
    groups: Sequence[Group],
    context: Mapping[str, Any],
    ports: Ports,
    listed: Listed | None = None,
) -> Resolved:
    """Return the wave's servers as DRS has them now.

    Args:
        wave: The wave.
        groups: Its groups as stored.
        context: The account of the execution.
        ports: The outside.
        listed: The servers of Regions that were listed already for other
            waves; what is listed here is added.
    """
    region = str(groups[0].get("region") or "")
    reach = ports.region(dict(context), region)
    listed = {} if listed is None else listed
    found: dict[str, ServerStatus] = {}
    known: dict[str, SourceServer] = {}
    for group in groups:
        selected, servers = _selected(wave, group, reach, listed)
        known |= {one.source_server_id: one for one in selected}
        own = _criticalities(group)
        for server in servers:
            identity = server.source_server_id
            said = own.get(identity) or group.get("criticality")
            # Critical for one of its groups is critical.
            kind = OPTIONAL if said == OPTIONAL else ""
            known_as = found.get(identity, replace(server, criticality=kind))
            found[identity] = replace(
                known_as, criticality=known_as.criticality and kind
            )
    kept = [
        server
        for identity, server in sorted(found.items())
        if wave.only_server_ids is None or identity in wave.only_server_ids
    ]
    return Resolved(
        wave=wave,
        region=region,
        servers=tuple(kept),
        looked_for="; ".join(_selection(wave, group) for group in groups),
        known=tuple(
            known[one.source_server_id]
            for one in kept
            if one.source_server_id in known
        ),
    )


def _selected(
    wave: PlanWave, group: Group, reach: DrsRegion, listed: Listed
) -> tuple[list[SourceServer], list[ServerStatus]]:
    """Return what DRS has of a group's servers, and a status for each."""
    tags = group.get("serverSelectionTags") or {}
    if tags:
        if reach.region not in listed:
            listed[reach.region] = reach.source_servers()
        selected = matching(listed[reach.region], tags)
        return selected, [_member(server, group) for server in selected]
    ids = _explicit(wave, group)
    asked = reach.source_servers(ids) if ids else []
    return asked, _members(ids, asked, group)


def named_ids(wave: PlanWave, group: Group) -> list[str]:
    """Return the servers that a wave names, without asking for its tags."""
    if wave.only_server_ids is not None:
        return list(wave.only_server_ids)
    if group.get("serverSelectionTags"):
        return []
    return _explicit(wave, group)


def _explicit(wave: PlanWave, group: Mapping[str, Any]) -> list[str]:
    ids = [str(one) for one in group.get("sourceServerIds") or ()]
    if not ids:
        return list(wave.server_ids)
    if not wave.server_ids:
        return ids
    chosen = frozenset(wave.server_ids)
    return [one for one in ids if one in chosen]


def _members(
    ids: Sequence[str],
    asked: Sequence[SourceServer],
    group: Mapping[str, Any],
) -> list[ServerStatus]:
    """Return a status for each id; those that DRS lacks are FAILED."""
    known = {server.source_server_id: server for server in asked}
    return [
        _member(known[one], group) if one in known else _absent(one, group)
        for one in ids
    ]


def _member(server: SourceServer, group: Mapping[str, Any]) -> ServerStatus:
    return ServerStatus(
        source_server_id=server.source_server_id,
        server_name=server.name,
        hostname=server.hostname,
        source_instance_id=server.source_instance_id,
        protection_group_id=str(group.get("groupId") or ""),
    )


def _criticalities(group: Mapping[str, Any]) -> dict[str, str]:
    """Return what the group says of single servers, which wins over it."""
    return {
        str(one.get("sourceServerId")): str(one["criticality"])
        for one in group.get("servers") or ()
        if one.get("criticality")
    }


def _absent(server_id: str, group: Mapping[str, Any]) -> ServerStatus:
    return ServerStatus(
        source_server_id=server_id,
        server_name=server_id,
        hostname="",
        launch_status="FAILED",
        error_code=UNKNOWN_SERVER,
        error=f"DRS does not know server {server_id} in "
        f"{group.get('region')}; remove it from group "
        f"{group.get('groupName')}",
        protection_group_id=str(group.get("groupId") or ""),
    )


def _selection(wave: PlanWave, group: Mapping[str, Any]) -> str:
    name = group.get("groupName") or group.get("groupId")
    tags = group.get("serverSelectionTags")
    if tags:
        named = ", ".join(f"{key}={value}" for key, value in tags.items())
        return f"group {name} (tags {named})"
    return f"group {name} ({len(_explicit(wave, group))} server ids)"


def no_servers(wave: PlanWave, resolved: Resolved) -> BadRequest:
    """Return the error of a wave that has no server."""
    return BadRequest(
        f"Wave {wave.wave_number + 1} ({wave.name}) has no servers: nothing "
        f"in {resolved.region} matches {resolved.looked_for}.",
        code="NO_SERVERS_RESOLVED",
    )
