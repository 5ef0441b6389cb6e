"""Requests as API Gateway hands them to a function, and their answers."""

import json
from collections.abc import Mapping
from typing import Any

from shared.domain.rbac import Role
from shared.http import Front
from shared.settings import HttpSettings
from tests.support.fakes import FakeAudit, FakeClock

ORIGIN = "https://console.example"


def claims_of(*groups: str, **more: Any) -> dict[str, Any]:
    """Return the claims of Ann, in these groups."""
    return {
        "sub": "user-1",
        "email": "ann@example.com",
        "cognito:username": "ann",
        "cognito:groups": ",".join(groups),
        **more,
    }


def a_request(
    method: str,
    path: str,
    *,
    role: str | None = Role.ADMIN,
    body: object = None,
    query: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a proxy event.

    Args:
        method: The method.
        path: The path, values in place.
        role: The caller's role; None: no token.
        body: A text as it is; anything else as JSON.
        query: The query's parameters.
        more: Further keys of the event, over these.
    """
    text = body if isinstance(body, str) else json.dumps(body)
    context: dict[str, Any] = {"identity": {"sourceIp": "192.0.2.1"}}
    if role is not None:
        context["authorizer"] = {"claims": claims_of(role)}
    return {
        "httpMethod": method,
        "path": path,
        "headers": {},
        "queryStringParameters": dict(query) if query else None,
        "body": None if body is None else text,
        "isBase64Encoded": False,
        "requestContext": context,
        **more,
    }


def a_front(audit: FakeAudit | None = None, **settings: Any) -> Front:
    """Return a front on fakes."""
    return Front(
        settings=HttpSettings(allowed_origin=ORIGIN, **settings),
        audit=audit or FakeAudit(),
        clock=FakeClock(),
    )


def body_of(reply: Mapping[str, Any]) -> Any:
    """Return the JSON of an answer."""
    return json.loads(reply["body"])
