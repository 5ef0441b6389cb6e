"""What a plan's item says of the plan as a whole."""

from shared.domain.plan import Plan, plan_from_item
from tests.shared.builders import a_wave


def test_a_plan_has_its_id_name_and_version() -> None:
    item = {
        "planId": "p-1",
        "planName": "Three tiers",
        "name": "not this one",
        "version": 4,
        "waves": [],
    }

    assert plan_from_item(item) == Plan(
        plan_id="p-1", plan_name="Three tiers", waves=(), version=4
    )


def test_what_an_item_lacks_is_empty() -> None:
    assert plan_from_item({}) == Plan(
        plan_id="", plan_name="", waves=(), version=0
    )


def test_numbers_that_came_as_text_are_read() -> None:
    plan = plan_from_item(
        {"version": "4", "waves": [{"maxWaitSeconds": "600"}]}
    )

    assert plan.version == 4
    assert plan.waves[0].max_wait_seconds == 600


def test_a_wave_without_a_tolerance_may_lose_no_server() -> None:
    assert a_wave(0).tolerance(4_000) == 0
    assert a_wave(0, failure_tolerance_count=2).tolerance(4_000) == 2
