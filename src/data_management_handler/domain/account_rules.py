"""What a registered target account may be, and what a probe of it says."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from data_management_handler.domain.request import needed_text, text
from shared.domain.account import ACTIVE
from shared.domain.account_form import (
    check_account_id,
    check_external_id,
    check_role_name,
    role_name_of,
)
from shared.domain.errors import BadRequest

STATUSES: Final = (ACTIVE, "inactive")
_WORST_FIRST: Final = ("error", "warning", "success")


def account_id_in(body: Mapping[str, Any], hub_account_id: str) -> str:
    """Return the id of an account to be registered.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_FORMAT``, or
            ``SAME_ACCOUNT_NO_ROLE_NEEDED``: it is the hub.
    """
    account_id = needed_text(body, "accountId")
    check_account_id(account_id)
    if account_id == hub_account_id:
        raise BadRequest(
            f"{account_id} is the account that we run in; it needs no role "
            "and no registration.",
            code="SAME_ACCOUNT_NO_ROLE_NEEDED",
            field="accountId",
        )
    return account_id


def settings_in(body: Mapping[str, Any], account_id: str) -> dict[str, str]:
    """Return what a body sets of an account's name and way in.

    The role's name follows from its ARN, where that is given.

    Raises:
        BadRequest: ``INVALID_ROLE_ARN``, ``INVALID_FORMAT``,
            ``INVALID_TYPE``.
    """
    given = {
        name: text(body, name)
        for name in ("accountName", "roleArn", "externalId", "assumeRoleName")
        if body.get(name) is not None
    }
    if given.get("assumeRoleName"):
        check_role_name(given["assumeRoleName"])
    if given.get("externalId"):
        check_external_id(given["externalId"])
    if given.get("roleArn"):
        given["assumeRoleName"] = role_name_of(given["roleArn"], account_id)
    elif given.get("assumeRoleName"):
        # A role by name takes the place of one that was registered by ARN.
        given["roleArn"] = ""
    return given


def status_in(body: Mapping[str, Any]) -> str | None:
    """Return the status that a body sets, if it does.

    Raises:
        BadRequest: ``INVALID_FORMAT``, ``INVALID_TYPE``.
    """
    if body.get("status") is None:
        return None
    status = text(body, "status")
    if status not in STATUSES:
        raise BadRequest(
            f"'status' is {status!r}; it must be one of "
            f"{', '.join(STATUSES)}.",
            code="INVALID_FORMAT",
            field="status",
        )
    return status


def probed(
    service: str, status: str, message: str, region: str = ""
) -> dict[str, Any]:
    """Return the result of one probe as the API shows it."""
    row = {"service": service, "status": status, "message": message}
    return {"region": region, **row} if region else row


def overall(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the worst status of some probes."""
    found = {row["status"] for row in rows}
    return next(status for status in _WORST_FIRST if status in found)
