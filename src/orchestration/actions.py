"""What the state machine asks of the generic orchestrator.

Each action reads an event, looks at the record, lets the core decide and
has the peers act. No recovery technology is known here: waves are started
by the execution handler and watched by the query handler.
"""

from typing import Any

from msgspec.structs import replace

from orchestration.history import (
    after_begin,
    after_poll,
    after_resume,
    check_task,
)
from orchestration.large import answer
from orchestration.outcome import record_outcome
from orchestration.ports import Ports
from shared.boundary import NOT_OF_THE_RUN, cross, key_of, start
from shared.context import goes_on_as
from shared.domain.account import account_of_state
from shared.domain.errors import BadRequest, DrError, NotFound
from shared.domain.execution import (
    Execution,
    Wire,
    from_resumed,
    from_wire,
    state_of,
    to_wire,
)
from shared.domain.notices import NoticeEvent, notice
from shared.domain.plan import Plan, check_runnable, plan_from_item
from shared.domain.record import Change, Key, Record
from shared.domain.replies import state_of_reply
from shared.domain.run_state import (
    begun,
    mirrored,
    paused_before,
    resumed,
)
from shared.domain.status import Event, Status, WaveStatus, follows
from shared.domain.wire import object_in, text_in
from shared.run import TRIES, RunPorts, end_run, keeps_changing

MAX_TOKEN_CHARACTERS = 2_048
CANCELLED_ERROR = "ExecutionCancelled"


def begin(event: Wire, ports: Ports) -> Wire:
    """Begin a plan: write RUNNING, then start or pause before a wave.

    A repeat re-enters the wave that was started.

    Raises:
        BadRequest: The input is none of a start.
        NotFound: The execution has no record; no stub is written.
    """
    check_task(event)
    account = account_of_state(event)
    given = plan_from_item(object_in(event, "plan"))
    key = Key(
        _id(event, "execution"), _id({"planId": given.plan_id}, "planId")
    )
    plan = given if given.waves else _snapshot(key, given, ports.run)
    record = _running(key, event, ports.run)
    goes_on_as(record.correlation_id)
    ordered = _ordered(plan)
    state = begun(record, ordered, account, record.start_time)
    if record.status.is_terminal or record.status.is_cancel:
        return answer(_mirror(state, record, ports), ports.run)
    if record.status is Status.PAUSED:
        number = record.paused_before_wave or 0
        return answer(paused_before(state, number), ports.run)
    refusal = _refusal(plan)
    if refusal is not None:
        ended = end_run(
            key, ports.run, reason=refusal.message, code=refusal.code
        )
        return answer(_mirror(state, ended, ports), ports.run)
    entered = cross(state, ports.boundary)
    _tell_started(state, entered, ports.run)
    return answer(after_begin(entered, event), ports.run)


def _id(event: Wire, field: str) -> str:
    value = text_in(event, field)
    if not value:
        raise BadRequest(f"begin needs {field!r}, an id.", field=field)
    return value


def _snapshot(key: Key, given: Plan, ports: RunPorts) -> Plan:
    """Return the plan as approved; without a snapshot, what was given."""
    try:
        return ports.executions.plan(key)
    except NotFound:
        return given


def _ordered(plan: Plan) -> Plan:
    """Return the plan, or one without waves where no order exists."""
    return plan if _refusal(plan) is None else replace(plan, waves=())


def _refusal(plan: Plan) -> DrError | None:
    try:
        check_runnable(plan)
    except BadRequest as error:
        return error
    return None


def _running(key: Key, event: Wire, ports: RunPorts) -> Record:
    """Write RUNNING where the record allows it; return it as it is then."""
    for _ in range(TRIES):
        record = ports.executions.record(key)
        reached = follows(record.status, Event.BEGUN)
        if reached is None:
            return record
        facts: dict[str, Any] = {"total_waves": record.total_waves}
        if event.get("executionArn"):
            facts["state_machine_arn"] = str(event["executionArn"])
        written = ports.executions.commit(
            record, Change(status=reached, set=facts)
        )
        if written is not None:
            return written
    raise keeps_changing(key)


def _mirror(state: Execution, record: Record, ports: Ports) -> Execution:
    return mirrored(state, record, ports.run.clock.now())


def _tell_started(before: Execution, now: Execution, ports: RunPorts) -> None:
    """Send the one notice that the first job of the run was accepted."""
    if before.job_id or not now.job_id:
        return
    record = ports.executions.record(key_of(now))
    if record.started_notified_at or not ports.notifier.send(
        notice(record, NoticeEvent.START)
    ):
        return
    told = Change(set={"started_notified_at": ports.clock.now()})
    for _ in range(TRIES):
        if ports.executions.commit(record, told) is not None:
            return
        record = ports.executions.record(key_of(now))


def poll_wave_status(event: Wire, ports: Ports) -> Wire:
    """Have the query handler look at the wave, and count the history."""
    check_task(event)
    before = from_wire(state_of(event))
    if before.continue_as_new:
        _arrived(before, event, ports.run)
    try:
        reply = ports.query.call(
            "poll_wave_status",
            {"state": to_wire(replace(before, continue_as_new=False))},
        )
    except NOT_OF_THE_RUN:
        raise
    except DrError as error:
        ended = end_run(
            key_of(before), ports.run, reason=error.message, code=error.code
        )
        return answer(_mirror(before, ended, ports), ports.run)
    polled = state_of_reply(reply, before.execution_id)
    _tell_started(before, polled, ports.run)
    return answer(after_poll(polled, event, ports.run), ports.run)


def _arrived(state: Execution, event: Wire, ports: RunPorts) -> None:
    """Write that the successor of a state machine execution now runs."""
    arn = event.get("executionArn")
    for _ in range(TRIES):
        record = ports.executions.record(key_of(state))
        if not arn or record.state_machine_arn == arn:
            return
        change = Change(
            set={"state_machine_arn": str(arn)},
            remove=("next_state_machine_arn",),
        )
        if ports.executions.commit(record, change) is not None:
            return
    raise keeps_changing(key_of(state))


def store_task_token(event: Wire, ports: Ports) -> Wire:
    """Store the token with which a resume answers this pause.

    A pause that was cancelled meanwhile is answered at once.

    Raises:
        BadRequest: The event has no token.
    """
    token = text_in(event, "taskToken", MAX_TOKEN_CHARACTERS)
    if not token:
        raise BadRequest(
            "store_task_token needs 'taskToken'; the state machine passes "
            "$$.Task.Token."
        )
    state = from_wire(state_of(event))
    for _ in range(TRIES):
        record = ports.run.executions.record(key_of(state))
        if record.status.is_terminal or record.status.is_cancel:
            ports.callbacks.fail(
                token, CANCELLED_ERROR, record.reason or record.cancel_reason
            )
            return to_wire(state)
        if record.status is not Status.PAUSED or record.task_token == token:
            return to_wire(state)
        if _store(record, state, token, ports.run):
            return to_wire(state)
    raise keeps_changing(key_of(state))


def _store(
    record: Record, state: Execution, token: str, ports: RunPorts
) -> bool:
    change = Change(
        set={
            "task_token": token,
            "paused_before_wave": state.paused_before_wave,
        }
    )
    written = ports.executions.commit(record, change)
    if written is None:
        return False
    ports.notifier.send(notice(written, NoticeEvent.PAUSE))
    return True


def resume_wave(event: Wire, ports: Ports) -> Wire:
    """End a pause in the record and start the wave it was before."""
    check_task(event)
    given = from_resumed(state_of(event))
    number = given.paused_before_wave
    if number is None:
        raise BadRequest(
            "resume_wave needs a state that is paused; 'paused_before_wave' "
            "names no wave."
        )
    state = resumed(given)
    resumed_by = text_in(given.resume or {}, "resumedBy")
    record = _resumed(state, number, resumed_by, ports.run)
    if record.status is Status.PAUSED:
        paused = paused_before(state, record.paused_before_wave or 0)
        return answer(after_resume(paused, event, ports.run), ports.run)
    if record.status.is_terminal or record.status.is_cancel:
        return answer(_mirror(state, record, ports), ports.run)
    entry = record.entry(number)
    if entry is not None and entry.status is WaveStatus.SKIPPED:
        entered = cross(state, ports.boundary)
    else:
        entered = start(state, number, ports.boundary)
    _tell_started(given, entered, ports.run)
    return answer(after_resume(entered, event, ports.run), ports.run)


def _resumed(
    state: Execution, number: int, resumed_by: str, ports: RunPorts
) -> Record:
    """Write RUNNING for a pause that was answered; return the record."""
    for _ in range(TRIES):
        record = ports.executions.record(key_of(state))
        if (
            record.status is not Status.PAUSED
            or record.paused_before_wave != number
            or not record.task_token
        ):
            return record
        change = Change(
            status=Status.RUNNING,
            set={"resumed_by": resumed_by},
            remove=("task_token", "paused_before_wave"),
        )
        written = ports.executions.commit(record, change)
        if written is not None:
            ports.notifier.send(notice(written, NoticeEvent.RESUME))
            return written
    raise keeps_changing(key_of(state))


ACTIONS = {
    "begin": begin,
    "poll_wave_status": poll_wave_status,
    "store_task_token": store_task_token,
    "resume_wave": resume_wave,
    "record_outcome": record_outcome,
}
