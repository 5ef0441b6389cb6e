"""Which servers are fit, by the states that a caller accepts or refuses."""

import pytest

from drs.domain.replication import (
    NOT_ASSIGNABLE,
    invalid_servers,
    missing_servers,
)
from drs.domain.servers import SourceServer


def a_server(state: str) -> SourceServer:
    return SourceServer(
        source_server_id="s-1", hostname="db-1", replication_state=state
    )


@pytest.mark.parametrize(
    ("state", "launchable", "assignable"),
    [
        ("CONTINUOUS", True, True),
        ("INITIAL_SYNC", False, True),
        ("STALLED", False, False),
        ("DISCONNECTED", False, False),
        ("STOPPED", False, False),
        ("", False, True),
    ],
)
def test_a_state_is_judged_by_what_is_asked(
    state: str, launchable: bool, assignable: bool
) -> None:
    servers = [a_server(state)]

    to_launch = invalid_servers(["s-1"], servers)
    to_assign = invalid_servers(["s-1"], servers, refuse=NOT_ASSIGNABLE)

    assert (not to_launch, not to_assign) == (launchable, assignable)


def test_a_row_says_what_is_wrong() -> None:
    stalled, unknown = invalid_servers(
        ["s-1", "s-2", "s-2"], [a_server("STALLED")]
    )

    assert stalled == {
        "serverId": "s-1",
        "hostname": "db-1",
        "replicationState": "STALLED",
        "reason": "its replication is STALLED",
    }
    assert unknown["reason"] == "DRS has no such server here"


def test_missing_servers_are_named_once_and_in_order() -> None:
    asked = ["s-3", "s-1", "s-2", "s-3"]

    assert missing_servers(asked, [a_server("CONTINUOUS")]) == ["s-3", "s-2"]
