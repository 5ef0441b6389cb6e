"""The front of every function that answers API Gateway.

Turns a proxy event into a request of somebody who may make it, and whatever
becomes of it into an answer. Who may do what is decided in ``domain/rbac``,
which route is meant in ``domain/routes``, what it does in its own module.
"""

import base64
import binascii
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared import log, metrics, trail
from shared.context import correlated
from shared.domain.audit import AuditResult, changed, entry_at, result_of
from shared.domain.correlation import correlation_of
from shared.domain.errors import BadRequest, DrError
from shared.domain.execution import Wire
from shared.domain.http_replies import error_reply, fault, headers
from shared.domain.identity import Identity, identity_of
from shared.domain.metrics import Metric
from shared.domain.ports import Audit, Clock
from shared.domain.rbac import Role, check_allowed, roles_of
from shared.domain.routes import (
    GoesOn,
    Match,
    Request,
    Route,
    json_body,
    match,
)
from shared.domain.wire import MAX_ID_CHARACTERS
from shared.settings import HttpSettings

_NO_ID = "-"
INTERNAL_ERROR = "INTERNAL_ERROR"
ACCEPTED = 202


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What answering a request needs besides the route's own ports."""

    settings: HttpSettings
    audit: Audit
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A proxy event as far as it could be read."""

    method: str
    path: str
    correlation_id: str
    source_ip: str = ""
    claims: object = None
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    encoded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Who asked for what, as the audit trail names it."""

    call: _Call
    found: Match[Any]
    identity: Identity
    roles: tuple[Role, ...]


def answer[P](
    event: Wire, ports: P, routes: Sequence[Route[P]], front: Front
) -> Wire:
    """Answer a request of API Gateway; nothing is raised."""
    call = _call_of(event)
    with log.bound(correlation_id=call.correlation_id):
        status, text = _answered(call, ports, routes, front)
    return {
        "statusCode": status,
        "headers": headers(front.settings.allowed_origin, call.correlation_id),
        "body": text,
        "isBase64Encoded": False,
    }


def _answered[P](
    call: _Call, ports: P, routes: Sequence[Route[P]], front: Front
) -> tuple[int, str]:
    begun = time.monotonic()
    try:
        status, body = _routed(call, ports, routes, front)
        text = msgspec.json.encode(body).decode()
    except DrError as error:
        if error.status == 500:
            log.exception("failed", error_code=error.code)
        status, body = error_reply(error, call.correlation_id)
        text = msgspec.json.encode(body, enc_hook=str).decode()
        log.event("refused", error_code=error.code, reason=error.message)
    except Exception:
        # The API front: a client never sees the text of a bug.
        log.exception("failed", error_code=INTERNAL_ERROR)
        status, body = fault(call.correlation_id)
        text = msgspec.json.encode(body).decode()
    took = round((time.monotonic() - begun) * 1000)
    metrics.record(Metric.REQUEST_DURATION, took)
    log.event(
        "request_answered",
        method=call.method,
        path=call.path[:200],
        status=status,
        duration_ms=took,
    )
    return status, text


def _routed[P](
    call: _Call, ports: P, routes: Sequence[Route[P]], front: Front
) -> tuple[int, Any]:
    """Do what the route does, for those who may use it."""
    found = match(call.method, call.path, routes)
    identity = identity_of(call.claims)
    roles = roles_of(identity.groups, front.settings.aliases)
    route = found.route
    asked = _Asked(call=call, found=found, identity=identity, roles=roles)
    result, code, fields = AuditResult.FAILED, INTERNAL_ERROR, dict[str, Any]()
    try:
        check_allowed(route.permission, identity, roles)
        request = _request(call, found, identity, roles)
        body = route.answer(request, ports)
        status = route.status
        if isinstance(body, GoesOn):
            status, body = ACCEPTED, body.body
        result, code = AuditResult.ALLOWED, ""
        fields = {**request.body, **body} if route.changes_something else {}
    except DrError as error:
        result, code = result_of(error), error.code
        if route.code_twice:
            error.details["code"] = code
        raise
    finally:
        if route.changes_something or result is AuditResult.DENIED:
            _note(asked, result, code, fields, front)
    return status, body


def _request[P](
    call: _Call,
    found: Match[P],
    identity: Identity,
    roles: tuple[Role, ...],
) -> Request:
    return Request(
        identity=identity,
        roles=roles,
        action=found.route.name,
        source_ip=call.source_ip,
        correlation_id=call.correlation_id,
        path=found.path,
        query=call.query,
        body=json_body(_bytes(call), found.route.body),
    )


def _bytes(call: _Call) -> bytes:
    if not call.encoded:
        return call.body.encode(errors="replace")
    try:
        return base64.b64decode(call.body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest(
            "The body is said to be base64 and is not.", code="INVALID_JSON"
        ) from error


def _note(
    asked: _Asked,
    result: AuditResult,
    error_code: str,
    fields: Wire,
    front: Front,
) -> None:
    """Put the request into the log and the audit trail, best effort."""
    call, route = asked.call, asked.found.route
    entry = entry_at(
        front.clock.now(),
        user=asked.identity.name[:MAX_ID_CHARACTERS],
        roles=tuple(str(role) for role in asked.roles),
        action=route.name,
        resource_type=route.resource,
        resource_id=asked.found.about or str(fields.get(route.names, _NO_ID)),
        result=result,
        changes=changed({name: fields.get(name) for name in route.noted}),
        error_code=error_code,
        source_ip=call.source_ip,
        correlation_id=call.correlation_id,
    )
    if route.keeps_trail and result is AuditResult.ALLOWED:
        trail.tell(entry)
    else:
        trail.note(entry, front.audit)


def _call_of(event: Wire) -> _Call:
    context = _object(event.get("requestContext"))
    query = _object(event.get("queryStringParameters"))
    return _Call(
        method=_text(event.get("httpMethod")).upper(),
        path=_text(event.get("path")),
        correlation_id=correlated(correlation_of(event)),
        source_ip=_text(_object(context.get("identity")).get("sourceIp")),
        claims=_object(context.get("authorizer")).get("claims"),
        query={k: v for k, v in query.items() if isinstance(v, str)},
        body=_text(event.get("body")),
        encoded=event.get("isBase64Encoded") is True,
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
