"""Servers of a staging account extended into a target account.

Decides which servers may be extended and what an extended one looks like.
Its replication stays that of the staging account's server.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drs_simulator.domain.faults import ServiceFault, invalid, not_found
from drs_simulator.domain.ids import derived, split_arn
from drs_simulator.domain.launch import defaults
from drs_simulator.domain.paging import page
from drs_simulator.domain.quotas import CATALOGUE
from drs_simulator.domain.records import Server, Wire
from drs_simulator.domain.region import (
    Context,
    Region,
    require_initialized,
    wire,
)
from drs_simulator.domain.render import source_server


def create_extended_source_server(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer CreateExtendedSourceServer."""
    require_initialized(ctx.region)
    staging_arn: str = request["sourceServerArn"]
    origin = _origin(ctx, staging_arn)
    if staging_arn in _extended(ctx.region):
        raise invalid(f"{staging_arn} is extended into this account already.")
    limit = ctx.quotas.source_servers
    if len(ctx.region.servers) >= limit:
        raise ServiceFault(
            "ServiceQuotaExceededException",
            f"The account has {len(ctx.region.servers)} source servers and"
            f" the quota is {limit}.",
            serviceCode="drs",
            quotaCode=CATALOGUE["source_servers"].code,
        )
    server = replace(
        origin,
        server_id=derived("s", ctx.region.account, staging_arn),
        tags={**origin.tags, **(request.get("tags") or {})},
        staging_arn=staging_arn,
        launch=defaults(origin.machine.hostname),
        template_id=None,
        last_launch=None,
        recovery_instance_id=None,
        reversed_arn=None,
    )
    ctx.region.put(server)
    return {"sourceServer": source_server(ctx, server)}


def _origin(ctx: Context, staging_arn: str) -> Server:
    parts = split_arn(staging_arn)
    if parts is None or parts[2] != "source-server":
        raise invalid(f"{staging_arn} is no ARN of a source server.")
    account, name, _, server_id = parts
    if account == ctx.region.account or name != ctx.region.name:
        raise invalid(
            f"{staging_arn} is not in another account of this Region."
        )
    region = _staging_region(ctx, account)
    if server_id not in region.servers:
        raise not_found("source-server", staging_arn)
    origin = region.servers[server_id]
    if origin.staging_arn is not None:
        raise invalid(f"{staging_arn} is an extended source server itself.")
    return origin


def _staging_region(ctx: Context, account: str) -> Region:
    region = ctx.state.known(account, ctx.region.name)
    if region is None or not ctx.state.may_extend(account, ctx.region.account):
        raise ServiceFault(
            "AccessDeniedException",
            f"Account {account} does not let {ctx.region.account} extend"
            f" its source servers in {ctx.region.name}.",
        )
    return region


def _extended(region: Region) -> set[str]:
    return {
        server.staging_arn
        for server in region.servers.values()
        if server.staging_arn is not None
    }


def list_extensible_source_servers(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer ListExtensibleSourceServers."""
    require_initialized(ctx.region)
    region = _staging_region(ctx, request["stagingAccountID"])
    taken = _extended(ctx.region)
    keyed = (
        (server_id, region.servers[server_id])
        for server_id in region.server_order
        if region.servers[server_id].staging_arn is None
        and region.arn("source-server", server_id) not in taken
    )
    items, token = page("ListExtensibleSourceServers", request, keyed)
    return wire(
        items=[
            {
                "hostname": server.machine.hostname,
                "arn": region.arn("source-server", server.server_id),
                "tags": dict(server.tags),
            }
            for server in items
        ],
        nextToken=token,
    )


def list_staging_accounts(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer ListStagingAccounts: those of existing extended servers."""
    require_initialized(ctx.region)
    accounts = sorted({arn.split(":")[4] for arn in _extended(ctx.region)})
    limited = {"maxResults": 50, **request}
    items, token = page(
        "ListStagingAccounts", limited, ((a, a) for a in accounts)
    )
    return wire(
        accounts=[{"accountID": account} for account in items],
        nextToken=token,
    )
