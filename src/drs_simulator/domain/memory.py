"""The whole state as bytes and back, so that a service can be restarted.

Decides what is kept: accounts, jobs, instances, quotas, faults and the state
of chance. The log of calls and machines held in memory are not.
"""

from random import Random
from typing import Any

import msgspec

from drs_simulator.domain.faults import ControlError
from drs_simulator.domain.injection import Fault
from drs_simulator.domain.quotas import QuotaBook
from drs_simulator.domain.region import State
from drs_simulator.domain.simulator import Simulator

FORMAT = 1


class Kept(msgspec.Struct):
    """Everything that outlives the process."""

    format: int
    state: State
    quotas: QuotaBook
    faults: list[Fault]
    chance: list[Any]


def saved(simulator: Simulator) -> bytes:
    """Return the state of a service."""
    return msgspec.json.encode(
        Kept(
            format=FORMAT,
            state=simulator.state,
            quotas=simulator.quotas,
            faults=simulator.injection.faults,
            chance=list(simulator.rng.getstate()),
        )
    )


def restore(simulator: Simulator, content: bytes) -> None:
    """Give a service the state that another one saved.

    Raises:
        ControlError: the bytes are no such state, or of another format.
    """
    try:
        kept = msgspec.json.decode(content, type=Kept)
    except msgspec.DecodeError as error:
        raise ControlError(
            f"the saved state cannot be read ({error}); remove the file to"
            " begin with an empty service"
        ) from error
    if kept.format != FORMAT:
        raise ControlError(
            f"the saved state has format {kept.format}, not {FORMAT}; remove"
            " the file to begin with an empty service"
        )
    simulator.state = kept.state
    simulator.quotas = kept.quotas
    simulator.injection.faults = kept.faults
    version, numbers, gauss = kept.chance
    simulator.rng = Random()  # nosec B311 # chance, not secrets
    simulator.rng.setstate((version, tuple(numbers), gauss))
