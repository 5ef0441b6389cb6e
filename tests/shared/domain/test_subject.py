"""Which ids an event carries, wherever it carries them."""

import pytest

from shared.domain.subject import subject_of

STATE = {"execution_id": "e", "plan_id": "p", "current_wave_number": 1}
SUBJECT = {"execution_id": "e", "plan_id": "p", "wave": 1}


@pytest.mark.parametrize(
    "event", [STATE, {"application": STATE}, {"state": STATE}]
)
def test_ids_are_found_bare_and_in_either_wrapping(
    event: dict[str, object],
) -> None:
    assert subject_of(event) == SUBJECT


def test_the_outermost_name_wins() -> None:
    event = {"execution_id": "outer", "application": STATE}

    assert subject_of(event)["execution_id"] == "outer"


def test_an_execution_known_by_its_id_is_not_renamed() -> None:
    assert subject_of({**STATE, "execution": "arn:x"}) == SUBJECT


def test_what_is_no_id_is_left_out() -> None:
    assert subject_of({"execution_id": ["e"], "plan_id": None}) == {}
