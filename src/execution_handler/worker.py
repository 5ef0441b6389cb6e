"""The background part of a start: open checks, then the state machine.

Delivery may repeat, so the record is read first. Only an error that proves
that no execution of that name exists ends the record; every other one is
raised and delivery repeats.
"""

from typing import Any

import msgspec

from execution_handler.checks import completed
from execution_handler.ports import Ports
from execution_handler.start_checks import of_a_check
from shared import log
from shared.boundary import NOT_OF_THE_RUN
from shared.context import goes_on_as
from shared.domain.errors import BadRequest, DrError
from shared.domain.execution import MAX_STATE_BYTES, Wire, size_of
from shared.domain.machine import MachineRefused
from shared.domain.plan import Plan
from shared.domain.record import Change, Key, Record
from shared.domain.status import Status
from shared.domain.wire import id_in
from shared.run import end_run


def start_machine(event: Wire, ports: Ports) -> Wire:
    """Start the state machine of a PENDING execution, once.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``.
        Unavailable: The state machine could not be asked.
    """
    key = Key(id_in(event, "executionId"), id_in(event, "planId"))
    record = ports.run.executions.record(key)
    goes_on_as(record.correlation_id)
    if record.status is not Status.PENDING:
        log.event("nothing_to_start", execution_id=key.execution_id)
        return {"executionId": key.execution_id, "status": record.status}
    plan = ports.run.executions.plan(key)
    if record.checks:
        record = _checked(record, plan, ports)
        if record.status is not Status.PENDING:
            return {"executionId": key.execution_id, "status": record.status}
    try:
        arn = ports.machine.start(
            key.execution_id, machine_input(record, plan)
        )
    except (MachineRefused, BadRequest) as error:
        ended = end_run(key, ports.run, reason=error.message, code=error.code)
        return {"executionId": key.execution_id, "status": ended.status}
    _store(record, arn, ports)
    return {"executionId": key.execution_id, "status": record.status}


def _checked(record: Record, plan: Plan, ports: Ports) -> Record:
    """Return the record after its open checks; a refusal has ended it."""
    try:
        return completed(record, plan, ports)
    except NOT_OF_THE_RUN:
        raise
    except DrError as error:
        refusal = of_a_check(error)
        return end_run(
            record.key,
            ports.run,
            reason=refusal.message,
            code=refusal.code,
            details=refusal.details,
        )


def _store(record: Record, arn: str, ports: Ports) -> None:
    """Note the ARN; `begin` writes the same, so a refusal is harmless."""
    ports.run.executions.commit(record, Change(set={"state_machine_arn": arn}))


def machine_input(record: Record, plan: Plan) -> dict[str, Any]:
    """Return the state machine's input.

    Raises:
        BadRequest: ``PLAN_TOO_LARGE``: above what it may be.
    """
    waves = [] if record.large else msgspec.to_builtins(plan.waves)
    payload: dict[str, Any] = {
        "Execution": {
            "Id": record.execution_id,
            "CorrelationId": record.correlation_id,
        },
        "Plan": {
            "planId": plan.plan_id,
            "planName": plan.plan_name,
            "waves": waves,
        },
        "isDrill": record.is_drill,
        "resumeFromWave": None,
        "accountContext": record.account_context,
    }
    size = size_of(payload)
    if size > MAX_STATE_BYTES:
        raise BadRequest(
            f"The plan needs {size} bytes as input of the state machine; "
            f"{MAX_STATE_BYTES} are allowed.",
            code="PLAN_TOO_LARGE",
        )
    return payload
