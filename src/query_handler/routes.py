"""The routes of look-ups: what each asks, and which function answers."""

from collections.abc import Callable
from typing import Any, Final

from query_handler import (
    accounts,
    capacity,
    choices,
    configuration,
    servers,
    staging,
    users,
)
from query_handler.ports import Lookups
from shared.domain.audit import (
    ACCOUNT,
    CONFIG,
    PROTECTION_GROUP,
    SERVER,
)
from shared.domain.execution import Wire
from shared.domain.rbac import AUTHENTICATED, Permission
from shared.domain.routes import Body, Request, Route

type _Operation = Callable[[Wire, Lookups], Any]


def user_permissions(request: Request, ports: Lookups) -> Wire:
    """Return what the caller may do."""
    return users.permissions(request.identity, request.roles)


def user_profile(request: Request, ports: Lookups) -> Wire:
    """Return who the caller is."""
    return users.profile(request.identity, request.roles)


def user_roles(request: Request, ports: Lookups) -> Wire:
    """Return the caller's roles."""
    return users.role_table(request.identity, request.roles)


def _asked(
    operation: _Operation, **names: str
) -> Callable[[Request, Lookups], Any]:
    """Return the answer of a route that an operation gives.

    Args:
        operation: It gets query, body and path as its parameters.
        names: What the operation calls a parameter of the path.
    """

    def answer(request: Request, ports: Lookups) -> Any:
        path = {names.get(k, k): v for k, v in request.path.items()}
        params = {**request.query, **request.body, **path}
        event = {"queryParams": params, "initiatedBy": request.identity.name}
        return operation(event, ports)

    return answer


def _look(
    path: str,
    permission: str,
    operation: _Operation,
    resource: str,
    *,
    code_twice: bool = False,
    **names: str,
) -> Route[Lookups]:
    """Return a route that reads and has no body."""
    return Route(
        method="GET",
        path=path,
        permission=permission,
        answer=_asked(operation, **names),
        resource=resource,
        code_twice=code_twice,
    )


def _choice(path: str, operation: _Operation) -> Route[Lookups]:
    return _look(path, _GROUPS, operation, ACCOUNT, code_twice=True)


_GROUPS: Final = Permission.VIEW_PROTECTION_GROUPS
_ACCOUNTS: Final = Permission.VIEW_ACCOUNTS

ROUTES: Final = (
    _look(
        "/drs/source-servers",
        _GROUPS,
        servers.get_drs_source_servers,
        SERVER,
    ),
    _look(
        "/drs/quotas",
        _ACCOUNTS,
        capacity.get_drs_account_capacity,
        ACCOUNT,
    ),
    _look("/drs/accounts", _ACCOUNTS, accounts.get_target_accounts, ACCOUNT),
    _choice("/ec2/subnets", choices.get_ec2_subnets),
    _choice("/ec2/security-groups", choices.get_ec2_security_groups),
    _choice("/ec2/instance-profiles", choices.get_ec2_instance_profiles),
    _choice("/ec2/instance-types", choices.get_ec2_instance_types),
    _look(
        "/accounts/current",
        _ACCOUNTS,
        accounts.get_current_account_id,
        ACCOUNT,
    ),
    _look("/accounts/capacity/all", _ACCOUNTS, capacity.all_capacity, ACCOUNT),
    _look(
        "/accounts/targets/{id}/capacity",
        _ACCOUNTS,
        capacity.target_capacity,
        ACCOUNT,
        id="targetAccountId",
    ),
    _look(
        "/accounts/targets/{id}/staging-accounts/discover",
        _ACCOUNTS,
        staging.discover_staging_accounts,
        ACCOUNT,
        id="targetAccountId",
    ),
    Route(
        method="POST",
        path="/staging-accounts/validate",
        permission=Permission.MODIFY_ACCOUNTS,
        answer=_asked(staging.validate_staging_account),
        resource=ACCOUNT,
        body=Body.REQUIRED,
        names="accountId",
        noted=("valid", "region", "roleArn"),
    ),
    _look(
        "/config/export",
        Permission.EXPORT_CONFIGURATION,
        configuration.export_configuration,
        CONFIG,
    ),
    Route(
        method="POST",
        path="/protection-groups/{id}/resolve",
        permission=_GROUPS,
        answer=_asked(
            servers.resolve_protection_group, id="protectionGroupId"
        ),
        resource=PROTECTION_GROUP,
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
