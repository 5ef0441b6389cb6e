"""Events as they were sent once, which must be read for ever."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.domain.execution import from_wire, state_of, to_wire
from shared.domain.plan import plan_from_item

EVENTS = Path(__file__).parents[2] / "support" / "events"
STATES = sorted(path.stem for path in EVENTS.glob("state_*.json"))


def golden(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


@pytest.mark.parametrize("name", STATES)
def test_a_golden_state_comes_back_as_it_went(name: str) -> None:
    state = golden(name)

    assert to_wire(from_wire(state)) == state


def test_there_is_a_golden_state_for_each_branch_of_the_machine() -> None:
    statuses = {golden(name)["status"] for name in STATES}

    assert statuses == {
        "running",
        "paused",
        "completed",
        "failed",
        "timeout",
        "cancelled",
    }


def test_a_state_of_an_older_version_is_read_with_defaults() -> None:
    older = state_of(golden("older_poll"))

    state = to_wire(from_wire(older))

    assert state["accountContext"] == older["account_context"]
    assert state["execution_id"] == older["execution_id"]
    assert state["wave_order"] == []
    assert state["history_events"] == 10
    assert state["continue_as_new"] is False
    assert state["their_own_key"] == {"kept": True}


def test_the_plan_of_a_golden_begin_is_read() -> None:
    event = golden("begin")

    plan = plan_from_item(event["plan"])

    assert [wave.name for wave in plan.waves] == ["Database", "Wave 2"]
    assert plan.waves[1].depends_on_waves == (0,)
    assert plan.waves[1].pause_before_wave
