"""Staging accounts: may one be used, which are there, what is to extend.

A probe that fails is an answer here; nothing is changed.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from drs.domain.capacity_figures import RegionFigures, region_figures
from drs.domain.ports import DrsRegion
from drs.domain.servers import SourceServer
from drs.domain.staging import extensible
from drs.looks import OF_THE_REGION
from drs.sweep import Swept, sweep
from query_handler.accounts import name_of
from query_handler.capacity import (
    Known,
    estate,
    regions_in_order,
    staging_of,
    target_figures,
    target_in,
    targets,
)
from query_handler.params import params_of, region_in
from query_handler.ports import Lookups
from shared.domain.account import (
    MAX_ARN_CHARACTERS,
    AccountContext,
    registered_context,
)
from shared.domain.account_form import (
    check_account_id,
    check_external_id,
    role_name_of,
)
from shared.domain.errors import AccountUnreachable, DrError, Unavailable
from shared.domain.execution import Wire
from shared.domain.wire import id_in, missing, text_in

MAX_EXTERNAL_ID: Final = 1224
TO_EXTEND: Final = "to_extend"
EXTENDED: Final = "already_extended"


def validate_staging_account(event: Wire, ports: Lookups) -> Wire:
    """Ask an account that is not registered yet what it would bring.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``MISSING_REGION``,
            ``INVALID_FORMAT``, ``INVALID_TYPE``, ``INVALID_ROLE_ARN``.
    """
    params = params_of(event)
    account = _named(params, ports)
    region = region_in(params, ports)
    blank = {
        "valid": False,
        "roleAccessible": True,
        "drsInitialized": False,
        "currentServers": 0,
        "replicatingServers": 0,
        "totalAfter": 0,
    }
    try:
        found = ports.look(lambda: _counted(ports.drs(account, region)))
    except AccountUnreachable as error:
        return {**blank, "roleAccessible": False, "error": error.message}
    except DrError as error:
        # What else keeps us from asking says nothing of DRS there.
        in_use = error.code not in OF_THE_REGION
        return {**blank, "drsInitialized": in_use, "error": error.message}
    others = sum(
        one.replicating
        for one in estate(ports)
        if one.account_id != account.account_id
    )
    return {
        "valid": True,
        "roleAccessible": True,
        "drsInitialized": True,
        "currentServers": found.total,
        "replicatingServers": found.replicating,
        "totalAfter": others + found.replicating,
    }


def discover_staging_accounts(event: Wire, ports: Lookups) -> Wire:
    """Return the accounts that replicate the target's extended servers.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        Unavailable: The target could not be asked.
    """
    target, item = target_in(params_of(event), ports)
    figures = target_figures(target, ports)
    configured = {
        one.context.account_id: one for one in staging_of(item, ports)
    }
    servers: Counter[str] = Counter()
    regions: dict[str, list[str]] = {}
    for region in figures.regions:
        servers.update(region.extended)
        for account_id in region.extended:
            regions.setdefault(account_id, []).append(region.region)
    rows = [
        {
            "accountId": one,
            "accountName": _name(one, configured, ports),
            "serverCount": servers[one],
            "regions": sorted(regions[one]),
            "alreadyConfigured": one in configured,
        }
        for one in sorted(servers)
    ]
    return {
        "stagingAccounts": rows,
        "count": len(rows),
        "failedRegions": sorted(figures.failed),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Preview:
    """What a sync of some targets would meet."""

    fresh: Sequence[str] = ()
    known: Sequence[str] = ()
    warnings: Sequence[str] = ()


def sync_staging_accounts(event: Wire, ports: Lookups) -> Wire:
    """Return what a sync would extend, of all targets where none is named.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        Unavailable: The target that is named could not be asked.
    """
    params = params_of(event)
    if params.get("targetAccountId"):
        parts = [_preview(*target_in(params, ports), ports)]
    else:
        parts = [_preview_or_told(*one, ports) for one in targets(ports)]
    rows = [
        {"sourceServerArn": arn, "status": status}
        for part in parts
        for status, arns in ((TO_EXTEND, part.fresh), (EXTENDED, part.known))
        for arn in arns
    ]
    return {
        "extended": sum(len(part.fresh) for part in parts),
        "alreadyExtended": sum(len(part.known) for part in parts),
        "failed": 0,
        "servers": rows,
        "warnings": [text for part in parts for text in part.warnings],
    }


def _preview_or_told(
    target: Known, item: Mapping[str, Any], ports: Lookups
) -> _Preview:
    """Look at one target of many: one that is closed hides no other."""
    try:
        return _preview(target, item, ports)
    except Unavailable as error:
        return _Preview(warnings=[error.message])


def _preview(
    target: Known, item: Mapping[str, Any], ports: Lookups
) -> _Preview:
    staging = staging_of(item, ports)
    if not staging:
        return _Preview()
    found = sweep(
        ports.drs,
        [target.context, *(one.context for one in staging)],
        regions_in_order(ports),
        lambda at: at.source_servers(),
        seconds=max(1, ports.seconds_left),
    )
    own = found[target.context].checked()
    fresh: list[str] = []
    known: list[str] = []
    for one in staging:
        for region, servers in sorted(found[one.context].found.items()):
            mine = own.found.get(region)
            if mine is None:
                continue
            new, old = extensible(servers, one.context.account_id, mine)
            fresh += [server.arn for server in new]
            known += [server.arn for server in old]
    warnings = [
        *own.unread(),
        *(text for one in staging for text in found[one.context].unread()),
        *_homeless(target, own, [(s, found[s.context]) for s in staging]),
    ]
    return _Preview(fresh=fresh, known=known, warnings=warnings)


def _named(params: Mapping[str, Any], ports: Lookups) -> AccountContext:
    account_id = id_in(params, "accountId")
    check_account_id(account_id)
    external_id = text_in(params, "externalId", MAX_EXTERNAL_ID).strip()
    if not external_id:
        raise missing("externalId")
    check_external_id(external_id)
    role_arn = text_in(params, "roleArn", MAX_ARN_CHARACTERS).strip()
    if role_arn:
        role_name_of(role_arn, account_id)
    return registered_context(
        account_id,
        {"roleArn": role_arn, "externalId": external_id},
        hub_account_id=ports.hub_account_id,
        default_external_id=ports.external_id,
    )


def _counted(region: DrsRegion) -> RegionFigures:
    servers = region.source_servers()
    return region_figures(region.region, region.account_id, servers)


def _name(
    account_id: str, configured: Mapping[str, Known], ports: Lookups
) -> str:
    if account_id in configured:
        return configured[account_id].name
    return name_of(account_id, ports)


def _homeless(
    target: Known,
    own: Swept[list[SourceServer]],
    staging: Sequence[tuple[Known, Swept[list[SourceServer]]]],
) -> list[str]:
    """Tell of servers in Regions where the target cannot take them."""
    return [
        f"{one.name} has servers in {region}, where DRS of {target.name} is "
        "not in use; initialise it there."
        for one, theirs in staging
        for region, servers in sorted(theirs.found.items())
        if servers and region not in {**own.found, **own.failed}
    ]
