"""Which servers a group may take in."""

import pytest

from drs.domain.replication import (
    ASSIGNABLE,
    lost,
    unaccepted,
    unlaunchable,
)
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


@pytest.mark.parametrize("is_drill", [True, False])
@pytest.mark.parametrize("state", ["STOPPED", "INITIAL_SYNC", "NEW", ""])
def test_what_never_arrived_whole_is_not_launched(
    state: str, is_drill: bool
) -> None:
    (row,) = unlaunchable(["s-1"], [a_server(state)], is_drill=is_drill)

    assert row["replicationState"] == state
    assert row["lifecycleState"] is None
    assert (state or "not known") in row["reason"]


def test_a_lost_source_is_launched_by_a_recovery_only() -> None:
    servers = [a_server("DISCONNECTED")]

    assert unlaunchable(["s-1"], servers, is_drill=True)
    assert not unlaunchable(["s-1"], servers, is_drill=False)
    assert lost(servers) == servers
    assert lost([a_server("CONTINUOUS")]) == []


def test_a_server_that_drs_lacks_is_not_launched() -> None:
    (row,) = unlaunchable(["s-9", "s-9"], [], is_drill=False)

    assert row["reason"] == "DRS has no such server here"
