"""Starting an execution of a plan, as it is stored now."""

import uuid

from execution_handler import requests
from execution_handler.accept import Start, accept
from execution_handler.ports import Ports
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.identity import direct_caller
from shared.domain.record import Key
from shared.domain.wire import id_in

TYPES = ("DRILL", "RECOVERY")
NAMESPACE = uuid.UUID("6f1d3c54-8f5e-5b53-9d7e-2f1f6f0c7c11")


def start_execution(event: Wire, ports: Ports) -> Wire:
    """Accept the start of a plan and return its execution id, PENDING.

    Raises:
        BadRequest: ``INVALID_EXECUTION_TYPE``, ``MISSING_FIELD``, and what
            a start is refused for.
        NotFound: ``RECOVERY_PLAN_NOT_FOUND``, a group.
        Conflict: ``PLAN_ALREADY_EXECUTING``, ``SERVER_CONFLICT``.
    """
    plan_id, kind = _asked(event)
    token = requests.client_token(event)
    start = Start(
        key=Key(execution_id(token, plan_id), plan_id),
        plan=ports.plans.plan(plan_id),
        kind=kind,
        initiated_by=direct_caller(event),
        client_token=token,
    )
    return accept(start, ports)


def _asked(event: Wire) -> tuple[str, str]:
    plan_id = id_in(event, "planId")
    kind = event.get("executionType")
    if kind not in TYPES:
        raise BadRequest(
            f"'executionType' is {kind!r}; it must be DRILL or RECOVERY.",
            code="INVALID_EXECUTION_TYPE",
        )
    return plan_id, str(kind)


def execution_id(token: str, *about: str) -> str:
    """Return a random id, or the one that this client token always gets.

    Args:
        token: The client's token, empty for none.
        about: What the token is about, the plan first.
    """
    if not token:
        return str(uuid.uuid4())
    return str(uuid.uuid5(NAMESPACE, "#".join((*about, token))))
