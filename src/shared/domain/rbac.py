"""Which role may do what: five roles, eighteen permissions, one table.

Decides whether somebody may use a route. What is not granted is denied, a
route without a permission included. Direct invocations are IAM's matter and
never come here.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from shared.domain.errors import Forbidden
from shared.domain.identity import Identity

# What anybody with an identity may do; no role is needed for it.
AUTHENTICATED: Final = "authenticated"


class Role(StrEnum):
    """A role; the values are the names of Cognito groups."""

    ADMIN = "DRSOrchestrationAdmin"
    RECOVERY_MANAGER = "DRSRecoveryManager"
    PLAN_MANAGER = "DRSPlanManager"
    OPERATOR = "DRSOperator"
    READ_ONLY = "DRSReadOnly"


class Permission(StrEnum):
    """What a route may ask of its caller."""

    REGISTER_ACCOUNTS = "register_accounts"
    MODIFY_ACCOUNTS = "modify_accounts"
    DELETE_ACCOUNTS = "delete_accounts"
    VIEW_ACCOUNTS = "view_accounts"
    START_RECOVERY = "start_recovery"
    STOP_RECOVERY = "stop_recovery"
    TERMINATE_INSTANCES = "terminate_instances"
    VIEW_EXECUTIONS = "view_executions"
    CREATE_PROTECTION_GROUPS = "create_protection_groups"
    DELETE_PROTECTION_GROUPS = "delete_protection_groups"
    MODIFY_PROTECTION_GROUPS = "modify_protection_groups"
    VIEW_PROTECTION_GROUPS = "view_protection_groups"
    CREATE_RECOVERY_PLANS = "create_recovery_plans"
    DELETE_RECOVERY_PLANS = "delete_recovery_plans"
    MODIFY_RECOVERY_PLANS = "modify_recovery_plans"
    VIEW_RECOVERY_PLANS = "view_recovery_plans"
    EXPORT_CONFIGURATION = "export_configuration"
    IMPORT_CONFIGURATION = "import_configuration"


_ADMIN: Final = frozenset({Role.ADMIN})
_MANAGERS: Final = _ADMIN | {Role.RECOVERY_MANAGER}
_PLANNERS: Final = _MANAGERS | {Role.PLAN_MANAGER}
_OPERATORS: Final = _PLANNERS | {Role.OPERATOR}
_EVERYONE: Final = _OPERATORS | {Role.READ_ONLY}

GRANTED_TO: Final[Mapping[Permission, frozenset[Role]]] = {
    Permission.REGISTER_ACCOUNTS: _MANAGERS,
    Permission.MODIFY_ACCOUNTS: _MANAGERS,
    Permission.DELETE_ACCOUNTS: _ADMIN,
    Permission.VIEW_ACCOUNTS: _EVERYONE,
    Permission.START_RECOVERY: _OPERATORS,
    Permission.STOP_RECOVERY: _OPERATORS,
    Permission.TERMINATE_INSTANCES: _MANAGERS,
    Permission.VIEW_EXECUTIONS: _EVERYONE,
    Permission.CREATE_PROTECTION_GROUPS: _PLANNERS,
    Permission.DELETE_PROTECTION_GROUPS: _PLANNERS,
    Permission.MODIFY_PROTECTION_GROUPS: _OPERATORS,
    Permission.VIEW_PROTECTION_GROUPS: _EVERYONE,
    Permission.CREATE_RECOVERY_PLANS: _PLANNERS,
    Permission.DELETE_RECOVERY_PLANS: _PLANNERS,
    Permission.MODIFY_RECOVERY_PLANS: _OPERATORS,
    Permission.VIEW_RECOVERY_PLANS: _EVERYONE,
    Permission.EXPORT_CONFIGURATION: _MANAGERS,
    Permission.IMPORT_CONFIGURATION: _MANAGERS,
}


def roles_of(
    groups: Iterable[str], aliases: Mapping[str, Role] | None = None
) -> tuple[Role, ...]:
    """Return the roles that groups stand for, in the order of the table.

    Args:
        groups: Names of groups; those that are no role count for nothing.
        aliases: Older names of groups and the role each stands for.
    """
    older = aliases or {}
    named = {older.get(group, group) for group in groups}
    return tuple(role for role in Role if role in named)


def permissions_of(roles: Iterable[Role]) -> tuple[Permission, ...]:
    """Return what the roles may do together, in the order of the table."""
    held = frozenset(roles)
    return tuple(p for p in Permission if GRANTED_TO[p] & held)


def allowed(required: str, roles: Iterable[Role]) -> bool:
    """Tell whether somebody with an identity and these roles may do it."""
    if required == AUTHENTICATED:
        return True
    return required in permissions_of(roles)


def check_allowed(
    required: str, identity: Identity, roles: Iterable[Role]
) -> None:
    """Let through who may use a route that requires a permission.

    Raises:
        Forbidden: The roles do not grant it.
    """
    if not allowed(required, roles):
        raise Forbidden(
            f"{identity.name} may not do this: it needs the permission "
            f"{required or 'of a route that has none'}. Ask an administrator "
            "for a role that has it.",
            requiredPermissions=[required] if required else [],
        )
