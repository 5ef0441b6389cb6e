"""What a gate is, how it may end, and which ends stop a deployment.

Decides on results alone; how a gate is run is not known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_COLUMNS: Final = 3


class Kind(StrEnum):
    """What a gate's failure does."""

    BLOCKING = "blocking"
    REPORTED = "reported"


class Outcome(StrEnum):
    """How a gate ended; only OK is a pass."""

    OK = "OK"
    FAILED = "FAILED"
    NOT_RUN = "NOT RUN"
    SKIPPED = "SKIPPED"


class BadGateList(ValueError):
    """The list of gates that scripts/check prints is not as expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A check with a name."""

    name: str
    kind: Kind = Kind.BLOCKING


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """How a gate ended, and why where it did not pass."""

    gate: Gate
    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an end that does not say why it is no pass."""
        if self.outcome is not Outcome.OK and not self.reason:
            raise ValueError(
                f"gate {self.gate.name} ended {self.outcome} without a reason"
            )


def blocks(result: GateResult, *, strict: bool) -> bool:
    """Answer whether a result stops the deployment.

    A blocking gate that could not run blocks like one that failed. What was
    skipped was asked for; where that is not safe the options were refused.
    """
    match result.outcome:
        case Outcome.OK | Outcome.SKIPPED:
            return False
        case Outcome.FAILED | Outcome.NOT_RUN:
            return strict or result.gate.kind is Kind.BLOCKING


def stops(results: Iterable[GateResult], *, strict: bool) -> bool:
    """Answer whether any result stops the deployment."""
    return any(blocks(result, strict=strict) for result in results)


def gates_of(listing: str, stage: str) -> list[Gate]:
    """Return the gates of a stage in the list that scripts/check prints.

    Args:
        listing: A line for each gate: its name, stage and kind.
        stage: The stage's name in it.

    Raises:
        BadGateList: A line is not of that form, or the stage has no gate.
    """
    gates = []
    for line in listing.splitlines():
        words = line.split()
        if len(words) != _COLUMNS or words[2] not in list(Kind):
            raise BadGateList(
                f"`scripts/check --list` printed {line!r}, which is not a"
                " name, a stage and a kind"
            )
        if words[1] == stage:
            gates.append(Gate(name=words[0], kind=Kind(words[2])))
    if not gates:
        raise BadGateList(
            f"`scripts/check --list` names no gate of the stage {stage}"
        )
    return gates
