"""Target accounts: register, read, update, delete, validate.

Whether an account lets us in is asked of it with its own role and external
id, never with ours.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from data_management_handler.audit import accepted
from data_management_handler.domain import account_rules
from data_management_handler.domain.account_rules import probed
from data_management_handler.domain.request import Request, request_of
from data_management_handler.ports import Ports
from data_management_handler.versions import (
    TRIES,
    changed_meanwhile,
    version_of,
)
from drs.domain.ports import DrsRegion
from drs.looks import OF_THE_REGION, look
from shared.domain.account import ACTIVE
from shared.domain.catalogue import ACCOUNTS
from shared.domain.errors import AccountUnreachable, Conflict, DrError
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.updates import iso

# EC2 is asked for an instance that nobody has: only the permission counts.
NO_INSTANCE = "i-00000000000000000"
# What is kept of a request's time to write the result and to answer.
SPARE_SECONDS = 5


def list_target_accounts(event: Wire, ports: Ports) -> Any:
    """Return every registered account, as a bare array."""
    request_of(event)
    return ports.accounts.all()


def create_target_account(event: Wire, ports: Ports) -> Wire:
    """Register an account.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_FORMAT``,
            ``SAME_ACCOUNT_NO_ROLE_NEEDED``, ``INVALID_ROLE_ARN``.
        Conflict: ``ACCOUNT_EXISTS``.
    """
    request = request_of(event)
    body = request.needed_body()
    account_id = account_rules.account_id_in(body, ports.hub_account_id)
    now = iso(ports.clock.now())
    account: Item = {
        "accountId": account_id,
        "accountName": account_id,
        "status": ACTIVE,
        "isCurrentAccount": False,
        "roleArn": "",
        "externalId": "",
        "assumeRoleName": "",
        **account_rules.settings_in(body, account_id),
        "stagingAccounts": [],
        "createdAt": now,
        "createdBy": request.user,
        "updatedAt": now,
        "version": 1,
    }
    audit = accepted(request, ACCOUNTS, {}, account, ports)
    if ports.accounts.create(account, audit) is not None:
        raise Conflict(
            f"Account {account_id} is registered already; update it instead.",
            code="ACCOUNT_EXISTS",
            accountId=account_id,
        )
    return account


def get_target_account(event: Wire, ports: Ports) -> Wire:
    """Return an account.

    Raises:
        NotFound: ``NOT_FOUND``.
    """
    return ports.accounts.find(request_of(event).object_id)


def update_target_account(event: Wire, ports: Ports) -> Wire:
    """Change an account's name, status or way in.

    Raises:
        BadRequest: ``INVALID_ROLE_ARN``, ``INVALID_FORMAT``.
        NotFound: ``NOT_FOUND``.
    """
    request = request_of(event)
    body = request.needed_body()
    account_id = request.object_id
    ports.accounts.find(account_id)
    changes: Item = dict(account_rules.settings_in(body, account_id))
    status = account_rules.status_in(body)
    if status is not None:
        changes["status"] = status
    changes["updatedAt"] = iso(ports.clock.now())
    return _changed(request, changes, ports)


def delete_target_account(event: Wire, ports: Ports) -> Wire:
    """Forget an account that no group uses.

    Raises:
        Conflict: ``ACCOUNT_IN_USE``.
        NotFound: ``NOT_FOUND``.
    """
    request = request_of(event)
    for _ in range(TRIES):
        account = ports.accounts.find(request.object_id)
        _check_unused(account, ports)
        audit = accepted(request, ACCOUNTS, account, {}, ports)
        if ports.accounts.delete(account, audit) is None:
            return {
                "message": f"Account {account['accountId']} is deleted.",
                "accountId": account["accountId"],
            }
    raise changed_meanwhile(ACCOUNTS, ports.accounts.find(request.object_id))


def probe_target_account(event: Wire, ports: Ports) -> Wire:
    """Ask an account, in each Region of its groups, what it lets us do.

    An account without groups is asked in the Region that we run in.

    Raises:
        NotFound: ``NOT_FOUND``.
    """
    request = request_of(event)
    account = ports.accounts.find(request.object_id)
    rows = _probes(account, _regions(account, ports), ports)
    now = iso(ports.clock.now())
    _changed(request, {"lastValidated": now}, ports)
    return {
        "accountId": account["accountId"],
        "validationResults": rows,
        "overallStatus": account_rules.overall(rows),
        "lastValidated": now,
    }


def _changed(request: Request, changes: Item, ports: Ports) -> Item:
    """Write changes that do not depend on what else is stored."""
    for _ in range(TRIES):
        before = ports.accounts.find(request.object_id)
        after = {
            **before,
            **changes,
            "version": version_of(before) + 1,
        }
        audit = accepted(request, ACCOUNTS, before, after, ports)
        if ports.accounts.replace(before, after, audit) is None:
            return after
    raise changed_meanwhile(ACCOUNTS, ports.accounts.find(request.object_id))


def _check_unused(account: Mapping[str, Any], ports: Ports) -> None:
    names = [str(group["groupName"]) for group in _groups_of(account, ports)]
    if names:
        raise Conflict(
            f"Account {account['accountId']} is used by the groups "
            f"{', '.join(names)}; delete them first.",
            code="ACCOUNT_IN_USE",
            groups=names,
        )


def _regions(account: Mapping[str, Any], ports: Ports) -> list[str]:
    used = {str(group["region"]) for group in _groups_of(account, ports)}
    return sorted(used) or [ports.hub_region]


def _groups_of(account: Mapping[str, Any], ports: Ports) -> list[Item]:
    """Return the groups whose servers are in an account."""
    return [
        group
        for group in ports.groups.all()
        if group.get("accountId") == account["accountId"]
    ]


def _probes(
    account: Mapping[str, Any], regions: Sequence[str], ports: Ports
) -> list[dict[str, Any]]:
    context = ports.way_into(account)
    asked: list[dict[str, Any]] = []
    late: list[dict[str, Any]] = []
    for region in regions:
        if ports.seconds_left < SPARE_SECONDS:
            text = "There was no time left to ask; validate it again."
            late.append(probed("drs", "warning", text, region))
            continue
        try:
            asked += _probe(ports.drs(context, region))
        except AccountUnreachable as error:
            return [probed("sts", "error", error.message)]
    entered = probed("sts", "success", f"{context.role_arn} was assumed.")
    return [*([entered] if asked else []), *asked, *late]


def _probe(region: DrsRegion) -> list[dict[str, Any]]:
    quotas = region.quotas()
    return [
        _asked("drs", region, region.source_servers, "servers"),
        _asked("drs", region, region.active_jobs, "active jobs"),
        _asked(
            "ec2",
            region,
            lambda: list(region.instances([NO_INSTANCE])),
            "instances asked for",
        ),
        (
            probed(
                "servicequotas",
                "warning",
                "The quotas cannot be read; the published ones are used.",
                region.region,
            )
            if quotas.fallback
            else probed(
                "servicequotas",
                "success",
                "The quotas can be read.",
                region.region,
            )
        ),
    ]


def _asked(
    service: str,
    region: DrsRegion,
    asks: Callable[[], Sequence[object]],
    what: str,
) -> dict[str, Any]:
    try:
        found = look(asks)
    except AccountUnreachable:
        raise
    except DrError as error:
        # A Region without DRS may be one that is only planned for.
        status = "warning" if error.code in OF_THE_REGION else "error"
        return probed(service, status, error.message, region.region)
    return probed(service, "success", f"{len(found)} {what}", region.region)
