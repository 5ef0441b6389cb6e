"""Our definition goes the same way on every engine that plays it.

The driver is what our scenarios are played with, the local cloud's engine
what drills run on; moto's interpreter is of a third origin. Where two agree
by mistake the third need not.
"""

import pytest

from tests.engines.engines import Engine, Played
from tests.engines.gaps import EMULATOR, GAPS, MOTO, differences
from tests.engines.scenarios import SCENARIOS, Scenario
from tests.support.scenario_driver import definition
from tests.support.scenario_driver.definition import targets

each_scenario = pytest.mark.parametrize(
    "scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS]
)
STATES = definition.load()["States"]
NOT_TAKEN = {
    # Only a successor that cannot be started in seven tries leads there.
    ("ContinueAsNew", "RecordFailure"),
}


def agree(
    name: str, scenario: Scenario, driver: Engine, other: Engine
) -> None:
    """Check that all that differs is what is known to."""
    gap = GAPS.get((name, scenario.name))
    known = gap.differs if gap else {}

    assert differences(driver.play(scenario), other.play(scenario)) == known


@each_scenario
def test_the_local_clouds_engine_goes_the_drivers_way(
    scenario: Scenario, driver: Engine, emulator: Engine
) -> None:
    agree(EMULATOR, scenario, driver, emulator)


@each_scenario
def test_motos_interpreter_goes_the_drivers_way(
    scenario: Scenario, driver: Engine, moto: Engine
) -> None:
    agree(MOTO, scenario, driver, moto)


def test_a_known_gap_is_of_a_scenario_that_is_played() -> None:
    assert {name for _, name in GAPS} <= {one.name for one in SCENARIOS}
    assert all(gap.reason and gap.differs for gap in GAPS.values())


def steps(played: Played) -> set[tuple[str, str]]:
    """Answer every step from one state to the next."""
    return {
        step
        for one in played.executions
        for step in zip(one.entered, one.entered[1:])
    }


def test_the_scenarios_take_every_way_of_the_definition(
    driver: Engine,
) -> None:
    taken = set[tuple[str, str]]()
    for scenario in SCENARIOS:
        taken |= steps(driver.play(scenario))

    ways = {
        (name, following)
        for name, state in STATES.items()
        for following in targets(state)
    }
    assert ways - taken == NOT_TAKEN
