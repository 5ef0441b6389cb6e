"""Options and results, as tests need them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pipeline.domain.course import StageNumber, StageResult
from pipeline.domain.gate import Gate, GateResult, Kind, Outcome
from pipeline.domain.options import Options, Orchestrator, Rollback

FUNCTIONS = frozenset({"execution-handler", "query-handler"})


def an_options(**changes: Any) -> Options:
    """Return options for an environment named dev."""
    return Options(
        **{"checkout": Path("/checkout"), "environment": "dev", **changes}
    )


def a_result(
    outcome: Outcome,
    kind: Kind = Kind.BLOCKING,
    name: str = "black",
) -> GateResult:
    """Return how a gate ended."""
    return GateResult(
        gate=Gate(name=name, kind=kind),
        outcome=outcome,
        reason="" if outcome is Outcome.OK else "for a reason",
    )


def a_stage(number: StageNumber, results: Sequence[GateResult]) -> StageResult:
    """Return what a stage came to."""
    return StageResult(number=number, results=results)


results = st.builds(a_result, st.sampled_from(Outcome), st.sampled_from(Kind))
all_options = st.builds(
    Options,
    checkout=st.just(Path("/checkout")),
    environment=st.sampled_from(["local", "dev", "prod", "prod2"]),
    validate_only=st.booleans(),
    lambda_only=st.booleans(),
    functions=st.just(()),
    skip_tests=st.booleans(),
    skip_security=st.booleans(),
    dry_run=st.booleans(),
    orchestrator=st.none() | st.sampled_from(Orchestrator),
    rollback=st.none()
    | st.just(Rollback(package="query-handler", version="1.2.3")),
    yes=st.booleans(),
    strict=st.booleans(),
    no_push=st.booleans(),
    create_bucket=st.booleans(),
)
