"""The routes of look-ups: what each asks, and which function answers."""

from typing import Final

from query_handler import users
from query_handler.ports import Lookups
from shared.domain.audit import ACCOUNT
from shared.domain.execution import Wire
from shared.domain.rbac import AUTHENTICATED, Permission
from shared.domain.routes import Request, Route


def current_account(request: Request, ports: Lookups) -> Wire:
    """Return the account that this installation runs in."""
    return {
        "accountId": ports.hub_account_id,
        "accountName": ports.names.own() or ports.hub_account_id,
        "isCurrentAccount": True,
    }


def user_permissions(request: Request, ports: Lookups) -> Wire:
    """Return what the caller may do."""
    return users.permissions(request.identity, request.roles)


def user_profile(request: Request, ports: Lookups) -> Wire:
    """Return who the caller is."""
    return users.profile(request.identity, request.roles)


def user_roles(request: Request, ports: Lookups) -> Wire:
    """Return the caller's roles."""
    return users.role_table(request.identity, request.roles)


ROUTES: Final = (
    Route(
        method="GET",
        path="/accounts/current",
        permission=Permission.VIEW_ACCOUNTS,
        answer=current_account,
        resource=ACCOUNT,
    ),
    Route(
        method="GET",
        path="/user/permissions",
        permission=AUTHENTICATED,
        answer=user_permissions,
        resource=ACCOUNT,
    ),
    Route(
        method="GET",
        path="/user/profile",
        permission=AUTHENTICATED,
        answer=user_profile,
        resource=ACCOUNT,
    ),
    Route(
        method="GET",
        path="/user/roles",
        permission=AUTHENTICATED,
        answer=user_roles,
        resource=ACCOUNT,
    ),
)
