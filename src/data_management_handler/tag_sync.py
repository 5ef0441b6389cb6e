"""Copying the tags of source instances to the servers of DRS.

A sync may be repeated at any time: what is equal already is not written.
What the time of a request does not suffice for goes on after the reply.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from typing import Any, Final

from data_management_handler.domain.request import (
    Request,
    request_of,
    text,
)
from data_management_handler.ports import Ports
from drs.domain.ports import DrsRegion
from drs.domain.regions import check_region
from drs.domain.servers import Instance, SourceServer
from drs.looks import look
from drs.sweep import sweep
from shared.context import carried
from shared.domain.account import ACTIVE, AccountContext
from shared.domain.errors import DrError, DrsUnavailable, Unavailable
from shared.domain.execution import Wire
from shared.domain.items import Item

OPERATION: Final = "handle_drs_tag_sync"
AT_A_TIME: Final = 10
# What is kept of a request's time: to write, and to answer.
WRITING_SECONDS: Final = 12
SPARE_SECONDS: Final = 3
ERRORS_SHOWN: Final = 20
_NOT_REPLICATED: Final = "DISCONNECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """An account, its staging accounts, and its servers by Region."""

    account: AccountContext
    staging: Mapping[str, AccountContext] = field(default_factory=dict)
    servers: Mapping[str, Sequence[SourceServer]] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What became of the servers of one Region."""

    row: Item
    unfinished: bool = False


def handle_drs_tag_sync(event: Wire, ports: Ports) -> Wire:
    """Copy the tags of instances; without an account on schedule, of all.

    Raises:
        BadRequest: ``INVALID_FORMAT``, ``INVALID_TYPE``,
            ``DRS_NOT_INITIALIZED``, ``REGION_NOT_ENABLED``.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        Unavailable: The account or the Region could not be asked.
    """
    request = request_of(event)
    region = text(request.body, "region")
    if region:
        check_region(region, ports.drs_region_names())
    if ports.is_request or request.body:
        account_id = text(request.body, "accountId")
        role = text(request.body, "assumeRoleName")
        context = ports.account(account_id, role)
        estates = [_estate(context, _item(account_id, ports), region, ports)]
    else:
        estates = list(_all_estates(ports))
    copied = [
        _copied(estate, name, ports)
        for estate in estates
        for name in sorted(estate.servers)
    ]
    reply = _reply(estates, copied)
    late = any(one.unfinished for one in estates)
    if ports.is_request and (late or any(one.unfinished for one in copied)):
        _go_on(request, ports)
        reply["inProgress"] = True
    return reply


def _go_on(request: Request, ports: Ports) -> None:
    ports.hand_over(
        {
            "operation": OPERATION,
            "body": {"accountId": "", **request.body},
            "initiatedBy": request.user,
        }
    )


def _item(account_id: str, ports: Ports) -> Mapping[str, Any]:
    stored = ports.stored_account_id(account_id)
    return ports.accounts.find(stored) if stored else {}


def _all_estates(ports: Ports) -> Iterator[Estate]:
    """Yield the hub and every active account; one that is shut stops none."""
    for account in ({}, *ports.accounts.all()):
        if account.get("status", ACTIVE) != ACTIVE:
            continue
        context = ports.way_into(account) if account else ports.account("")
        try:
            yield _estate(context, account, "", ports)
        except Unavailable as error:
            yield Estate(account=context, warnings=[error.message])


def _estate(
    context: AccountContext,
    account: Mapping[str, Any],
    region: str,
    ports: Ports,
) -> Estate:
    """Look at one Region of an account, which must answer, or at all."""
    staging = {
        str(one["accountId"]): ports.way_into(one)
        for one in account.get("stagingAccounts") or ()
    }
    if region:
        servers = look(ports.drs(context, region).source_servers)
        return Estate(
            account=context, staging=staging, servers={region: servers}
        )
    names = sorted(
        ports.drs_region_names(), key=lambda name: name != ports.hub_region
    )
    found = sweep(
        ports.drs,
        [context],
        names,
        lambda at: at.source_servers(),
        seconds=max(1, ports.seconds_left - WRITING_SECONDS),
    )[context].checked()
    return Estate(
        account=context,
        staging=staging,
        servers=found.found,
        warnings=[error.message for _, error in sorted(found.failed.items())],
        unfinished=any(
            isinstance(error, DrsUnavailable)
            for error in found.failed.values()
        ),
    )


def _copied(estate: Estate, region: str, ports: Ports) -> Copied:
    """Copy the tags of one Region's servers while there is time."""
    servers = estate.servers[region]
    wanted = [one for one in servers if _is_wanted(one)]
    reach = ports.drs(estate.account, region)
    failures: dict[str, str] = {}
    instances, unread = _instances(estate, wanted, region, ports)
    copy = carried(_copier(reach, instances, unread))
    done = 0
    with ThreadPoolExecutor(AT_A_TIME, "tags") as pool:
        for some in batched(wanted, AT_A_TIME):
            if ports.seconds_left < SPARE_SECONDS:
                break
            done += len(some)
            for server, error in zip(
                some,
                pool.map(copy, some),
                strict=True,
            ):
                if error:
                    failures[server.source_server_id] = error
    return Copied(
        row={
            "accountId": estate.account.account_id,
            "region": region,
            "total_servers": len(servers),
            "synced": done - len(failures),
            "failed": len(failures),
            "skipped": len(servers) - len(wanted),
            "errors": [
                {"sourceServerId": one, "error": error}
                for one, error in list(failures.items())[:ERRORS_SHOWN]
            ],
        },
        unfinished=done < len(wanted),
    )


def _is_wanted(server: SourceServer) -> bool:
    return bool(
        server.source_instance_id
        and server.replication_state != _NOT_REPLICATED
    )


def _instances(
    estate: Estate,
    servers: Sequence[SourceServer],
    region: str,
    ports: Ports,
) -> tuple[dict[str, Instance], dict[str, str]]:
    """Return the source instances, and why others could not be read.

    An extended server's instance is in the staging account, and any may be
    in another Region than the one it is replicated to.
    """
    places: dict[tuple[AccountContext, str], list[SourceServer]] = {}
    unread: dict[str, str] = {}
    for server in servers:
        holder: AccountContext | None = estate.account
        if server.is_extended(estate.account.account_id):
            holder = estate.staging.get(server.staging_account_id)
        if holder is None:
            unread[server.source_server_id] = (
                f"Account {server.staging_account_id}, which replicates it, "
                "is no staging account of the target; add it."
            )
            continue
        place = (holder, server.source_region or region)
        places.setdefault(place, []).append(server)
    found: dict[str, Instance] = {}
    for (context, name), some in places.items():
        reach = ports.drs(context, name)
        ids = [one.source_instance_id for one in some]
        try:
            found |= look(partial(reach.instances, ids))
        except DrError as error:
            unread |= {one.source_server_id: error.message for one in some}
    return found, unread


def _copier(
    reach: DrsRegion,
    instances: Mapping[str, Instance],
    unread: Mapping[str, str],
) -> Callable[[SourceServer], str]:
    """Return what copies one server's tags and returns why it could not."""

    def copy(server: SourceServer) -> str:
        if server.source_server_id in unread:
            return unread[server.source_server_id]
        instance = instances.get(server.source_instance_id)
        if instance is None:
            return (
                f"EC2 has no instance {server.source_instance_id} where the "
                "server comes from."
            )
        try:
            look(lambda: _copy(server, instance, reach))
        except DrError as error:
            return error.message
        return ""

    return copy


def _copy(server: SourceServer, instance: Instance, reach: DrsRegion) -> None:
    tags = {
        key: value
        for key, value in instance.tags.items()
        if not key.startswith("aws:") and server.tags.get(key) != value
    }
    if tags:
        reach.tag(server.arn, tags)
    # A change adds a version to the launch template, so none is made in vain.
    settings = reach.launch_settings(server.source_server_id)
    if settings.fields.get("copyTags") is not True:
        reach.update_launch_settings(
            server.source_server_id, {"copyTags": True}
        )


def _reply(estates: Sequence[Estate], copied: Sequence[Copied]) -> Item:
    rows = [one.row for one in copied]
    return {
        "total_regions": len(rows),
        "regions_with_servers": sum(bool(r["total_servers"]) for r in rows),
        "total_servers": sum(row["total_servers"] for row in rows),
        "total_synced": sum(row["synced"] for row in rows),
        "total_failed": sum(row["failed"] for row in rows),
        "regions": [row for row in rows if row["total_servers"]],
        "warnings": [text for one in estates for text in one.warnings],
        "inProgress": False,
    }
