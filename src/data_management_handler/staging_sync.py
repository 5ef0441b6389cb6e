"""Extending servers of staging accounts into their target accounts.

A sync may be repeated at any time: what is extended already stays. What the
time of a request does not suffice for goes on after the reply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from data_management_handler.domain.request import request_of
from data_management_handler.ports import Ports
from data_management_handler.staging_accounts import target_named
from drs.domain.servers import SourceServer
from drs.domain.staging import extensible
from drs.looks import look
from drs.sweep import Swept, sweep
from shared.domain.account import ACTIVE, AccountContext
from shared.domain.errors import DrError, DrsUnavailable, Unavailable
from shared.domain.execution import Wire
from shared.domain.items import Item

OPERATION: Final = "sync_staging_accounts"
# What is kept of a request's time: to extend, and to answer.
EXTENDING_SECONDS: Final = 8
SPARE_SECONDS: Final = 3
EXTENDED: Final = "extended"
ALREADY: Final = "already_extended"
FAILED: Final = "failed"

type Servers = Swept[list[SourceServer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What became of servers, and whether there is more to do."""

    rows: Sequence[Item] = ()
    warnings: Sequence[str] = ()
    unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Estates:
    """A target and its staging accounts, and what each has by Region."""

    target: AccountContext
    staging: Sequence[AccountContext]
    found: Mapping[AccountContext, Servers] = field(default_factory=dict)


def sync_staging_accounts(event: Wire, ports: Ports) -> Wire:
    """Extend what staging accounts replicate; of all targets without an id.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
        Unavailable: The target that is named could not be asked.
    """
    request = request_of(event)
    if request.path.get("id") is not None:
        target = target_named(request, ports)
        synced = [_synced(target, ports)]
    else:
        synced = [
            _synced_or_told(account, ports)
            for account in ports.accounts.all()
            if account.get("status", ACTIVE) == ACTIVE
        ]
    reply = _reply(synced)
    if ports.is_request and any(one.unfinished for one in synced):
        ports.hand_over(
            {
                "operation": OPERATION,
                "pathParameters": dict(request.path),
                "initiatedBy": request.user,
            }
        )
        reply["inProgress"] = True
    return reply


def _synced_or_told(account: Item, ports: Ports) -> Synced:
    """Sync one target of many: one that cannot be asked stops no other."""
    try:
        return _synced(account, ports)
    except Unavailable as error:
        return Synced(warnings=[error.message])


def _synced(account: Item, ports: Ports) -> Synced:
    estates = _looked_at(account, ports)
    if not estates.staging:
        return Synced()
    own = estates.found[estates.target].checked()
    rows: list[Item] = []
    unfinished = False
    for staging in estates.staging:
        theirs = estates.found[staging]
        for region, servers in sorted(theirs.found.items()):
            mine = own.found.get(region)
            if mine is None:
                continue
            fresh, known = extensible(servers, staging.account_id, mine)
            rows += [_row(one, ALREADY) for one in known]
            made = _extended(fresh, estates.target, region, ports)
            rows += made
            unfinished |= len(made) < len(fresh)
    warnings = [
        text
        for one in (own, *(estates.found[a] for a in estates.staging))
        for text in one.unread()
    ]
    late = any(
        isinstance(error, DrsUnavailable)
        for one in estates.found.values()
        for error in one.failed.values()
    )
    return Synced(rows=rows, warnings=warnings, unfinished=unfinished or late)


def _looked_at(account: Item, ports: Ports) -> Estates:
    target = ports.way_into(account)
    staging = [
        ports.way_into(one) for one in account.get("stagingAccounts") or ()
    ]
    if not staging:
        return Estates(target=target, staging=())
    names = sorted(
        ports.drs_region_names(), key=lambda name: name != ports.hub_region
    )
    found = sweep(
        ports.drs,
        [target, *staging],
        names,
        lambda region: region.source_servers(),
        seconds=max(1, ports.seconds_left - EXTENDING_SECONDS),
    )
    return Estates(target=target, staging=staging, found=found)


def _extended(
    servers: Sequence[SourceServer],
    target: AccountContext,
    region: str,
    ports: Ports,
) -> list[Item]:
    """Extend servers while there is time, and return what became of them."""
    reach = ports.drs(target, region)
    rows: list[Item] = []
    for server in servers:
        if ports.seconds_left < SPARE_SECONDS:
            break
        tags = {k: v for k, v in server.tags.items() if k[:4] != "aws:"}
        try:
            look(partial(reach.extend_server, server.arn, tags))
        except DrError as error:
            rows.append({**_row(server, FAILED), "error": error.message})
            continue
        rows.append(_row(server, EXTENDED))
    return _settled(rows, target, region, ports)


def _settled(
    rows: list[Item], target: AccountContext, region: str, ports: Ports
) -> list[Item]:
    """Return the rows, none failed that another sync has extended."""
    if not any(row["status"] == FAILED for row in rows):
        return rows
    reach = ports.drs(target, region)
    try:
        servers = look(reach.source_servers)
    except DrError:
        # The refusals stand as they were told.
        return rows
    there = {one.staging_server_arn for one in servers}
    return [
        (
            {"sourceServerArn": row["sourceServerArn"], "status": ALREADY}
            if row["status"] == FAILED and row["sourceServerArn"] in there
            else row
        )
        for row in rows
    ]


def _row(server: SourceServer, status: str) -> Item:
    return {"sourceServerArn": server.arn, "status": status}


def _reply(synced: Sequence[Synced]) -> Item:
    rows = [row for one in synced for row in one.rows]
    count = {
        status: sum(row["status"] == status for row in rows)
        for status in (EXTENDED, ALREADY, FAILED)
    }
    return {
        "extended": count[EXTENDED],
        "alreadyExtended": count[ALREADY],
        "failed": count[FAILED],
        "servers": rows,
        "warnings": [text for one in synced for text in one.warnings],
        "inProgress": False,
    }
