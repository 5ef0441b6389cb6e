"""Which stages a deployment takes, and how it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.course import (
    DONE,
    NOT_DEPLOYED,
    STOPPED,
    StageNumber,
    StageResult,
    exit_status,
    stages_of,
    stopped_at,
    summary,
)
from pipeline.domain.gate import GateResult, Kind, Outcome, stops
from pipeline.domain.options import Options, Rollback
from tests.pipeline.builders import (
    a_result,
    a_stage,
    all_options,
    an_options,
    results,
)

courses = st.lists(st.lists(results), max_size=len(StageNumber)).map(
    lambda made: [
        a_stage(number, ended)
        for number, ended in zip(StageNumber, made, strict=False)
    ]
)


@given(courses, st.booleans())
def test_it_ends_well_where_no_stage_stops_it(
    stages: list[StageResult], strict: bool
) -> None:
    stopping = [
        stage for stage in stages if stops(stage.results, strict=strict)
    ]
    status = exit_status(stages, strict=strict)

    assert (status == DONE) is (not stopping)
    if stopping:
        assert stopped_at(stages, strict=strict) == stopping[0].number


@pytest.mark.parametrize("number", StageNumber)
def test_only_the_last_stage_may_leave_something_half_done(
    number: StageNumber,
) -> None:
    stages = [a_stage(number, [a_result(Outcome.FAILED)])]
    wanted = NOT_DEPLOYED if number is StageNumber.DEPLOY else STOPPED

    assert exit_status(stages, strict=False) == wanted


@given(all_options)
def test_the_validation_is_left_out_of_a_rollback_alone(
    options: Options,
) -> None:
    taken = stages_of(options)

    assert (StageNumber.VALIDATION in taken) is (options.rollback is None)
    assert list(taken) == sorted(taken)


@given(all_options)
def test_a_validation_publishes_and_deploys_nothing(options: Options) -> None:
    if options.validate_only and not options.rollback:
        assert max(stages_of(options)) == StageNumber.TESTS


def test_a_rollback_is_one_stage() -> None:
    back = Rollback(package="query-handler", version="1.0.0")

    assert stages_of(an_options(rollback=back)) == (StageNumber.DEPLOY,)


@given(st.lists(results, min_size=1))
def test_every_result_is_in_the_summary_as_it_ended(
    ended: list[GateResult],
) -> None:
    rows = summary(an_options(), [a_stage(StageNumber.VALIDATION, ended)])

    assert [row.outcome for row in rows[: len(ended)]] == [
        str(result.outcome) for result in ended
    ]
    assert all(bool(row.reason) is (row.outcome != Outcome.OK) for row in rows)


def test_a_stage_not_reached_is_shown_as_not_run() -> None:
    stages = [
        a_stage(StageNumber.VALIDATION, [a_result(Outcome.FAILED)]),
    ]

    rows = summary(an_options(), stages)

    assert [row.outcome for row in rows] == ["FAILED", *["NOT RUN"] * 4]
    assert rows[-1].stage == "5 deploy"
    assert rows[-1].reason == "stage 1 stopped the deployment"


def test_a_reported_gate_that_failed_is_shown_and_the_rest_is_reached() -> (
    None
):
    failed = a_result(Outcome.FAILED, Kind.REPORTED)
    stages = [
        a_stage(number, [failed if number == 2 else a_result(Outcome.OK)])
        for number in StageNumber
    ]

    rows = summary(an_options(), stages)

    assert [row.outcome for row in rows].count("FAILED") == 1
    assert exit_status(stages, strict=False) == DONE
    assert exit_status(stages, strict=True) == STOPPED
