"""How many events a state machine execution has used, and when to go on.

Step Functions allows 25,000 events; ours stop near 4,000, long before, and
a successor goes on with the whole state. The counts are those of our own
definition.
"""

from msgspec.structs import replace

from shared.boundary import key_of
from shared.domain.account import MAX_ARN_CHARACTERS
from shared.domain.errors import BadRequest
from shared.domain.execution import Execution, Wire
from shared.domain.record import Change
from shared.domain.status import RunStatus
from shared.domain.wire import object_in, shown, text_in
from shared.run import TRIES, RunPorts, keeps_changing

EVENTS_OF_POLL = 9
EVENTS_OF_SECOND_CHOICE = 2
EVENTS_OF_PAUSE = 15
EVENTS_OF_RETRY = 3
EVENTS_OF_SUCCESSOR = 5
EVENTS_LIMIT = 4_000


def check_task(event: Wire) -> None:
    """Refuse an event whose task nobody can read, before anything is done.

    Raises:
        BadRequest: ``executionArn`` or ``taskState`` is of another form.
    """
    _arn(event)
    _retries(event)


def after_begin(state: Execution, event: Wire) -> Execution:
    """Count a begin, whose state starts with the events of one try."""
    return replace(
        state, history_events=state.history_events + _retries(event)
    )


def after_poll(state: Execution, event: Wire, ports: RunPorts) -> Execution:
    """Count a poll; ask for a successor where the history is nearly full."""
    used = EVENTS_OF_POLL + _second_choice(state) + _retries(event)
    counted = replace(
        state,
        poll_count=state.poll_count + 1,
        history_events=state.history_events + used,
        continue_as_new=False,
    )
    return _succeeded(counted, event, ports)


def after_resume(state: Execution, event: Wire, ports: RunPorts) -> Execution:
    """Count a pause with its resume, as :func:`after_poll` counts a poll."""
    used = EVENTS_OF_PAUSE + _second_choice(state) + _retries(event)
    counted = replace(
        state,
        history_events=state.history_events + used,
        continue_as_new=False,
    )
    return _succeeded(counted, event, ports)


def _second_choice(state: Execution) -> int:
    return EVENTS_OF_SECOND_CHOICE if state.wave_completed else 0


def _retries(event: Wire) -> int:
    """Count the tries before this one; a task says them once it has any."""
    tries = object_in(event, "taskState").get("RetryCount")
    if tries is None:
        return 0
    if type(tries) is not int or not 0 <= tries <= EVENTS_LIMIT:
        raise BadRequest(
            f"'taskState.RetryCount' is {shown(tries)}; it must be the number "
            "of retries.",
            code="INVALID_TYPE",
        )
    return EVENTS_OF_RETRY * tries


def _arn(event: Wire) -> str:
    return text_in(event, "executionArn", MAX_ARN_CHARACTERS)


def _succeeded(state: Execution, event: Wire, ports: RunPorts) -> Execution:
    """Name the successor in the record, then ask for it."""
    arn = _arn(event)
    if (
        state.history_events < EVENTS_LIMIT
        or state.status is not RunStatus.RUNNING
        or not arn
    ):
        return state
    _announce(state, successor_arn(arn, state), ports)
    return replace(
        state, continue_as_new=True, history_events=EVENTS_OF_SUCCESSOR
    )


def successor_arn(arn: str, state: Execution) -> str:
    """Return the ARN of the execution that the definition will start."""
    prefix, _, _ = arn.rpartition(":")
    return f"{prefix}:{state.execution_id}-cont-{state.poll_count}"


def _announce(state: Execution, arn: str, ports: RunPorts) -> None:
    for _ in range(TRIES):
        record = ports.executions.record(key_of(state))
        if record.next_state_machine_arn == arn:
            return
        change = Change(set={"next_state_machine_arn": arn})
        if ports.executions.commit(record, change) is not None:
            return
    raise keeps_changing(key_of(state))
