"""Keeping the state small enough for the state machine.

A state near its limit sheds its lists; from then on waves are read from
the snapshot and results from the record.
"""

from msgspec.structs import replace

from shared.boundary import key_of
from shared.domain.execution import Execution, Wire, without_lists
from shared.domain.record import Change
from shared.domain.run_state import measured, must_become_large
from shared.run import TRIES, RunPorts, keeps_changing


def answer(state: Execution, ports: RunPorts) -> Wire:
    """Return the state's wire form, measured, made large where needed.

    Raises:
        StateTooLarge: Even without its lists it does not fit.
    """
    if must_become_large(state):
        _mark_large(state, ports)
        state = without_lists(state)
    return measured(replace(state, resume=None))


def _mark_large(state: Execution, ports: RunPorts) -> None:
    for _ in range(TRIES):
        record = ports.executions.record(key_of(state))
        if record.large:
            return
        written = ports.executions.commit(record, Change(set={"large": True}))
        if written is not None:
            return
    raise keeps_changing(key_of(state))
