"""How large a value is in the table, told from its JSON."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.items import item_bytes

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sets(st.integers(0, 300)),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.text(max_size=8), inner)
    ),
)


@given(VALUES)
def test_no_value_takes_twice_the_bytes_of_its_json(value: object) -> None:
    assert item_bytes(value) <= 2 * len(msgspec.json.encode(value))
