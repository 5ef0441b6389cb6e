"""What holds of the order of any plan's waves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import BadRequest
from shared.domain.plan import (
    PlanWave,
    has_circular_dependencies,
    wave_order,
)
from tests.shared.builders import a_wave


@st.composite
def acyclic(draw: st.DrawFn) -> list[PlanWave]:
    """Draw waves that depend on waves earlier in a hidden order."""
    count = draw(st.integers(1, 8))
    hidden = draw(st.permutations(range(count)))
    depends = {
        number: (
            tuple(draw(st.sets(st.sampled_from(hidden[:place]))))
            if place
            else ()
        )
        for place, number in enumerate(hidden)
    }
    return [a_wave(n, depends_on_waves=depends[n]) for n in range(count)]


def running(waves: list[PlanWave]) -> tuple[int, ...]:
    return wave_order(waves) or tuple(w.wave_number for w in waves)


@given(acyclic())
def test_every_wave_runs_once_and_after_those_it_depends_on(
    waves: list[PlanWave],
) -> None:
    order = running(waves)

    assert sorted(order) == list(range(len(waves)))
    for wave in waves:
        for needed in wave.depends_on_waves:
            assert order.index(needed) < order.index(wave.wave_number)


@given(acyclic())
def test_a_wave_is_held_back_only_by_a_dependency(
    waves: list[PlanWave],
) -> None:
    order = running(waves)

    for place, number in enumerate(order):
        taken = set(order[:place])
        earlier = [w for w in waves[:number] if w.wave_number not in taken]
        for wave in earlier:
            assert not set(wave.depends_on_waves) <= taken


@given(st.integers(1, 8))
def test_a_plan_without_dependencies_runs_as_it_is_written(
    count: int,
) -> None:
    assert wave_order([a_wave(n) for n in range(count)]) == ()


@given(acyclic(), st.data())
def test_a_circle_is_found_and_its_waves_are_named(
    waves: list[PlanWave], data: st.DataObject
) -> None:
    order = running(waves)
    first = data.draw(st.sampled_from(range(len(order))))
    last = data.draw(st.sampled_from(range(first, len(order))))
    circle = order[first : last + 1]
    for place, number in enumerate(circle):
        waves[number] = a_wave(number, depends_on_waves=(circle[place - 1],))

    with pytest.raises(BadRequest) as refused:
        wave_order(waves)

    assert refused.value.code == "CIRCULAR_DEPENDENCY"
    assert all(str(number) in refused.value.message for number in circle)


@given(acyclic())
def test_a_client_is_told_of_circles_only(waves: list[PlanWave]) -> None:
    wire = [{"dependsOnWaves": list(w.depends_on_waves)} for w in waves]

    assert not has_circular_dependencies(wire)
    assert has_circular_dependencies([*wire, {"dependsOnWaves": [len(wire)]}])
