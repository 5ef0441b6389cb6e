"""The course of a deployment: which stages it takes, and how it ended.

Decides on options and results alone; what a stage does is not known here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from pipeline.domain.gate import GateResult, Kind, Outcome, stops
from pipeline.domain.options import Options

DONE: Final = 0
STOPPED: Final = 1
REFUSED: Final = 2
NOT_DEPLOYED: Final = 3
INTERRUPTED: Final = 130


class StageNumber(IntEnum):
    """The stages in their order."""

    VALIDATION = 1
    SECURITY = 2
    TESTS = 3
    PUBLISH = 4
    DEPLOY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What a stage's gates came to; a stage not reached has none."""

    number: StageNumber
    results: Sequence[GateResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the summary."""

    stage: str
    gate: str
    kind: str
    outcome: str
    seconds: str
    reason: str


def stages_of(options: Options) -> tuple[StageNumber, ...]:
    """Return the stages that a deployment takes.

    A rollback is of a version that passed the others when it was published.
    """
    if options.rollback:
        return (StageNumber.DEPLOY,)
    if options.validate_only:
        return tuple(
            number for number in StageNumber if number <= StageNumber.TESTS
        )
    return tuple(StageNumber)


def stopped_at(
    stages: Iterable[StageResult], *, strict: bool
) -> StageNumber | None:
    """Return the first stage that stops the deployment, or nothing."""
    return next(
        (
            stage.number
            for stage in stages
            if stops(stage.results, strict=strict)
        ),
        None,
    )


def exit_status(stages: Sequence[StageResult], *, strict: bool) -> int:
    """Return how the command ends for what became of its stages."""
    match stopped_at(stages, strict=strict):
        case None:
            return DONE
        case StageNumber.DEPLOY:
            return NOT_DEPLOYED
        case _:
            return STOPPED


def summary(options: Options, stages: Sequence[StageResult]) -> list[Row]:
    """Return the lines of the summary, with the stages not reached."""
    rows = [
        _row(stage.number, result)
        for stage in stages
        for result in stage.results
    ]
    stop = stopped_at(stages, strict=options.strict)
    reached = {stage.number for stage in stages}
    for number in stages_of(options):
        if number not in reached:
            why = (
                f"stage {stop:d} stopped the deployment"
                if stop
                else "interrupted before it"
            )
            rows.append(
                Row(
                    stage=_title(number),
                    gate="",
                    kind="",
                    outcome=Outcome.NOT_RUN,
                    seconds="",
                    reason=why,
                )
            )
    return rows


def _row(number: StageNumber, result: GateResult) -> Row:
    kind = result.gate.kind
    return Row(
        stage=_title(number),
        gate=result.gate.name,
        kind="" if kind is Kind.BLOCKING else str(kind),
        outcome=str(result.outcome),
        seconds=f"{result.seconds:.0f} s",
        reason=result.reason,
    )


def _title(number: StageNumber) -> str:
    return f"{number:d} {number.name.lower()}"
