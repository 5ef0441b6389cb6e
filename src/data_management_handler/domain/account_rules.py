"""What a registered target account may be, and what a probe of it says."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from data_management_handler.domain.request import needed_text, text
from shared.domain.errors import BadRequest

ACTIVE: Final = "active"
STATUSES: Final = (ACTIVE, "inactive")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ROLE: Final = re.compile(
    r"arn:aws[a-z-]*:iam::([0-9]{12}):role/([\w+=,.@/-]{1,512})", re.ASCII
)
_ROLE_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
# The limits that STS has for an external id.
_EXTERNAL_ID: Final = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_WORST_FIRST: Final = ("error", "warning", "success")


def account_id_in(body: Mapping[str, Any], hub_account_id: str) -> str:
    """Return the id of an account to be registered.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_FORMAT``, or
            ``SAME_ACCOUNT_NO_ROLE_NEEDED``: it is the hub.
    """
    account_id = needed_text(body, "accountId")
    if not _ACCOUNT.fullmatch(account_id):
        raise BadRequest(
            f"{account_id!r} is no account id; one has 12 digits.",
            code="INVALID_FORMAT",
            field="accountId",
        )
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
    _check_form(given, "assumeRoleName", _ROLE_NAME)
    _check_form(given, "externalId", _EXTERNAL_ID)
    if given.get("roleArn"):
        given["assumeRoleName"] = _role_name(given["roleArn"], account_id)
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


def _role_name(role_arn: str, account_id: str) -> str:
    matched = _ROLE.fullmatch(role_arn)
    if matched is None or matched[1] != account_id:
        raise BadRequest(
            f"'roleArn' {role_arn!r} is no role of account {account_id}; it "
            f"must be like arn:aws:iam::{account_id}:role/NAME.",
            code="INVALID_ROLE_ARN",
            field="roleArn",
        )
    return matched[2].rpartition("/")[2]


def _check_form(
    given: Mapping[str, str], field: str, form: re.Pattern[str]
) -> None:
    value = given.get(field)
    if value and not form.fullmatch(value):
        raise BadRequest(
            f"'{field}' is not of the form {form.pattern}.",
            code="INVALID_FORMAT",
            field=field,
        )
