"""What the parts of a registered account look like: ids, roles, secrets."""

import re
from typing import Final

from shared.domain.errors import BadRequest
from shared.domain.wire import shown

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ROLE: Final = re.compile(
    r"arn:aws[a-z-]*:iam::([0-9]{12}):role/([\w+=,.@/-]{1,512})", re.ASCII
)
_ROLE_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
# The limits that STS has for an external id.
_EXTERNAL_ID: Final = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def check_account_id(account_id: str) -> None:
    """Refuse what is no account's id.

    Raises:
        BadRequest: ``INVALID_FORMAT``.
    """
    if not _ACCOUNT.fullmatch(account_id):
        raise BadRequest(
            f"{shown(account_id)} is no account id; one has 12 digits.",
            code="INVALID_FORMAT",
            field="accountId",
        )


def check_external_id(external_id: str) -> None:
    """Refuse what STS takes for no external id.

    Raises:
        BadRequest: ``INVALID_FORMAT``.
    """
    _check_form("externalId", external_id, _EXTERNAL_ID)


def check_role_name(name: str) -> None:
    """Refuse what is no role's name.

    Raises:
        BadRequest: ``INVALID_FORMAT``.
    """
    _check_form("assumeRoleName", name, _ROLE_NAME)


def role_name_of(role_arn: str, account_id: str) -> str:
    """Return the name of an account's role, its path left out.

    Raises:
        BadRequest: ``INVALID_ROLE_ARN``: it is no role of that account.
    """
    matched = _ROLE.fullmatch(role_arn)
    if matched is None or matched[1] != account_id:
        raise BadRequest(
            f"'roleArn' {shown(role_arn)} is no role of account {account_id}; "
            f"it must be like arn:aws:iam::{account_id}:role/NAME.",
            code="INVALID_ROLE_ARN",
            field="roleArn",
        )
    return matched[2].rpartition("/")[2]


def _check_form(field: str, value: str, form: re.Pattern[str]) -> None:
    if not form.fullmatch(value):
        raise BadRequest(
            f"'{field}' is not of the form {form.pattern}.",
            code="INVALID_FORMAT",
            field=field,
        )
