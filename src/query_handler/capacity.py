"""How full accounts are: one account, one target with its staging, all.

Sweeps every Region of DRS within the time of the request; what was not read
is said. What an account was found to have is kept for 30 s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from drs.domain.capacity_figures import (
    AccountFigures,
    AccountType,
    RegionFigures,
    busiest,
    job_figures,
    limits,
    region_figures,
    together,
)
from drs.domain.ports import DrsRegion
from drs.sweep import Swept, sweep
from query_handler.accounts import (
    account_in,
    context_of,
    item_of,
    name_of,
    validate_target_account,
)
from query_handler.params import params_of, region_in
from query_handler.ports import Lookups
from shared.domain.account import (
    AccountContext,
    is_active,
    not_registered,
    registered_context,
)
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.wire import id_in, text_in

KEPT_SECONDS: Final = 30
KEPT_AT_MOST: Final = 500

type _Found = Swept[RegionFigures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An account of the estate, and the way into it."""

    context: AccountContext
    name: str
    type: AccountType = AccountType.TARGET


def get_drs_account_capacity(event: Wire, ports: Lookups) -> Wire:
    """Return the capacity and the quotas of an account over all Regions.

    Job figures are those of the Region that is named, else of the busiest.

    Raises:
        BadRequest: ``INVALID_FORMAT``, ``DRS_NOT_INITIALIZED``,
            ``REGION_NOT_ENABLED``: of the Region that is named.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    params = params_of(event)
    named = text_in(params, "region").strip()
    known = _known(account_in(params, ports), ports)
    region = _region(known, region_in(params, ports), ports) if named else None
    account = _account(known, ports)
    return _body(account, region or busiest([account]), ports)


def get_drs_account_capacity_all_regions(event: Wire, ports: Lookups) -> Wire:
    """Return the same, whatever Region is named."""
    params = {**params_of(event), "region": ""}
    return get_drs_account_capacity({"queryParams": params}, ports)


def get_drs_regional_capacity(event: Wire, ports: Lookups) -> Wire:
    """Return the same of one Region, the only one that is asked.

    Raises:
        BadRequest: ``MISSING_REGION`` and as above.
    """
    params = params_of(event)
    known = _known(account_in(params, ports), ports)
    region = _region(known, region_in(params, ports), ports)
    account = AccountFigures(
        account_id=known.context.account_id, name=known.name, regions=[region]
    )
    return _body(account, region, ports)


def get_combined_capacity(event: Wire, ports: Lookups) -> Wire:
    """Return the capacity of a target with its staging accounts, or of all.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    if text_in(params_of(event), "targetAccountId").strip():
        return target_capacity(event, ports)
    return all_capacity(event, ports)


def all_capacity(event: Wire, ports: Lookups) -> Wire:
    """Return the capacity of the hub, the targets and their staging."""
    return together(estate(ports))


def target_capacity(event: Wire, ports: Lookups) -> Wire:
    """Return the capacity of a target and its staging accounts.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        AccountUnreachable: The target lets nobody in; a staging account
            that does not is told.
    """
    target, item = target_in(params_of(event), ports)
    staging = staging_of(item, ports)
    found = _swept([target, *staging], ports)
    found[target.context].checked()
    return together(
        [_figures(one, found[one.context]) for one in (target, *staging)]
    )


def estate(ports: Lookups) -> list[AccountFigures]:
    """Return the figures of every account that is known."""
    known = {ports.hub_account_id: _known(context_of("", ports), ports)}
    registered = targets(ports)
    for target, _ in registered:
        known.setdefault(target.context.account_id, target)
    for _, item in registered:
        for one in staging_of(item, ports):
            known.setdefault(one.context.account_id, one)
    found = _swept(list(known.values()), ports)
    return [_figures(one, found[one.context]) for one in known.values()]


def targets(ports: Lookups) -> list[tuple[Known, Item]]:
    """Return the registered accounts that may be used, and their items."""
    return [
        (_known(_context(item, ports), ports, item), item)
        for item in ports.accounts.all()
        if is_active(item)
    ]


def target_in(
    params: Mapping[str, Any], ports: Lookups
) -> tuple[Known, Mapping[str, Any]]:
    """Return a target account and how it is registered.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    account_id = id_in(params, "targetAccountId")
    if not validate_target_account(account_id, ports=ports):
        raise not_registered(account_id)
    item = item_of(account_id, ports) or {}
    return _known(context_of(account_id, ports), ports, item), item


def staging_of(item: Mapping[str, Any], ports: Lookups) -> list[Known]:
    """Return the staging accounts that an account's item lists."""
    return [
        Known(
            context=_context(one, ports),
            name=str(one.get("accountName") or one["accountId"]),
            type=AccountType.STAGING,
        )
        for one in item.get("stagingAccounts") or ()
    ]


def target_figures(target: Known, ports: Lookups) -> AccountFigures:
    """Return the figures of a target account.

    Raises:
        AccountUnreachable: Its role lets nobody in.
        Unavailable: No Region could be asked.
    """
    return _account(target, ports)


def regions_in_order(ports: Lookups) -> list[str]:
    """Return the Regions of DRS, those first that are known to be used."""
    known = ports.drs_region_names()
    used = [str(group.get("region")) for group in ports.groups.all()]
    first = [one for one in (ports.hub_region, *used) if one in known]
    return list(dict.fromkeys([*first, *sorted(known)]))


def _account(known: Known, ports: Lookups) -> AccountFigures:
    found = _swept([known], ports)[known.context]
    return _figures(known, found.checked())


def _region(known: Known, name: str, ports: Lookups) -> RegionFigures:
    """Ask one Region by its name; that it is not in use is an error."""
    return ports.look(lambda: _counted(ports.drs(known.context, name)))


def _counted(region: DrsRegion, *, jobs: bool = True) -> RegionFigures:
    servers = region.source_servers()
    if not servers or not jobs:
        return region_figures(region.region, region.account_id, servers)
    return region_figures(
        region.region,
        region.account_id,
        servers,
        region.active_jobs(),
        region.every_quota(),
    )


def _swept(
    accounts: Sequence[Known], ports: Lookups
) -> dict[AccountContext, _Found]:
    """Return what each account has, as it was at most 30 s ago.

    The role in a staging account shows its servers and nothing else.
    """
    now = ports.clock.now()
    kept = {
        one: ports.kept[one]
        for one in accounts
        if one in ports.kept and ports.kept[one][0] + KEPT_SECONDS > now
    }
    left = [one for one in accounts if one not in kept]
    targets = {
        one.context.account_id
        for one in left
        if one.type is AccountType.TARGET
    }
    found: dict[AccountContext, _Found] = {}
    if left:
        found = sweep(
            ports.drs,
            [one.context for one in left],
            regions_in_order(ports),
            lambda at: _counted(at, jobs=at.account_id in targets),
            seconds=max(1, ports.seconds_left),
        )
    _keep({one: (now, found[one.context]) for one in left}, ports)
    return {**found, **{one.context: kept[one][1] for one in kept}}


def _keep(found: Mapping[Known, tuple[int, _Found]], ports: Lookups) -> None:
    if len(ports.kept) >= KEPT_AT_MOST:
        ports.kept.clear()
    ports.kept.update(found)


def _figures(known: Known, found: _Found) -> AccountFigures:
    blank = AccountFigures(
        account_id=known.context.account_id, name=known.name, type=known.type
    )
    if found.unreachable is not None:
        return replace(blank, error=found.unreachable.message)
    failed = {name: error.message for name, error in found.failed.items()}
    if failed and not found.found:
        return replace(blank, error=next(iter(failed.values())))
    regions = [found.found[name] for name in sorted(found.found)]
    return replace(blank, regions=regions, failed=failed)


def _body(
    account: AccountFigures, region: RegionFigures | None, ports: Lookups
) -> Wire:
    shown = region or RegionFigures(region=ports.hub_region)
    return {
        "accountId": account.account_id,
        "accountName": account.name,
        "region": shown.region,
        "limits": limits(shown.quotas),
        "capacity": {
            **account.capacity(),
            "failedRegions": sorted(account.failed),
        },
        **job_figures(shown),
        "warnings": account.warnings(),
    }


def _known(
    context: AccountContext,
    ports: Lookups,
    item: Mapping[str, Any] | None = None,
) -> Known:
    return Known(
        context=context, name=name_of(context.account_id, ports, item)
    )


def _context(item: Mapping[str, Any], ports: Lookups) -> AccountContext:
    return registered_context(
        str(item["accountId"]),
        item,
        hub_account_id=ports.hub_account_id,
        default_external_id=ports.external_id,
    )
