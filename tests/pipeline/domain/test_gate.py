"""Which ends of a gate stop a deployment, and the list of gates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.gate import (
    BadGateList,
    Gate,
    GateResult,
    Kind,
    Outcome,
    blocks,
    gates_of,
    stops,
)
from tests.pipeline.builders import a_result, results


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_RUN])
def test_a_blocking_gate_that_did_not_pass_blocks(outcome: Outcome) -> None:
    assert blocks(a_result(outcome), strict=False)
    assert blocks(a_result(outcome), strict=True)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_RUN])
def test_a_reported_gate_blocks_only_where_it_is_strict(
    outcome: Outcome,
) -> None:
    result = a_result(outcome, Kind.REPORTED)

    assert not blocks(result, strict=False)
    assert blocks(result, strict=True)


@given(results)
def test_what_blocks_blocks_where_it_is_strict_too(result: GateResult) -> None:
    assert blocks(result, strict=False) <= blocks(result, strict=True)


@given(st.lists(results), st.booleans())
def test_one_that_blocks_stops_all(
    ended: list[GateResult], strict: bool
) -> None:
    one = any(blocks(result, strict=strict) for result in ended)

    assert stops(ended, strict=strict) is one


@pytest.mark.parametrize("outcome", set(Outcome) - {Outcome.OK})
def test_an_end_that_is_no_pass_says_why(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="without a reason"):
        GateResult(gate=Gate(name="black"), outcome=outcome)


def test_the_gates_of_a_stage_are_read_from_the_list() -> None:
    listing = "black validation blocking\nbandit security reported\n"

    assert gates_of(listing, "security") == [
        Gate(name="bandit", kind=Kind.REPORTED)
    ]


@pytest.mark.parametrize(
    "listing", ["", "black validation", "black validation maybe", "x y z w"]
)
def test_a_list_that_is_not_understood_is_no_list_without_gates(
    listing: str,
) -> None:
    with pytest.raises(BadGateList):
        gates_of(listing, "validation")
