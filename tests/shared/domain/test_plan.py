"""Plans as read, and their order."""

from typing import Any

import pytest

from shared.domain.errors import BadRequest
from shared.domain.plan import (
    MAX_WAVES,
    check_runnable,
    plan_from_item,
    wave_order,
)
from tests.shared.builders import a_plan, a_wave


def test_a_wave_has_the_number_of_its_place() -> None:
    plan = plan_from_item(
        {"planId": "p", "waves": [{"waveNumber": 7}, {"waveNumber": 7}]}
    )

    assert [wave.wave_number for wave in plan.waves] == [0, 1]


def test_a_wave_without_a_name_is_called_by_its_place() -> None:
    plan = plan_from_item({"waves": [{}, {"waveName": "Web"}]})

    assert [wave.name for wave in plan.waves] == ["Wave 1", "Web"]


def test_a_plan_is_read_past_nulls_and_keys_of_others() -> None:
    plan = plan_from_item(
        {
            "name": "Older",
            "colour": "red",
            "waves": [{"serverIds": None, "onFailure": None, "shape": 3}],
        }
    )

    assert plan.plan_name == "Older"
    assert plan.waves[0].server_ids == ()
    assert plan.waves[0].on_failure == "stop"


def test_a_plan_that_cannot_be_read_says_where() -> None:
    with pytest.raises(BadRequest) as refused:
        plan_from_item({"waves": [{}, {"onFailure": "dance"}]})

    assert refused.value.code == "INVALID_WAVE_DATA"
    assert "waves[1]" in refused.value.message or (
        "$.waves[...]" in refused.value.message
    )


def test_the_groups_of_a_wave_are_the_union_without_duplicates() -> None:
    wave = a_wave(0, protection_group_ids=("b", "group-0", "", "b", "a"))

    assert wave.group_ids == ("group-0", "b", "a")


def test_a_wave_that_the_plan_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(BadRequest) as refused:
        a_plan(count=3).wave(3)

    assert refused.value.code == "INVALID_WAVE"
    assert "0 to 2" in refused.value.message


@pytest.mark.parametrize(
    ("wave", "path"),
    [
        (3, "$.waves[...]"),
        ([], "$.waves[...]"),
        ({"dependsOnWaves": 1}, "dependsOnWaves"),
        ({"dependsOnWaves": [-1]}, "dependsOnWaves[...]"),
        ({"dependsOnWaves": ["x"]}, "dependsOnWaves[...]"),
        ({"serverIds": "s-1"}, "serverIds"),
        ({"maxWaitSeconds": 10**30}, "maxWaitSeconds"),
    ],
)
def test_a_wave_of_the_wrong_form_is_refused_with_its_place(
    wave: Any, path: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        plan_from_item({"waves": [wave]})

    assert refused.value.code == "INVALID_WAVE_DATA"
    assert path in refused.value.message.replace("[0]", "[...]")


@pytest.mark.parametrize("waves", [3, "waves", {"0": {}}, 0, ""])
def test_waves_are_a_list(waves: object) -> None:
    with pytest.raises(BadRequest, match=r"\$\.waves"):
        plan_from_item({"waves": waves})


def test_a_dependency_on_a_wave_that_is_not_there_is_named() -> None:
    waves = [a_wave(0), a_wave(1, depends_on_waves=(5,))]

    with pytest.raises(BadRequest, match="waves.1..dependsOnWaves") as refused:
        wave_order(waves)

    assert refused.value.code == "INVALID_WAVE_DATA"


def test_a_plan_has_no_more_waves_than_a_run_carries() -> None:
    check_runnable(a_plan(count=MAX_WAVES))

    with pytest.raises(BadRequest) as refused:
        check_runnable(a_plan(count=MAX_WAVES + 1))

    assert refused.value.code == "PLAN_TOO_LARGE"


def test_a_circle_of_thousands_of_waves_is_found_at_once() -> None:
    count = 20_000
    waves = [
        a_wave(number, depends_on_waves=((number + 1) % count,))
        for number in range(count)
    ]

    with pytest.raises(BadRequest) as refused:
        wave_order(waves)

    assert refused.value.code == "CIRCULAR_DEPENDENCY"
    assert len(refused.value.message) < 5_000
