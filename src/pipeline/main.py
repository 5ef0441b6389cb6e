"""`scripts/deploy.sh`: the stages of a deployment, one after the other.

Wires the stages together and shows what became of them; which results stop
is decided in the domain.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from deployment.domain.names import PACKAGES
from pipeline import checks
from pipeline import deploy as deploy_stage
from pipeline import publish
from pipeline.command_line import read
from pipeline.domain.course import (
    INTERRUPTED,
    REFUSED,
    StageNumber,
    StageResult,
    exit_status,
    stages_of,
    summary,
)
from pipeline.domain.gate import BadGateList, GateResult, Outcome, stops
from pipeline.domain.options import Options, refusals
from pipeline.gates import Report

type Stage = Callable[[Options, Report], list[GateResult]]

STAGES: Final[Mapping[StageNumber, Stage]] = {
    StageNumber.VALIDATION: checks.validation,
    StageNumber.SECURITY: checks.security,
    StageNumber.TESTS: checks.tests,
    StageNumber.PUBLISH: publish.run,
    StageNumber.DEPLOY: deploy_stage.run,
}
_STYLES: Final = {
    Outcome.OK: "green",
    Outcome.FAILED: "red",
    Outcome.NOT_RUN: "yellow",
    Outcome.SKIPPED: "yellow",
}


def deploy(
    options: Options, stages: Mapping[StageNumber, Stage], console: Console
) -> int:
    """Run the stages until one stops; answer the exit status."""

    def report(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    ended: list[StageResult] = []
    try:
        for number in stages_of(options):
            report(f"Stage {number:d}, {number.name.lower()}")
            results = stages[number](options, report)
            ended.append(StageResult(number=number, results=results))
            if stops(results, strict=options.strict):
                break
    except BadGateList as error:
        report(str(error))
        return REFUSED
    except KeyboardInterrupt:
        console.print(_table(options, ended))
        return INTERRUPTED
    console.print(_table(options, ended))
    return exit_status(ended, strict=options.strict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; answer the exit status."""
    options = read(
        sys.argv[1:] if arguments is None else arguments,
        Path(os.environ["DRO_CHECKOUT"]),
    )
    refused = refusals(options, PACKAGES.keys())
    if refused:
        for reason in refused:
            sys.stderr.write(f"{reason}\n")
        sys.stderr.write("Nothing was run.\n")
        return REFUSED
    return deploy(options, STAGES, Console())


def _table(options: Options, stages: Sequence[StageResult]) -> Table:
    table = Table("stage", "gate", "", "outcome", "time")
    table.add_column("reason", overflow="fold")
    last = ""
    for row in summary(options, stages):
        style = _STYLES[Outcome(row.outcome)]
        table.add_row(
            "" if row.stage == last else row.stage,
            row.gate,
            row.kind,
            f"[{style}]{row.outcome}[/{style}]",
            row.seconds,
            row.reason,
        )
        last = row.stage
    return table


if __name__ == "__main__":
    sys.exit(main())
