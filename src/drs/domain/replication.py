"""Which source servers a group may take in, by their replication.

Decides what is wrong with a server, in words. Whether one may be launched
is decided when an execution starts.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from drs.domain.servers import SourceServer

# What a group may not take in: nothing replicates, or nothing new arrives.
NOT_ASSIGNABLE: Final = frozenset({"STOPPED", "DISCONNECTED", "STALLED"})


def unassignable(
    ids: Iterable[str], servers: Sequence[SourceServer]
) -> list[dict[str, Any]]:
    """Return the servers that no group may take in, and why.

    Args:
        ids: The servers asked about.
        servers: Those that DRS has.
    """
    known = {one.source_server_id: one for one in servers}
    rows = []
    for server_id in dict.fromkeys(ids):
        server = known.get(server_id)
        if server is None:
            rows.append(_row(server_id, "", "", "DRS has no such server here"))
        elif server.replication_state in NOT_ASSIGNABLE:
            state = server.replication_state
            reason = f"its replication is {state}"
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
