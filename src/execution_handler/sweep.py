"""The minute sweep: whatever a crash left undone is found and done.

It lists the live markers: every active execution, and every one that has
ended but is not finalized. An execution that lives is left alone.
"""

from datetime import datetime

from execution_handler.drain import drain
from execution_handler.facts import machine_runs
from execution_handler.pauses import release_pause
from execution_handler.ports import Ports
from execution_handler.termination import follow
from shared import log, metrics
from shared.context import goes_on_as
from shared.domain.account import MAX_ARN_CHARACTERS
from shared.domain.errors import DatabaseError, DrError, NotFound
from shared.domain.execution import MAX_ERROR_CHARACTERS, Wire, shortened
from shared.domain.metrics import Metric
from shared.domain.record import Key, Record
from shared.domain.status import Event, Status
from shared.domain.wire import id_in, object_in, text_in
from shared.run import end_run, settle_end

SILENT_SECONDS = 900
UNPOLLED_SECONDS = 600
NAME_SEPARATOR = "-cont-"


def find(event: Wire, ports: Ports) -> Wire:
    """Look at every live execution; return what was done to how many."""
    counts = {"checked": 0, "polled": 0, "drained": 0, "finalized": 0}
    unpolled = 0
    for key in ports.run.executions.live():
        counts["checked"] += 1
        try:
            with log.bound(execution_id=key.execution_id):
                record = ports.run.executions.record(key)
                unpolled += _is_unpolled(record, ports)
                done = _swept(record, ports)
        except DrError as error:
            # One execution that cannot be read must not keep the sweep
            # from the others; the next minute tries again.
            log.event(
                "sweep_failed",
                execution_id=key.execution_id,
                error_code=error.code,
                reason=error.message,
            )
            continue
        if done:
            counts[done] += 1
    metrics.record(Metric.EXECUTIONS_UNPOLLED, unpolled)
    metrics.record(Metric.SWEEPS)
    return counts


def _swept(record: Record, ports: Ports) -> str:
    """Do what one execution needs; return the name of its count."""
    goes_on_as(record.correlation_id)
    if record.status is Status.CANCELLING or record.status.is_terminal:
        drained = drain(release_pause(record, ports), ports)
        if drained.status.is_terminal:
            settle_end(drained, ports.run)
        return "drained"
    if _is_silent(record, ports) and not machine_runs(record, ports):
        reason, code = _why_silent(record)
        end_run(record.key, ports.run, reason=reason, code=code)
        return "finalized"
    before = record.revision
    return "drained" if drain(record, ports).revision != before else ""


def _why_silent(record: Record) -> tuple[str, str]:
    if record.checks:
        return (
            "The checks of the start could not be made, however often they "
            "were tried; the log of the execution handler says why.",
            "CHECK_UNAVAILABLE",
        )
    return (
        "The state machine has ended without recording why.",
        "HANDLER_ERROR",
    )


def _is_silent(record: Record, ports: Ports) -> bool:
    return _silence(record, ports) > SILENT_SECONDS


def _is_unpolled(record: Record, ports: Ports) -> bool:
    """Tell whether an active execution is looked at by nobody.

    A pause waits for a person, and a cancelled run is looked at here.
    """
    status = record.status
    if status is Status.PAUSED or status.is_terminal or status.is_cancel:
        return False
    return _silence(record, ports) > UNPOLLED_SECONDS


def _silence(record: Record, ports: Ports) -> int:
    newest = max(record.last_polled_time, record.start_time, _updated(record))
    return ports.run.clock.now() - newest


def _updated(record: Record) -> int:
    if not record.updated_at:
        return 0
    try:
        return int(datetime.fromisoformat(record.updated_at).timestamp())
    except (ValueError, OverflowError) as error:
        raise DatabaseError(
            f"Item {record.execution_id} / {record.plan_id} cannot be read: "
            "'updatedAt' is no time."
        ) from error


def poll(event: Wire, ports: Ports) -> Wire:
    """Look at one execution's jobs that nobody else watches any more."""
    key = Key(id_in(event, "executionId"), id_in(event, "planId"))
    record = ports.run.executions.record(key)
    if record.status is Status.CANCELLING or record.status.is_terminal:
        record = drain(record, ports)
    if record.terminate_jobs and not record.instances_terminated:
        record, _ = follow(record, ports)
    return {
        "executionId": key.execution_id,
        "status": str(record.status),
        "waves": [
            {"waveNumber": e.wave_number, "status": str(e.status)}
            for e in record.waves
        ],
    }


def finalize(event: Wire, ports: Ports) -> Wire:
    """End an execution whose state machine has ended; else change nothing."""
    execution_id = id_in(event, "executionId")
    error = text_in(event, "error", MAX_ERROR_CHARACTERS)
    outcome = text_in(event, "outcome")
    record = ports.run.executions.find(execution_id)
    if not record.status.is_terminal and not record.status.is_cancel:
        timed_out = outcome == "TIMEOUT"
        record = end_run(
            record.key,
            ports.run,
            reason=error or "The state machine has ended.",
            code="HANDLER_ERROR",
            event=Event.TIMED_OUT if timed_out else None,
        )
    return {"executionId": execution_id, "status": str(record.status)}


def machine_ended(event: Wire, ports: Ports) -> Wire:
    """Handle the event that a state machine execution has ended badly.

    An execution that goes on in a successor, and one that is not ours,
    are left alone.
    """
    detail = object_in(event, "detail")
    execution_id = text_in(detail, "name").split(NAME_SEPARATOR)[0]
    status = text_in(detail, "status")
    arn = text_in(detail, "executionArn", MAX_ARN_CHARACTERS)
    try:
        record = ports.run.executions.find(execution_id)
    except NotFound:
        log.event("event_of_unknown_execution", execution_id=execution_id)
        return {"executionId": execution_id, "status": "UNKNOWN"}
    if machine_runs(record, ports):
        return {"executionId": execution_id, "status": str(record.status)}
    run = ports.machine.describe(arn) if arn else None
    cause = f"{run.error}: {run.cause}" if run and run.error else ""
    return finalize(
        {
            "executionId": execution_id,
            "outcome": ("TIMEOUT" if status == "TIMED_OUT" else "FAILED"),
            "error": shortened(
                cause or f"The state machine ended as {status}."
            ),
        },
        ports,
    )
