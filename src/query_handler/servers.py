"""Source servers: those of a Region, those of a group, and who has them.

Always in the account asked for or stored, never in another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drs.domain.conflicts import members
from drs.domain.server_view import server_view
from drs.domain.servers import SourceServer
from drs.domain.tags import TagIndex
from query_handler.accounts import account_in, context_of
from query_handler.params import (
    checked_ids,
    params_of,
    region_in,
    server_ids_in,
)
from query_handler.ports import Lookups
from query_handler.wiring import own_lookups
from shared.domain.account import AccountContext, account_context
from shared.domain.execution import Wire
from shared.domain.group import checked_group
from shared.domain.reply_size import servers_that_fit
from shared.domain.wire import id_in, missing, text_in


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An account's Region, and the groups that have their servers there."""

    account: AccountContext
    region: str
    groups: Sequence[Mapping[str, Any]]

    def views(
        self, servers: Sequence[SourceServer], current_group_id: str = ""
    ) -> list[dict[str, Any]]:
        """Return servers as the API shows them, each with its group."""
        known = TagIndex(servers)
        owners = {
            server_id: group
            for group in reversed(self.groups)
            for server_id in members(group, known)
        }
        return [
            server_view(
                one,
                owners.get(one.source_server_id),
                current_group_id=current_group_id,
            )
            for one in servers
        ]


def get_drs_source_servers(event: Wire, ports: Lookups) -> Wire:
    """Return the servers of a Region, or those of them that are asked for.

    Raises:
        BadRequest: ``MISSING_REGION``, ``INVALID_FORMAT``,
            ``INVALID_TYPE``, ``DRS_NOT_INITIALIZED``,
            ``REGION_NOT_ENABLED``.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    params = params_of(event)
    region = region_in(params, ports)
    ids = server_ids_in(params)
    current = text_in(params, "currentProtectionGroupId").strip()
    place = _place(account_in(params, ports), region, ports)
    reach = ports.drs(place.account, region)
    described = ports.look(lambda: reach.described_servers(ids))
    described = _ordered(described, ids)
    views = place.views([server for server, _ in described], current)
    items, warnings = servers_that_fit(views, [item for _, item in described])
    return {
        "servers": views,
        "sourceServers": items,
        "region": region,
        "serverCount": len(views),
        "warnings": warnings,
    }


def get_drs_source_server_details(
    server_ids: list[str],
    region: str,
    account_context: Mapping[str, Any] | None = None,
    *,
    ports: Lookups | None = None,
) -> list[dict[str, Any]]:
    """Return servers in the asked order; those that DRS has not are absent.

    Raises:
        BadRequest: ``INVALID_FORMAT``, ``DRS_NOT_INITIALIZED``,
            ``REGION_NOT_ENABLED``.
    """
    at = ports or own_lookups()
    place = _place(_normalised(account_context, at), region, at)
    return place.views(_servers(checked_ids(server_ids), place, at))


def get_protection_group_servers(
    protection_group_id: str,
    account_context: Mapping[str, Any] | None = None,
    *,
    ports: Lookups | None = None,
) -> list[dict[str, Any]]:
    """Return the servers that a group has now, by tags or by ids.

    Raises:
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``,
            ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    at = ports or own_lookups()
    group = checked_group(at.groups.find(protection_group_id))
    return _servers_of(group, account_context, at)


def details_asked_for(event: Wire, ports: Lookups) -> Any:
    """Return the details of the servers that an event names, as an array.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``MISSING_REGION`` and as above.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    params = {**params_of(event), **event}
    region = region_in(params, ports)
    ids = server_ids_in(params)
    if not ids:
        raise missing("serverIds")
    account = account_in(params, ports)
    return get_drs_source_server_details(
        ids, region, account.to_wire(), ports=ports
    )


def group_asked_for(event: Wire, ports: Lookups) -> Any:
    """Return the servers of the group that an event names, as an array."""
    return get_protection_group_servers(_group_id(event), ports=ports)


def resolve_protection_group(event: Wire, ports: Lookups) -> Wire:
    """Return the servers that a stored group has now, and how they are found.

    Raises:
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``,
            ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    group_id = _group_id(event)
    group = checked_group(ports.groups.find(group_id))
    found = get_protection_group_servers(group_id, ports=ports)
    tags = dict(group.get("serverSelectionTags") or {})
    again, warnings = servers_that_fit(found, found)
    return {
        "region": group["region"],
        "tags": tags,
        "serverSelectionTags": tags,
        "resolvedServers": found,
        "sourceServers": again,
        "serverCount": len(found),
        "resolvedAt": ports.clock.now(),
        "warnings": warnings,
    }


def _group_id(event: Wire) -> str:
    return id_in({**params_of(event), **event}, "protectionGroupId")


def _servers_of(
    group: Mapping[str, Any],
    context: Mapping[str, Any] | None,
    ports: Lookups,
) -> list[dict[str, Any]]:
    account = (
        _normalised(context, ports)
        if context
        else context_of(
            str(group.get("accountId") or ""),
            ports,
            str(group.get("assumeRoleName") or ""),
        )
    )
    place = _place(account, str(group["region"]), ports)
    if not group.get("serverSelectionTags"):
        ids = list(group.get("sourceServerIds") or ())
        return place.views(_servers(ids, place, ports))
    servers = ports.look(ports.drs(account, place.region).source_servers)
    chosen = members(group, TagIndex(servers))
    mine = [one for one in servers if one.source_server_id in chosen]
    return place.views(sorted(mine, key=lambda one: one.source_server_id))


def _servers(
    ids: Sequence[str], place: _Place, ports: Lookups
) -> list[SourceServer]:
    """Return those of the ids that DRS has, in their order."""
    if not ids:
        return []
    reach = ports.drs(place.account, place.region)
    found = ports.look(lambda: reach.source_servers(ids))
    known = {one.source_server_id: one for one in found}
    return [known[one] for one in ids if one in known]


def _ordered[T](
    described: Iterable[tuple[SourceServer, T]], ids: Sequence[str]
) -> list[tuple[SourceServer, T]]:
    """Return servers in the asked order, else by id."""
    places = {server_id: number for number, server_id in enumerate(ids)}
    return sorted(
        described,
        key=lambda one: (
            places.get(one[0].source_server_id, 0),
            one[0].source_server_id,
        ),
    )


def _place(account: AccountContext, region: str, ports: Lookups) -> _Place:
    stored = "" if account.is_current else account.account_id
    here = (stored, ports.hub_account_id) if account.is_current else (stored,)
    return _Place(
        account=account,
        region=region,
        groups=[
            checked_group(group)
            for group in ports.groups.all()
            if str(group.get("accountId") or "") in here
            and group.get("region") == region
        ],
    )


def _normalised(
    context: Mapping[str, Any] | None, ports: Lookups
) -> AccountContext:
    return account_context(
        context,
        hub_account_id=ports.hub_account_id,
        default_external_id=ports.external_id,
    )
