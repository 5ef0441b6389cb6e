"""Runs the steps of a stage, which end with the first that fails.

Each step answers what is worth saying of it. What stops a deployment is
decided in the domain.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from deployment.aws.account import AWS_ERRORS
from deployment.domain.errors import DeploymentError
from local_cloud.cloud import CloudFailed
from pipeline.domain.gate import Gate, GateResult, Kind, Outcome
from pipeline.gates import Report


class Skipped(Exception):
    """A step was not taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step with a name; it answers what became of it, in a few words."""

    name: str
    take: Callable[[], str]
    kind: Kind = Kind.BLOCKING


def taken(steps: Sequence[Step], report: Report) -> list[GateResult]:
    """Take the steps until a blocking one fails."""
    return list(_taken(steps, report))


def _taken(steps: Sequence[Step], report: Report) -> Iterator[GateResult]:
    for step in steps:
        report(f"  {step.name} ...")
        started = time.monotonic()
        outcome = Outcome.OK
        try:
            said = step.take()
        except Skipped as why:
            outcome, said = Outcome.SKIPPED, str(why)
        except (DeploymentError, CloudFailed, *AWS_ERRORS) as error:
            outcome, said = Outcome.FAILED, str(error).splitlines()[0]
            for line in str(error).splitlines():
                report(f"    {line}")
        yield GateResult(
            gate=Gate(name=step.name, kind=step.kind),
            outcome=outcome,
            reason=said,
            seconds=time.monotonic() - started,
        )
        if outcome is Outcome.FAILED and step.kind is Kind.BLOCKING:
            return
