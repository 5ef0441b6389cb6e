"""Releasing the pause of a run that was cancelled in it.

The record keeps the callback's token until the state machine has been told,
and is not finalized before: whoever finds it after a crash, a repeated
cancel or the minute sweep, tells the state machine then.
"""

from execution_handler.ports import Ports
from shared.domain.record import Change, Record
from shared.run import TRIES, keeps_changing, settle_end

CANCELLED = "ExecutionCancelled"


def release_pause(record: Record, ports: Ports) -> Record:
    """End the wait of a cancelled run, by its token or by force.

    A callback task that has not stored its token finds the cancel and fails
    by itself.

    Args:
        record: A record that is CANCELLING or has ended.
        ports: The outside.

    Returns:
        The record without the token; one that has none, as it is.
    """
    token, cause = record.task_token, record.cancel_reason
    if not token:
        return record
    if not ports.callbacks.fail(token, CANCELLED, cause):
        for arn in (record.state_machine_arn, record.next_state_machine_arn):
            if arn:
                ports.machine.stop(arn, cause)
    return _without_token(record, ports)


def _without_token(record: Record, ports: Ports) -> Record:
    for _ in range(TRIES):
        current = ports.run.executions.record(record.key)
        if not current.task_token:
            return current
        told = Change(remove=("task_token",))
        written = ports.run.executions.commit(current, told)
        if written is None:
            continue
        if not written.status.is_terminal:
            return written
        return settle_end(written, ports.run)
    raise keeps_changing(record.key)
