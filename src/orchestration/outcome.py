"""Recording how the state machine is about to end.

The state machine comes here from its Catch rules, with the state or with
the input it was started with. The record is told before the run ends.
"""

from orchestration.ports import Ports
from shared import log
from shared.domain.errors import BadRequest, HandlerFailed, StateTooLarge
from shared.domain.execution import Wire, state_of
from shared.domain.record import Key
from shared.domain.status import Event, follows
from shared.domain.wire import json_object, object_in, shown, text_in
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
    failure = object_in(event, "failure")
    error = str(failure.get("Error") or "") or "unknown error"
    log.event(
        "outcome_to_record",
        execution_id=key.execution_id,
        outcome=shown(event.get("outcome")),
        error=error,
    )
    match event.get("outcome"):
        case "TIMEOUT":
            end_run(
                key,
                ports.run,
                reason="The pause was not resumed in time",
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
                f"'outcome' is {shown(other)}; it must be FAILED, TIMEOUT or "
                "CANCELLED."
            )
    return application


def _message(cause: str) -> str:
    """Return the words inside the cause that Lambda gives.

    It holds an error message, which is an error body where our own code
    raised it. The trace beside it is for the log of the function.
    """
    told = json_object(cause)
    if "errorMessage" not in told:
        return cause
    raised = str(told["errorMessage"] or "no reason was given")
    return str(json_object(raised).get("message") or raised)


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
    inner = object_in(application, "continuation") or application
    execution_id = text_in(inner, "execution_id")
    plan_id = text_in(inner, "plan_id")
    if execution_id and plan_id:
        return Key(execution_id, plan_id)
    execution_id = text_in(object_in(inner, "Execution"), "Id")
    plan_id = text_in(object_in(inner, "Plan"), "planId")
    if not execution_id:
        raise BadRequest(
            "'application' must be a state, or the input of a start with "
            "'Execution.Id'."
        )
    if plan_id:
        return Key(execution_id, plan_id)
    return ports.executions.find(execution_id).key
