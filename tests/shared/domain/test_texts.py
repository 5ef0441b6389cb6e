"""How long a text may be, and what a refusal says of it."""

import pytest

from shared.domain.errors import BadRequest, DrError
from shared.domain.execution import shortened, state_of
from shared.domain.plan import check_runnable, wave_order
from shared.domain.wire import checked_event, id_in, shown, text_in
from tests.shared.builders import a_plan, a_wave


def test_a_text_that_just_fits_is_not_cut() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"


def test_a_message_that_just_fits_is_not_cut() -> None:
    assert DrError("x" * 4_000).message == "x" * 4_000
    assert DrError("x" * 4_001).message == f"{'x' * 3_999}…"


def test_a_value_is_shown_in_80_characters() -> None:
    assert shown("x" * 78) == f"'{'x' * 78}'"
    assert shown("x" * 79) == f"'{'x' * 79}…"


def test_an_event_whose_state_is_no_object_says_where_it_must_be() -> None:
    with pytest.raises(BadRequest) as refused:
        state_of({"application": 3})

    assert refused.value.message == (
        "'application' must be the state, a JSON object."
    )


def test_a_plan_without_waves_is_told_what_it_lacks() -> None:
    with pytest.raises(BadRequest) as refused:
        check_runnable(a_plan(count=0))

    assert refused.value.body() == {
        "error": "PLAN_HAS_NO_WAVES",
        "message": "Plan Three tiers has no waves; add one.",
    }


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ([1], "The event must be a JSON object, not list."),
        (
            {"a": "\ud800"},
            "The event cannot be read: the text has no UTF-8 form - "
            "at `$.a`.",
        ),
        (
            {"\ud800": 1},
            "The event cannot be read: a key has no UTF-8 form - "
            "at `$.\\ud800`.",
        ),
        (
            {"a": [2**63]},
            "The event cannot be read: the number is larger than 64 bits - "
            "at `$.a[0]`.",
        ),
        (
            {"a": float("nan")},
            "The event cannot be read: the number is not finite - "
            "at `$.a`.",
        ),
        (
            {"a": {1}},
            "The event cannot be read: set is no JSON - at `$.a`.",
        ),
    ],
)
def test_an_event_that_cannot_be_carried_on_is_told_what_is_wrong(
    event: object, message: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        checked_event(event)

    assert refused.value.message == message


@pytest.mark.parametrize("depth", [19, 20, 21, 60])
def test_a_path_shows_the_twenty_outermost_steps(depth: int) -> None:
    value: object = {1}
    for step in reversed(range(depth)):
        value = {f"k{step}": value}

    with pytest.raises(BadRequest) as refused:
        checked_event(value)

    steps = "".join(f".k{step}" for step in range(min(depth, 20)))
    rest = "…" if depth > 20 else ""
    assert refused.value.message.endswith(f"at `${steps}{rest}`.")


def test_a_field_of_another_kind_is_told_both_kinds() -> None:
    with pytest.raises(BadRequest) as refused:
        text_in({"reason": 3}, "reason")

    assert refused.value.message == "'reason' must be a text, not int."


def test_an_id_that_is_missing_is_told_by_its_field() -> None:
    with pytest.raises(BadRequest) as refused:
        id_in({"planId": " "}, "planId")

    assert refused.value.body() == {
        "error": "MISSING_FIELD",
        "message": "'planId' is needed.",
        "field": "planId",
    }


def test_waves_in_a_circle_are_told_what_to_remove() -> None:
    waves = [
        a_wave(0, depends_on_waves=(1,)),
        a_wave(1, depends_on_waves=(0,)),
    ]

    with pytest.raises(BadRequest, match="remove one of their dependsOnWaves"):
        wave_order(waves)


@pytest.mark.parametrize(
    "tolerance",
    [{"failure_tolerance_count": 1}, {"failure_tolerance_percentage": 5}],
)
def test_one_tolerance_of_a_wave_is_enough(tolerance: dict[str, int]) -> None:
    check_runnable(a_plan(a_wave(0, **tolerance)))


def test_a_wave_with_two_tolerances_is_told_to_give_one() -> None:
    wave = a_wave(0, failure_tolerance_count=0, failure_tolerance_percentage=0)

    with pytest.raises(BadRequest) as refused:
        check_runnable(a_plan(wave))

    assert refused.value.message == (
        "waves[0] has both failureToleranceCount and "
        "failureTolerancePercentage; give one of them."
    )
