"""What DRS knows of servers, under the names that scripts rely on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from execution_handler.server_details import get_server_details_map
from tests.execution_handler.bench import REGION, Bench
from tests.support.fake_drs import hub, server_id

IDS = st.sampled_from(
    [*map(server_id, range(1, 7)), "s-00000000000000000", "s-1", "", " "]
)


@settings(max_examples=100, deadline=None)
@given(
    asked=st.lists(IDS, max_size=12),
    known=st.integers(min_value=0, max_value=4),
)
def test_property_1_details_are_of_exactly_the_asked_servers(
    asked: list[str], known: int
) -> None:
    """Feature: control plane; property 1, function preservation."""
    bench = Bench()
    there = bench.drs.has_servers(REGION, [{}] * known)

    found = get_server_details_map(
        asked, REGION, hub(), regions=bench.ports().drs
    )

    assert list(found) == list(dict.fromkeys(asked))
    for one, facts in found.items():
        assert facts["found"] is (one in there)
        assert facts["region"] == REGION
        assert facts["name"] or not one
