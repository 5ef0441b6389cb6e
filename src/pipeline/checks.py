"""Stages 1 to 3: validation, security and tests, by the gates they have.

Every gate of a stage runs, also after one failed, so that all faults are
told at once.
"""

from pipeline.domain.gate import GateResult, Outcome
from pipeline.domain.options import Options
from pipeline.gates import Report, listed, run


def validation(options: Options, report: Report) -> list[GateResult]:
    """Stage 1: nothing here is ever skipped."""
    return _all("validation", options, report)


def security(options: Options, report: Report) -> list[GateResult]:
    """Stage 2: told, and blocking with `--strict`."""
    skipped = "--skip-security" if options.skip_security else ""
    return _all("security", options, report, skipped)


def tests(options: Options, report: Report) -> list[GateResult]:
    """Stage 3: the tests, and the walls leant on."""
    skipped = "--skip-tests" if options.skip_tests else ""
    return _all("tests", options, report, skipped)


def _all(
    stage: str, options: Options, report: Report, skipped: str = ""
) -> list[GateResult]:
    return [
        (
            GateResult(gate=gate, outcome=Outcome.SKIPPED, reason=skipped)
            if skipped
            else run(options.checkout, gate, report)
        )
        for gate in listed(options.checkout, stage)
    ]
