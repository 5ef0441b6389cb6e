"""Who may do what, written down from the contract and not from the code."""

from collections.abc import Mapping
from typing import Final

ROLES: Final = (
    "DRSOrchestrationAdmin",
    "DRSRecoveryManager",
    "DRSPlanManager",
    "DRSOperator",
    "DRSReadOnly",
)
# A permission's holders, in the order of ROLES.
HOLDERS: Final[Mapping[str, str]] = {
    "register_accounts": "yy---",
    "modify_accounts": "yy---",
    "delete_accounts": "y----",
    "view_accounts": "yyyyy",
    "start_recovery": "yyyy-",
    "stop_recovery": "yyyy-",
    "terminate_instances": "yy---",
    "view_executions": "yyyyy",
    "create_protection_groups": "yyy--",
    "delete_protection_groups": "yyy--",
    "modify_protection_groups": "yyyy-",
    "view_protection_groups": "yyyyy",
    "create_recovery_plans": "yyy--",
    "delete_recovery_plans": "yyy--",
    "modify_recovery_plans": "yyyy-",
    "view_recovery_plans": "yyyyy",
    "export_configuration": "yy---",
    "import_configuration": "yy---",
}
_SERVER: Final = "/protection-groups/{id}/servers/{serverId}"
_STAGING: Final = "/accounts/targets/{id}/staging-accounts"
ROUTES_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "register_accounts": ("POST /accounts/targets",),
    "modify_accounts": (
        "POST /drs/tag-sync",
        "PUT /config/tag-sync",
        "PUT /accounts/targets/{id}",
        "POST /accounts/targets/{id}/validate",
        "POST /staging-accounts/validate",
        f"POST {_STAGING}",
        f"DELETE {_STAGING}/{{stagingAccountId}}",
        f"POST {_STAGING}/sync",
    ),
    "delete_accounts": ("DELETE /accounts/targets/{id}",),
    "view_accounts": (
        "GET /drs/quotas",
        "GET /drs/accounts",
        "GET /accounts/current",
        "GET /config/tag-sync",
        "GET /accounts/targets",
        "GET /accounts/targets/{id}",
        "GET /accounts/capacity/all",
        "GET /accounts/targets/{id}/capacity",
        f"GET {_STAGING}/discover",
    ),
    "start_recovery": (
        "POST /executions",
        "POST /recovery-plans/{id}/execute",
        "POST /executions/{id}/resume",
        "POST /executions/{id}/retry-failed",
    ),
    "stop_recovery": (
        "POST /executions/{id}/cancel",
        "POST /executions/{id}/pause",
        "POST /executions/{id}/waves/{n}/skip",
    ),
    "terminate_instances": (
        "POST /executions/{id}/terminate-instances",
        "DELETE /executions",
        "POST /executions/delete",
        "DELETE /executions/completed",
    ),
    "view_executions": (
        "GET /executions",
        "GET /executions/{id}",
        "GET /executions/{id}/recovery-instances",
        "GET /executions/{id}/termination-status",
        "GET /executions/{id}/job-logs",
        "GET /executions/{id}/realtime",
    ),
    "create_protection_groups": ("POST /protection-groups",),
    "delete_protection_groups": ("DELETE /protection-groups/{id}",),
    "modify_protection_groups": (
        "PUT /protection-groups/{id}",
        f"PUT {_SERVER}/launch-config",
        f"DELETE {_SERVER}/launch-config",
        "POST /protection-groups/{id}/servers/bulk-launch-config",
    ),
    "view_protection_groups": (
        "GET /drs/source-servers",
        "GET /ec2/subnets",
        "GET /ec2/security-groups",
        "GET /ec2/instance-profiles",
        "GET /ec2/instance-types",
        "GET /protection-groups",
        "POST /protection-groups/resolve",
        "GET /protection-groups/{id}",
        "POST /protection-groups/{id}/resolve",
        f"GET {_SERVER}/launch-config",
        f"POST {_SERVER}/validate-ip",
        f"GET {_SERVER}/audit-log",
    ),
    "create_recovery_plans": ("POST /recovery-plans",),
    "delete_recovery_plans": ("DELETE /recovery-plans/{id}",),
    "modify_recovery_plans": ("PUT /recovery-plans/{id}",),
    "view_recovery_plans": (
        "GET /recovery-plans",
        "GET /recovery-plans/{id}",
        "GET /recovery-plans/{id}/check-existing-instances",
    ),
    "export_configuration": ("GET /config/export",),
    "import_configuration": (
        "POST /config/import",
        "POST /config/validate-manifest",
    ),
}
# Anybody of the pool; and nobody needs a token for the last.
AUTHENTICATED: Final = (
    "GET /user/permissions",
    "GET /user/profile",
    "GET /user/roles",
)
PUBLIC: Final = ("GET /health",)


def may(role: str, route: str) -> bool:
    """Tell whether a role, or none, may use a route.

    Raises:
        KeyError: The contract has no such route.
    """
    if route in AUTHENTICATED:
        return True
    permission = {
        each: name for name, routes in ROUTES_OF.items() for each in routes
    }[route]
    held = dict(zip(ROLES, HOLDERS[permission], strict=True))
    return held.get(role) == "y"
