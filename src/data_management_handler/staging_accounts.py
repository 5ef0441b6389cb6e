"""Staging accounts of a target account: add and remove.

A staging account replicates servers that the target takes over. What it
brings is found out by the sync; whether it lets us in, by its validation.
"""

from collections.abc import Callable, Mapping
from typing import Any

from data_management_handler.audit import accepted
from data_management_handler.domain import account_rules
from data_management_handler.domain.request import (
    Request,
    needed_text,
    request_of,
)
from data_management_handler.ports import Ports
from data_management_handler.versions import (
    TRIES,
    changed_meanwhile,
    version_of,
)
from shared.domain.account import usable
from shared.domain.catalogue import ACCOUNTS
from shared.domain.errors import BadRequest, Conflict, NotFound
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.updates import iso
from shared.domain.wire import id_in, missing, object_in

FIELD = "stagingAccount"


def add_staging_account(event: Wire, ports: Ports) -> Wire:
    """Let a target account take over what another one replicates.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``,
            ``VALIDATION_ERROR``.
        Conflict: ``STAGING_ACCOUNT_EXISTS``.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    request = request_of(event)
    body = request.needed_body()
    if body.get(FIELD) is None:
        raise missing(FIELD)
    fresh = _fresh(object_in(body, FIELD), request, ports)

    def added(account: Item) -> list[Item]:
        if fresh["accountId"] == account["accountId"]:
            raise _invalid(
                "a target account is no staging account of its own."
            )
        known = _staging(account)
        if any(one["accountId"] == fresh["accountId"] for one in known):
            raise Conflict(
                f"Account {fresh['accountId']} is a staging account of "
                f"{account['accountId']} already; remove it first.",
                code="STAGING_ACCOUNT_EXISTS",
                accountId=fresh["accountId"],
            )
        return [*known, fresh]

    return _changed(request, added, ports)


def remove_staging_account(event: Wire, ports: Ports) -> Wire:
    """Take a staging account from a target; extended servers stay.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``, ``NOT_FOUND``.
    """
    request = request_of(event)
    staging_id = id_in(request.path, "stagingAccountId")

    def left(account: Item) -> list[Item]:
        known = _staging(account)
        rest = [one for one in known if one["accountId"] != staging_id]
        if len(rest) == len(known):
            raise NotFound(
                f"Account {staging_id} is no staging account of "
                f"{account['accountId']}.",
                accountId=staging_id,
            )
        return rest

    return _changed(request, left, ports)


def target_named(request: Request, ports: Ports) -> Item:
    """Return the target account of the path.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    account_id = request.object_id
    try:
        return ports.accounts.find(account_id)
    except NotFound:
        usable(account_id, None)
        raise


def _changed(
    request: Request, changes: Callable[[Item], list[Item]], ports: Ports
) -> Item:
    """Write other staging accounts, as they follow from those stored."""
    for _ in range(TRIES):
        before = target_named(request, ports)
        after = {
            **before,
            "stagingAccounts": changes(before),
            "updatedAt": iso(ports.clock.now()),
            "version": version_of(before) + 1,
        }
        audit = accepted(request, ACCOUNTS, before, after, ports)
        if ports.accounts.replace(before, after, audit) is None:
            return after
    raise changed_meanwhile(ACCOUNTS, target_named(request, ports))


def _fresh(given: Mapping[str, Any], request: Request, ports: Ports) -> Item:
    needed_text(given, "externalId")
    needed_text(given, "accountId")
    try:
        account_id = account_rules.account_id_in(given, "")
        settings = account_rules.settings_in(given, account_id)
    except BadRequest as error:
        if error.code == "INVALID_TYPE":
            raise
        raise _invalid(error.message) from error
    if account_id == ports.hub_account_id:
        raise _invalid("the account that we run in is no staging account.")
    return {
        "accountId": account_id,
        "accountName": settings.get("accountName") or account_id,
        "roleArn": settings.get("roleArn", ""),
        "externalId": settings["externalId"],
        "addedAt": iso(ports.clock.now()),
        "addedBy": request.user,
    }


def _staging(account: Mapping[str, Any]) -> list[Item]:
    return list(account.get("stagingAccounts") or ())


def _invalid(why: str) -> BadRequest:
    return BadRequest(
        f"'{FIELD}' cannot be used: {why}",
        code="VALIDATION_ERROR",
        field=FIELD,
    )
