"""Which request of the HTTP API asks for an operation of a function.

Decides method, path, query and body. An operation's answer is that of its
route, but for one that is a part of it. Who asks is told by the token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Final
from urllib.parse import quote, urlencode

_GROUP: Final = "/protection-groups/{id}"
_PLAN: Final = "/recovery-plans/{id}"
_RUN: Final = "/executions/{executionId}"
ROUTES: Final[Mapping[str, str]] = {
    "cancel_execution": f"POST {_RUN}/cancel",
    "create_protection_group": "POST /protection-groups",
    "create_recovery_plan": "POST /recovery-plans",
    "delete_recovery_plan": f"DELETE {_PLAN}",
    "get_current_account_id": "GET /accounts/current",
    "get_drs_account_capacity": "GET /drs/quotas",
    "get_drs_source_servers": "GET /drs/source-servers",
    "get_execution": f"GET {_RUN}",
    "get_protection_group": f"GET {_GROUP}",
    "get_protection_group_servers": (
        "POST /protection-groups/{protectionGroupId}/resolve"
    ),
    "get_recovery_plan": f"GET {_PLAN}",
    "get_termination_status": f"GET {_RUN}/termination-status",
    "list_executions": "GET /executions",
    "list_protection_groups": "GET /protection-groups",
    "list_recovery_plans": "GET /recovery-plans",
    "list_target_accounts": "GET /accounts/targets",
    "pause": f"POST {_RUN}/pause",
    "resume": f"POST {_RUN}/resume",
    "retry_failed": f"POST {_RUN}/retry-failed",
    "skip_wave": f"POST {_RUN}/waves/{{waveNumber}}/skip",
    "start_execution": "POST /executions",
    "terminate_instances": f"POST {_RUN}/terminate-instances",
    "update_protection_group": f"PUT {_GROUP}",
    "update_recovery_plan": f"PUT {_PLAN}",
}
_PARTS: Final = {"get_protection_group_servers": "resolvedServers"}
_WITH_BODY: Final = ("POST", "PUT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request; the path bears its query.

    Attributes:
        body: What is sent; None where the method sends nothing.
        part: The field of the answer that is meant; empty for all of it.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = field(default=None)
    part: str = ""


def asking(operation: str, fields: Mapping[str, Any]) -> Asking:
    """Return the request for an operation as functions are asked it.

    Raises:
        KeyError: No route answers the operation, or a field is missing that
            its path needs.
    """
    method, path = ROUTES[operation].split(" ")
    known = {**fields.get("pathParameters", {}), **fields}
    places = [name for _, name, _, _ in Formatter().parse(path) if name]
    at = {name: quote(str(known[name]), safe="") for name in places}
    rest = {
        name: value
        for name, value in fields.items()
        if name not in (*places, "pathParameters", "queryParams", "body")
    }
    query = dict(fields.get("queryParams", {}))
    body: Mapping[str, Any] | None = None
    if method in _WITH_BODY:
        body = {**rest, **fields.get("body", {})}
    else:
        query |= rest
    target = path.format(**at) + (f"?{urlencode(query)}" if query else "")
    return Asking(
        method=method,
        path=target,
        body=body,
        part=_PARTS.get(operation, ""),
    )
