"""Putting what people ask of executions into the audit trail.

Every request that is to change something is in it, refused ones too. The
entry follows the change: a trail that cannot be written to does not undo
what was done, it is logged instead.
"""

from collections.abc import Callable, Mapping
from typing import Any

from execution_handler import requests
from execution_handler.ports import Ports
from shared import trail
from shared.domain.audit import (
    EXECUTION,
    RECOVERY_PLAN,
    AuditEntry,
    AuditResult,
    changed,
    entry_at,
    result_of,
)
from shared.domain.errors import DrError
from shared.domain.execution import Wire
from shared.domain.identity import direct_caller
from shared.domain.wire import MAX_ID_CHARACTERS

type Operation = Callable[[Wire, Ports], Wire]

# Fields of a reply and of a request that say what was to change.
_OF_REPLY = (
    "status",
    "waveNumber",
    "waveStatus",
    "satisfied",
    "retryOf",
    "totalFound",
    "totalTerminated",
    "totalFailed",
    "deletedCount",
    "activeSkipped",
)
_OF_REQUEST = ("reason", "executionType", "includeSkipped")


def audited(action: str, operation: Operation) -> Operation:
    """Return the operation, with an entry for each request to it."""

    def answer(event: Wire, ports: Ports) -> Wire:
        user = direct_caller(event)
        try:
            reply = operation(event, ports)
        except DrError as error:
            refused = _entry(action, user, event, {}, ports, error)
            trail.note(refused, ports.audit)
            raise
        trail.note(_entry(action, user, event, reply, ports), ports.audit)
        return reply

    return answer


def _entry(
    action: str,
    user: str,
    event: Wire,
    reply: Mapping[str, Any],
    ports: Ports,
    error: DrError | None = None,
) -> AuditEntry:
    kind, resource = _resource(event, reply)
    asked = {name: event.get(name) for name in _OF_REQUEST}
    done = {name: reply.get(name) for name in _OF_REPLY}
    return entry_at(
        ports.run.clock.now(),
        user=user[:MAX_ID_CHARACTERS],
        action=action,
        resource_type=kind,
        resource_id=resource,
        result=AuditResult.ALLOWED if error is None else result_of(error),
        changes=changed(_short({**asked, **done})),
        error_code="" if error is None else error.code,
    )


def _resource(event: Wire, reply: Mapping[str, Any]) -> tuple[str, str]:
    """Return what the request is about.

    That is the execution that was made or named; of a start that was
    refused it is the plan.
    """
    made = reply.get("executionId") or event.get("executionId")
    if isinstance(made, str) and made.strip():
        return EXECUTION, made.strip()[:MAX_ID_CHARACTERS]
    plan = event.get("planId")
    if isinstance(plan, str) and plan.strip():
        return RECOVERY_PLAN, plan.strip()[:MAX_ID_CHARACTERS]
    return EXECUTION, ""


def _short(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are plain, none longer than a reason is."""
    return {
        name: value[: requests.MAX_REASON] if isinstance(value, str) else value
        for name, value in fields.items()
        if isinstance(value, str | int)
    }
