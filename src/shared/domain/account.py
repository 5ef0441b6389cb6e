"""Which AWS account a recovery works in, and by which role it is reached.

Both spellings of the key in a state are accepted here. Whether the account
is the hub is decided by comparing account ids, never by a flag alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_ROLE_NAME = "DRSOrchestrationRole"
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
    """
    given = dict(wire or {})
    account_id = str(given.get("accountId") or "")
    if account_id in ("", hub_account_id):
        return AccountContext(account_id=hub_account_id, is_current=True)
    name = str(given.get("assumeRoleName") or "") or DEFAULT_ROLE_NAME
    role_arn = str(
        given.get("roleArn") or given.get("crossAccountRoleArn") or ""
    )
    return AccountContext(
        account_id=account_id,
        role_arn=role_arn or f"arn:{partition}:iam::{account_id}:role/{name}",
        external_id=str(given.get("externalId") or default_external_id),
        assume_role_name=name,
        is_current=False,
    )


def contradicts(wire: Mapping[str, Any], *, hub_account_id: str) -> bool:
    """Tell whether ``isCurrentAccount`` disagrees with the account's id."""
    flag = wire.get("isCurrentAccount")
    if flag is None:
        return False
    account_id = str(wire.get("accountId") or "")
    return bool(flag) != (account_id in ("", hub_account_id))


def account_of_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the account context of a state, whichever way it is spelled."""
    return dict(
        state.get("accountContext") or state.get("account_context") or {}
    )
