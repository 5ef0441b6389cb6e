"""How many rows a reply carries."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.reply_size import fitting, size_of

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(values), st.integers(0, 500))
def test_the_rows_that_fit_are_not_too_large(
    rows: list[Any], room: int
) -> None:
    number = fitting(rows, room)

    assert sum(size_of(row) + 1 for row in rows[:number]) <= room
    if number < len(rows):
        assert sum(size_of(row) + 1 for row in rows[: number + 1]) > room


@given(values)
def test_a_value_is_as_large_as_in_the_text_of_a_reply(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    within = json.dumps(text, ensure_ascii=False)[1:-1]

    assert size_of(value) <= len(within.encode()) + text.count("\\")


def test_quotes_are_escaped_in_a_text() -> None:
    assert size_of("ab") == len(r"\"ab\"")
