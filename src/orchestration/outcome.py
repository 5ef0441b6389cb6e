"""Recording how the state machine is about to end.

The state machine comes here from its Catch rules, with the state or with
the input it was started with. The record is told before the run ends.
"""

import json
from collections.abc import Mapping
from typing import Any

from orchestration.ports import Ports
from shared import log
from shared.domain.errors import BadRequest, HandlerFailed, StateTooLarge
from shared.domain.execution import Wire, state_of
from shared.domain.record import Key
from shared.domain.status import Event, follows
from shared.run import (
    TRIES,
    RunPorts,
    cancel_now,
    end_run,
    keeps_changing,
)


def record_outcome(event: Wire, ports: Ports) -> Wire:
    """Record how the state machine is about to end; the input is returned.

    A terminal record and one that is being cancelled stay as they are.
    """
    application = state_of(event)
    key = _key_of_any(application, ports.run)
    failure = event.get("failure") or {}
    error = str(failure.get("Error") or "") or "unknown error"
    log.event(
        "outcome_to_record",
        execution_id=key.execution_id,
        outcome=str(event.get("outcome")),
        error=error,
    )
    match event.get("outcome"):
        case "TIMEOUT":
            end_run(
                key,
                ports.run,
                reason="The pause was not resumed in time.",
                code="PAUSE_TIMEOUT",
                event=Event.TIMED_OUT,
            )
        case "CANCELLED":
            _cancel(key, ports.run)
        case "FAILED":
            cause = str(failure.get("Cause") or "no cause was given")
            end_run(
                key,
                ports.run,
                reason=f"{error}: {_message(cause)}",
                code=_code(error),
            )
        case other:
            raise BadRequest(
                f"outcome {other!r} is none of FAILED, TIMEOUT, CANCELLED."
            )
    return application


def _message(cause: str) -> str:
    """Return the words inside the cause that Lambda gives.

    It holds an error message, which is an error body where our own code
    raised it.
    """
    raised = str(_json(cause).get("errorMessage") or cause)
    return str(_json(raised).get("message") or raised)


def _json(text: str) -> Mapping[str, Any]:
    """Return the JSON object in a text, empty where it holds none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _code(error: str) -> str:
    if error == StateTooLarge.__name__:
        return StateTooLarge.default_code
    return HandlerFailed.default_code


def _cancel(key: Key, ports: RunPorts) -> None:
    """Write CANCELLED for a run that its state machine ends as cancelled."""
    for _ in range(TRIES):
        record = ports.executions.record(key)
        if follows(record.status, Event.CANCELLED_BY_MACHINE) is None:
            return
        if cancel_now(record, Event.CANCELLED_BY_MACHINE, ports) is not None:
            return
    raise keeps_changing(key)


def _key_of_any(application: Wire, ports: RunPorts) -> Key:
    """Return the key named by a state, a start input or a continuation.

    Nothing else of a state is read: what broke the run may be the state.
    """
    inner = application.get("continuation") or application
    if inner.get("execution_id") and inner.get("plan_id"):
        return Key(str(inner["execution_id"]), str(inner["plan_id"]))
    execution = inner.get("Execution") or {}
    plan = inner.get("Plan") or {}
    execution_id = str(execution.get("Id") or "")
    if plan.get("planId"):
        return Key(execution_id, str(plan["planId"]))
    return ports.executions.find(execution_id).key
