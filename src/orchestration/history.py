"""How many events a state machine execution has used, and when to go on.

Step Functions allows 25,000 events; ours stop near 4,000, long before, and
a successor goes on with the whole state. The counts are those of our own
definition.
"""

from typing import Any

from msgspec.structs import replace

from shared.boundary import key_of
from shared.domain.execution import Execution, Wire
from shared.domain.record import Change
from shared.domain.status import RunStatus
from shared.run import TRIES, RunPorts, keeps_changing

EVENTS_OF_POLL = 9
EVENTS_OF_SECOND_CHOICE = 2
EVENTS_OF_PAUSE = 15
EVENTS_OF_RETRY = 3
EVENTS_OF_SUCCESSOR = 5
EVENTS_LIMIT = 4_000


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
    task: dict[str, Any] = event.get("taskState") or {}
    return EVENTS_OF_RETRY * int(task.get("RetryCount") or 0)


def _succeeded(state: Execution, event: Wire, ports: RunPorts) -> Execution:
    """Name the successor in the record, then ask for it."""
    arn = str(event.get("executionArn") or "")
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
