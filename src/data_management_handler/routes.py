"""The routes of the configuration: which operation answers each.

A route asks its operation as a direct invocation would, in the caller's
name. The operation puts an accepted change into the audit trail together
with the change; the front notes what was refused.
"""

from dataclasses import replace
from typing import Any, Final

from data_management_handler.domain.request import Caller
from data_management_handler.operations import CHANGES, LOOKS, NOTED
from data_management_handler.ports import Ports
from shared.domain.audit import (
    ACCOUNT,
    CONFIG,
    PROTECTION_GROUP,
    RECOVERY_PLAN,
)
from shared.domain.rbac import Permission
from shared.domain.routes import Body, GoesOn, Request, Route
from shared.domain.wire import MAX_ID_CHARACTERS


def _looks(
    method: str,
    path: str,
    operation: str,
    permission: Permission,
    resource: str,
    **more: Any,
) -> Route[Ports]:
    """Return the route of an operation that changes nothing."""
    look = LOOKS[operation]

    def answer(request: Request, ports: Ports) -> Any:
        return look(_asked(operation, request), ports)

    return Route(
        method=method,
        path=path,
        permission=permission,
        answer=answer,
        resource=resource,
        looks_only=True,
        **more,
    )


def _changes(
    method: str,
    path: str,
    operation: str,
    permission: Permission,
    **more: Any,
) -> Route[Ports]:
    """Return the route of an operation that changes something."""
    kind, change = CHANGES[operation]

    def answer(request: Request, ports: Ports) -> Any:
        mine = replace(ports, caller=_caller(request))
        return change(_asked(operation, request), mine)

    return Route(
        method=method,
        path=path,
        permission=permission,
        answer=answer,
        resource=kind.resource_type,
        names=kind.id_name,
        keeps_trail=True,
        **more,
    )


def _notes(
    method: str,
    path: str,
    operation: str,
    permission: Permission,
    **more: Any,
) -> Route[Ports]:
    """Return the route of an operation that the front notes."""
    noted = NOTED[operation]

    def answer(request: Request, ports: Ports) -> Any:
        mine = replace(ports, caller=_caller(request))
        reply = noted.operation(_asked(operation, request), mine)
        return GoesOn(body=reply) if reply.get("inProgress") else reply

    return Route(
        method=method,
        path=path,
        permission=permission,
        answer=answer,
        resource=noted.resource,
        names=noted.names,
        noted=tuple(noted.fields),
        **more,
    )


def _asked(operation: str, request: Request) -> dict[str, Any]:
    return {
        "operation": operation,
        "initiatedBy": request.identity.name[:MAX_ID_CHARACTERS],
        "body": dict(request.body),
        "queryParams": dict(request.query),
        "pathParameters": dict(request.path),
    }


def _caller(request: Request) -> Caller:
    return Caller(
        action=request.action,
        roles=tuple(str(role) for role in request.roles),
        source_ip=request.source_ip,
        correlation_id=request.correlation_id,
    )


_GROUPS: Final = (
    _looks(
        "GET",
        "/protection-groups",
        "list_protection_groups",
        Permission.VIEW_PROTECTION_GROUPS,
        PROTECTION_GROUP,
    ),
    _changes(
        "POST",
        "/protection-groups",
        "create_protection_group",
        Permission.CREATE_PROTECTION_GROUPS,
        body=Body.REQUIRED,
        status=201,
    ),
    _looks(
        "POST",
        "/protection-groups/resolve",
        "resolve_protection_group_tags",
        Permission.VIEW_PROTECTION_GROUPS,
        PROTECTION_GROUP,
        body=Body.REQUIRED,
    ),
    _looks(
        "GET",
        "/protection-groups/{id}",
        "get_protection_group",
        Permission.VIEW_PROTECTION_GROUPS,
        PROTECTION_GROUP,
    ),
    _changes(
        "PUT",
        "/protection-groups/{id}",
        "update_protection_group",
        Permission.MODIFY_PROTECTION_GROUPS,
        body=Body.REQUIRED,
    ),
    _changes(
        "DELETE",
        "/protection-groups/{id}",
        "delete_protection_group",
        Permission.DELETE_PROTECTION_GROUPS,
    ),
)
_PLANS: Final = (
    _looks(
        "GET",
        "/recovery-plans",
        "list_recovery_plans",
        Permission.VIEW_RECOVERY_PLANS,
        RECOVERY_PLAN,
    ),
    _changes(
        "POST",
        "/recovery-plans",
        "create_recovery_plan",
        Permission.CREATE_RECOVERY_PLANS,
        body=Body.REQUIRED,
        status=201,
    ),
    _looks(
        "GET",
        "/recovery-plans/{id}",
        "get_recovery_plan",
        Permission.VIEW_RECOVERY_PLANS,
        RECOVERY_PLAN,
    ),
    _looks(
        "GET",
        "/recovery-plans/{id}/check-existing-instances",
        "check_existing_instances",
        Permission.VIEW_RECOVERY_PLANS,
        RECOVERY_PLAN,
    ),
    _changes(
        "PUT",
        "/recovery-plans/{id}",
        "update_recovery_plan",
        Permission.MODIFY_RECOVERY_PLANS,
        body=Body.REQUIRED,
    ),
    _changes(
        "DELETE",
        "/recovery-plans/{id}",
        "delete_recovery_plan",
        Permission.DELETE_RECOVERY_PLANS,
    ),
)
_ACCOUNTS: Final = (
    _looks(
        "GET",
        "/accounts/targets",
        "list_target_accounts",
        Permission.VIEW_ACCOUNTS,
        ACCOUNT,
    ),
    _changes(
        "POST",
        "/accounts/targets",
        "create_target_account",
        Permission.REGISTER_ACCOUNTS,
        body=Body.REQUIRED,
        status=201,
    ),
    _looks(
        "GET",
        "/accounts/targets/{id}",
        "get_target_account",
        Permission.VIEW_ACCOUNTS,
        ACCOUNT,
    ),
    _changes(
        "PUT",
        "/accounts/targets/{id}",
        "update_target_account",
        Permission.MODIFY_ACCOUNTS,
        body=Body.REQUIRED,
    ),
    _changes(
        "DELETE",
        "/accounts/targets/{id}",
        "delete_target_account",
        Permission.DELETE_ACCOUNTS,
    ),
    _changes(
        "POST",
        "/accounts/targets/{id}/validate",
        "validate_target_account",
        Permission.MODIFY_ACCOUNTS,
    ),
    _changes(
        "POST",
        "/accounts/targets/{id}/staging-accounts",
        "add_staging_account",
        Permission.MODIFY_ACCOUNTS,
        body=Body.REQUIRED,
        status=201,
    ),
    _changes(
        "DELETE",
        "/accounts/targets/{id}/staging-accounts/{stagingAccountId}",
        "remove_staging_account",
        Permission.MODIFY_ACCOUNTS,
    ),
)
_SYNC: Final = (
    _notes(
        "POST",
        "/accounts/targets/{id}/staging-accounts/sync",
        "sync_staging_accounts",
        Permission.MODIFY_ACCOUNTS,
    ),
)
_CONFIG: Final = (
    _notes(
        "POST",
        "/config/import",
        "import_configuration",
        Permission.IMPORT_CONFIGURATION,
        body=Body.REQUIRED,
    ),
    _looks(
        "POST",
        "/config/validate-manifest",
        "validate_manifest",
        Permission.IMPORT_CONFIGURATION,
        CONFIG,
        body=Body.REQUIRED,
    ),
)
ROUTES: Final = (*_GROUPS, *_PLANS, *_ACCOUNTS, *_SYNC, *_CONFIG)
