"""What holds of the carried state, whatever is in it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import BadRequest
from shared.domain.execution import (
    Execution,
    from_resumed,
    from_wire,
    shortened,
    size_of,
    state_of,
    to_wire,
    without_lists,
)
from tests.shared.builders import (
    CONTEXTS,
    JSON,
    OBJECTS,
    TEXTS,
    a_state,
    executions,
)

KEYS = set(to_wire(a_state())) | {"resume", "account_context"}
FOREIGN = st.dictionaries(
    TEXTS.filter(lambda key: key not in KEYS), JSON, max_size=4
)


@given(executions(), FOREIGN)
def test_the_wire_form_is_read_and_written_without_a_change(
    execution: Execution, foreign: dict[str, Any]
) -> None:
    wire = {**foreign, **to_wire(execution)}

    assert to_wire(from_wire(wire)) == wire


@given(executions())
def test_the_wire_form_is_plain_json(execution: Execution) -> None:
    wire = to_wire(execution)

    assert json.loads(json.dumps(wire)) == wire


@given(executions())
def test_a_paused_run_has_never_completed_all_waves(
    execution: Execution,
) -> None:
    wire = to_wire(execution)

    assert not (wire["status"] == "paused" and wire["all_waves_completed"])
    assert (
        wire["status"] not in ("completed", "cancelled")
        or wire["all_waves_completed"]
    )


@given(executions(), st.booleans(), st.none() | st.integers(0, 99))
def test_what_is_derived_is_not_believed(
    execution: Execution, done: bool, duration: int | None
) -> None:
    wire = to_wire(execution)
    lying = {
        **wire,
        "all_waves_completed": done,
        "duration_seconds": duration,
    }

    assert to_wire(from_wire(lying)) == wire


@given(executions(), CONTEXTS.filter(bool))
def test_both_spellings_of_the_account_context_are_read(
    execution: Execution, account: dict[str, Any]
) -> None:
    wire = to_wire(execution)
    del wire["accountContext"]

    older = from_wire({**wire, "account_context": account})
    newer = from_wire({**wire, "accountContext": account})

    assert older == newer
    assert older.account_context == account
    assert "account_context" not in to_wire(older)


@given(executions())
def test_a_large_state_has_no_lists_and_keeps_all_else(
    execution: Execution,
) -> None:
    wire, large = to_wire(execution), to_wire(without_lists(execution))

    lists = {
        "waves",
        "wave_results",
        "server_ids",
        "recovery_instance_ids",
        "recovery_instance_ips",
    }
    assert all(large[key] == [] for key in lists)
    assert large["large"] is True
    kept = set(wire) - lists - {"large"}
    assert {k: large[k] for k in kept} == {k: wire[k] for k in kept}


@given(executions(), CONTEXTS, OBJECTS)
def test_an_old_state_as_answer_to_a_pause_fills_only_what_is_missing(
    execution: Execution, account: dict[str, Any], foreign: dict[str, Any]
) -> None:
    wire = {**to_wire(execution), "accountContext": {"accountId": "1"}}
    output = {**foreign, "region": "eu-west-9", "account_context": account}
    lacking = {k: v for k, v in wire.items() if k != "region"}

    filled = from_resumed({**lacking, "resume": output})
    kept = from_resumed({**wire, "resume": output})

    assert filled.region == "eu-west-9"
    assert kept.region == execution.region
    assert kept.account_context == {"accountId": "1"}
    again = to_wire(kept)
    assert to_wire(from_wire(again)) == again


@given(executions(), FOREIGN)
def test_any_other_answer_to_a_pause_fills_nothing(
    execution: Execution, output: dict[str, Any]
) -> None:
    wire = to_wire(execution)

    answered = from_resumed({**wire, "resume": output})

    assert to_wire(answered) == {**wire, "resume": output}


@pytest.mark.parametrize("output", ["yes", 3, None, ["on"], True])
def test_an_answer_that_is_no_object_ends_no_run(output: object) -> None:
    answered = from_resumed({**to_wire(a_state()), "resume": output})

    assert answered.resume == {}


def test_a_state_of_the_wrong_shape_says_where() -> None:
    wire = {**to_wire(a_state()), "current_wave_number": "one"}

    with pytest.raises(BadRequest, match=r"\$\.current_wave_number"):
        from_wire(wire)


def test_the_state_of_an_event_is_nested_or_not() -> None:
    state = {"execution_id": "e"}

    assert state_of({"application": state, "action": "x"}) is state
    assert state_of(state) is state


def test_an_event_whose_state_is_no_object_is_refused() -> None:
    with pytest.raises(BadRequest, match="application"):
        state_of({"application": "[]"})


@given(st.text(max_size=50), st.integers(1, 40))
def test_a_text_is_cut_to_its_limit_and_says_so(text: str, limit: int) -> None:
    cut = shortened(text, limit)

    assert len(cut) <= limit
    assert cut == text or cut.endswith("…")


def test_sizes_are_those_of_utf_8() -> None:
    assert size_of({"a": "é"}) == len(b'{"a":"\xc3\xa9"}')


def test_a_run_that_has_not_ended_has_no_duration() -> None:
    assert a_state().duration_seconds is None
    assert a_state(start_time=5, end_time=12).duration_seconds == 7
    assert a_state(start_time=12, end_time=5).duration_seconds == 0
