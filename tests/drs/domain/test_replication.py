"""Which servers a group may take in."""

import pytest

from drs.domain.replication import ASSIGNABLE, unaccepted
from drs.domain.servers import SourceServer


def a_server(state: str) -> SourceServer:
    return SourceServer(
        source_server_id="s-1", hostname="db-1", replication_state=state
    )


@pytest.mark.parametrize(
    ("state", "fits"),
    [
        ("CONTINUOUS", True),
        ("INITIAL_SYNC", True),
        ("STALLED", False),
        ("DISCONNECTED", False),
        ("STOPPED", False),
        ("", True),
    ],
)
def test_a_server_fits_unless_nothing_of_it_arrives(
    state: str, fits: bool
) -> None:
    assert (not unaccepted(["s-1"], [a_server(state)], ASSIGNABLE)) is fits


def test_a_row_says_what_is_wrong_once() -> None:
    stalled, unknown = unaccepted(["s-1", "s-2", "s-2"], [a_server("STALLED")])

    assert stalled == {
        "serverId": "s-1",
        "hostname": "db-1",
        "replicationState": "STALLED",
        "reason": "its replication is STALLED",
    }
    assert unknown["serverId"] == "s-2"
    assert unknown["reason"] == "DRS has no such server here"
