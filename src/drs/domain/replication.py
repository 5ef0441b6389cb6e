"""Which source servers a group may take in, by their replication.

Decides what is wrong with a server, in words. Whether one may be launched
is decided when an execution starts.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Any, Final

from drs.domain.servers import SourceServer

# The state in which nothing is wrong.
GOOD: Final = frozenset({"CONTINUOUS"})
# What a group may take in: neither does nothing replicate, as where it is
# STOPPED, nor does nothing new arrive, as where it is STALLED. DRS may say
# nothing of a server that has just been added.
ASSIGNABLE: Final = GOOD | {
    "",
    "BACKLOG",
    "CREATING_SNAPSHOT",
    "INITIAL_SYNC",
    "INITIATING",
    "PAUSED",
    "RESCAN",
}


def unaccepted(
    ids: Iterable[str],
    servers: Sequence[SourceServer],
    accept: Container[str] = GOOD,
) -> list[dict[str, Any]]:
    """Return the servers whose replication is not accepted, and why.

    Args:
        ids: The servers asked about.
        servers: Those that DRS has.
        accept: The states that are.
    """
    known = {one.source_server_id: one for one in servers}
    rows = []
    for server_id in dict.fromkeys(ids):
        server = known.get(server_id)
        if server is None:
            rows.append(_row(server_id, "", "", "DRS has no such server here"))
        elif server.replication_state not in accept:
            state = server.replication_state
            reason = f"its replication is {state or 'not known'}"
            rows.append(_row(server_id, server.hostname, state, reason))
    return rows


def _row(
    server_id: str, hostname: str, state: str, reason: str
) -> dict[str, Any]:
    return {
        "serverId": server_id,
        "hostname": hostname,
        "replicationState": state,
        "reason": reason,
    }
