"""Which account a request works in, and the registered way into it.

Decides by what the request says: an explicit context, then an account id,
then the groups that it is about; else it is the hub.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.account import (
    DEFAULT_EXTERNAL_ID,
    registered_context,
    usable,
)
from shared.domain.errors import BadRequest
from shared.domain.ports import Accounts
from shared.domain.wire import object_in, text_in


def determine_target_account_context(
    event: Mapping[str, Any],
    *,
    accounts: Accounts,
    hub_account_id: str,
    default_external_id: str = DEFAULT_EXTERNAL_ID,
    groups: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the account context that a request means.

    Args:
        event: The request: ``accountContext``, or ``accountId`` in it, in
            its body or in its query.
        accounts: The registered accounts.
        hub_account_id: Twelve digits, of the function's own ARN.
        default_external_id: Sent where an account has none.
        groups: The stored groups that the request is about.

    Raises:
        BadRequest: ``MULTI_ACCOUNT_PLAN``; a value of the wrong type.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    account_id, role = _named(event) or _of_groups(groups, hub_account_id)
    registered = None
    if account_id not in ("", hub_account_id):
        registered = usable(account_id, accounts.account(account_id))
    return registered_context(
        account_id,
        registered,
        assume_role_name=role,
        hub_account_id=hub_account_id,
        default_external_id=default_external_id,
    ).to_wire()


def _named(event: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the account that the request names, and a role of its own."""
    context = object_in(event, "accountContext") or object_in(
        event, "account_context"
    )
    places = (
        context,
        event,
        object_in(event, "body"),
        object_in(event, "queryStringParameters"),
    )
    for place in places:
        account_id = text_in(place, "accountId").strip()
        if account_id:
            return account_id, text_in(context, "assumeRoleName")
    return None


def _of_groups(
    groups: Iterable[Mapping[str, Any]], hub_account_id: str
) -> tuple[str, str]:
    every = list(groups)
    found = {str(group.get("accountId") or hub_account_id) for group in every}
    if len(found) > 1:
        raise BadRequest(
            f"The plan's groups are of accounts {sorted(found)}; a plan has "
            "one account.",
            code="MULTI_ACCOUNT_PLAN",
        )
    roles = [str(group.get("assumeRoleName") or "") for group in every]
    role = next((one for one in roles if one), "")
    return (found.pop() if found else hub_account_id), role
