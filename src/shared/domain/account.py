"""Which AWS account a recovery works in, and by which role it is reached.

Both spellings of the key in a state are accepted here. Whether the account
is the hub is decided by comparing account ids, never by a flag alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import NotFound
from shared.domain.wire import object_in, text_in

ACTIVE = "active"
DEFAULT_ROLE_NAME = "DRSOrchestrationRole"
MAX_ARN_CHARACTERS = 2_048
_TEXTS = (
    "accountId",
    "assumeRoleName",
    "roleArn",
    "crossAccountRoleArn",
    "externalId",
)
DEFAULT_EXTERNAL_ID = "drs-orchestration-cross-account"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountContext:
    """One account and the way into it; ``is_current`` means the hub."""

    account_id: str
    role_arn: str = ""
    external_id: str = ""
    assume_role_name: str = ""
    is_current: bool = True

    def to_wire(self) -> dict[str, Any]:
        """Return the object that states, records and inputs carry."""
        wire: dict[str, Any] = {
            "accountId": self.account_id,
            "assumeRoleName": self.assume_role_name,
            "isCurrentAccount": self.is_current,
        }
        if self.external_id:
            wire["externalId"] = self.external_id
        if self.role_arn:
            wire["roleArn"] = self.role_arn
        return wire


def account_context(
    wire: Mapping[str, Any] | None,
    *,
    hub_account_id: str,
    default_external_id: str = DEFAULT_EXTERNAL_ID,
    partition: str = "aws",
) -> AccountContext:
    """Normalise an account context as contract section 12 says.

    Args:
        wire: The object of a state, record or group; absent means the hub.
        hub_account_id: Twelve digits, of the function's own ARN.
        default_external_id: Sent where the context names none.
        partition: AWS partition of the role's ARN.

    Raises:
        BadRequest: A value of it is no text.
    """
    given = _checked(wire or {})
    account_id = given.get("accountId") or ""
    if account_id in ("", hub_account_id):
        return AccountContext(account_id=hub_account_id, is_current=True)
    name = given.get("assumeRoleName") or DEFAULT_ROLE_NAME
    role_arn = given.get("roleArn") or given.get("crossAccountRoleArn")
    return AccountContext(
        account_id=account_id,
        role_arn=role_arn or f"arn:{partition}:iam::{account_id}:role/{name}",
        external_id=given.get("externalId") or default_external_id,
        assume_role_name=name,
        is_current=False,
    )


def registered_context(
    account_id: str,
    registered: Mapping[str, Any] | None,
    *,
    assume_role_name: str = "",
    hub_account_id: str,
    default_external_id: str = DEFAULT_EXTERNAL_ID,
) -> AccountContext:
    """Return the way into an account as it is registered.

    Args:
        account_id: Twelve digits; empty means the hub.
        registered: The account's item; none for the hub.
        assume_role_name: A role of its own that a group asks for.
        hub_account_id: Twelve digits, of the function's own ARN.
        default_external_id: Sent where the account has none.
    """
    known = dict(registered or {})
    if assume_role_name and assume_role_name != known.get("assumeRoleName"):
        known |= {"roleArn": "", "crossAccountRoleArn": ""}
        known["assumeRoleName"] = assume_role_name
    return account_context(
        {**known, "accountId": account_id},
        hub_account_id=hub_account_id,
        default_external_id=default_external_id,
    )


def usable(
    account_id: str, registered: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    """Return an account's item where the account may be used.

    Args:
        account_id: Any account's but the hub's.
        registered: Its item, if it has one.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``: the account is not
            registered, or not active.
    """
    if registered is None or not is_active(registered):
        raise not_registered(account_id)
    return registered


def is_active(registered: Mapping[str, Any]) -> bool:
    """Tell whether a registered account may be used."""
    return bool(registered.get("status", ACTIVE) == ACTIVE)


def not_registered(account_id: str) -> NotFound:
    """Return the error of an account that may not be used."""
    return NotFound(
        f"Account {account_id} is not registered; register it under "
        "/accounts/targets and set it active.",
        code="TARGET_ACCOUNT_NOT_FOUND",
        accountId=account_id,
    )


def contradicts(wire: Mapping[str, Any], *, hub_account_id: str) -> bool:
    """Tell whether ``isCurrentAccount`` disagrees with the account's id."""
    flag = wire.get("isCurrentAccount")
    if flag is None:
        return False
    account_id = str(wire.get("accountId") or "")
    return bool(flag) != (account_id in ("", hub_account_id))


def account_of_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account context of a state, whichever way it is spelled.

    Raises:
        BadRequest: It is no object, or a value that is read is no text.
    """
    return _checked(
        object_in(state, "accountContext")
        or object_in(state, "account_context")
    )


def _checked(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return a context in which all that is read is text."""
    for field in _TEXTS:
        text_in(context, field, MAX_ARN_CHARACTERS)
    return dict(context)
