"""Plans as read, and their order."""

import pytest

from shared.domain.errors import BadRequest
from shared.domain.plan import plan_from_item
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
