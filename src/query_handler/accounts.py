"""Which account a look-up is made in, and what is known of accounts."""

from collections.abc import Mapping
from typing import Any

from query_handler.ports import Lookups
from query_handler.wiring import own_lookups
from shared.domain.account import (
    AccountContext,
    registered_context,
    usable,
)
from shared.domain.errors import NotFound
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.wire import text_in


def get_current_account_id(event: Wire, ports: Lookups) -> Wire:
    """Return the account that this installation runs in."""
    return {
        "accountId": ports.hub_account_id,
        "accountName": name_of(ports.hub_account_id, ports),
        "isCurrentAccount": True,
    }


def get_target_accounts(event: Wire, ports: Lookups) -> Any:
    """Return every registered account, as a bare array."""
    return ports.accounts.all()


def validate_target_account(
    account_id: str, *, ports: Lookups | None = None
) -> bool:
    """Tell whether an account is the hub, or registered and active."""
    try:
        context_of(account_id, ports or own_lookups())
    except NotFound:
        return False
    return True


def account_in(params: Mapping[str, Any], ports: Lookups) -> AccountContext:
    """Return the way into the account that parameters name; else the hub.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    return context_of(text_in(params, "accountId").strip(), ports)


def context_of(
    account_id: str, ports: Lookups, assume_role_name: str = ""
) -> AccountContext:
    """Return the way into the hub or into a registered account.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``: the account is not
            registered, or not active.
    """
    registered: Mapping[str, Any] | None = None
    if account_id not in ("", ports.hub_account_id):
        registered = usable(account_id, item_of(account_id, ports))
    return registered_context(
        account_id,
        registered,
        assume_role_name=assume_role_name,
        hub_account_id=ports.hub_account_id,
        default_external_id=ports.external_id,
    )


def item_of(account_id: str, ports: Lookups) -> Item | None:
    """Return an account as it is registered, if it is."""
    try:
        return ports.accounts.find(account_id)
    except NotFound:
        return None


def name_of(
    account_id: str, ports: Lookups, item: Mapping[str, Any] | None = None
) -> str:
    """Return what people call an account; its id where it has no name.

    Args:
        account_id: The account.
        ports: The outside.
        item: How it is registered, where that was read already.
    """
    if account_id == ports.hub_account_id:
        return ports.names.own() or account_id
    registered = item or item_of(account_id, ports) or {}
    named = registered.get("accountName") or ports.names.of(account_id)
    return str(named or account_id)
