"""How an operation answers a route.

A route asks its operation as a direct invocation would, in the caller's
name. The operation puts an accepted change into the audit trail together
with the change; the front notes what was refused.
"""

from dataclasses import replace
from typing import Any

from data_management_handler.domain.request import Caller
from data_management_handler.operations import CHANGES, LOOKS, NOTED
from data_management_handler.ports import Ports
from shared.domain.rbac import Permission
from shared.domain.routes import GoesOn, Request, Route
from shared.domain.wire import MAX_ID_CHARACTERS


def looks(
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


def changes(
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


def notes(
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
