"""Which source servers may be assigned or launched, by their replication.

Decides what is wrong with a server, in words. Which states a caller
accepts is the caller's to say.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from drs.domain.servers import CONTINUOUS, SourceServer

# What a group may not take in: nothing replicates, or nothing new arrives.
NOT_ASSIGNABLE: Final = frozenset({"STOPPED", "DISCONNECTED", "STALLED"})
_HEALTHY: Final = frozenset({CONTINUOUS})


def invalid_servers(
    ids: Iterable[str],
    servers: Sequence[SourceServer],
    *,
    accept: Collection[str] = _HEALTHY,
    refuse: Collection[str] | None = None,
) -> list[dict[str, Any]]:
    """Return what is wrong with these servers, one row for each wrong one.

    Args:
        ids: The servers asked about.
        servers: Those that DRS has.
        accept: The replication states that are fine.
        refuse: Given, the states that are wrong, all others being fine.
    """
    known = {one.source_server_id: one for one in servers}
    rows = []
    for server_id in dict.fromkeys(ids):
        server = known.get(server_id)
        if server is None:
            rows.append(_row(server_id, "", "", "DRS has no such server here"))
            continue
        state = server.replication_state
        wrong = state not in accept if refuse is None else state in refuse
        if wrong:
            reason = f"its replication is {state or 'unknown'}"
            rows.append(_row(server_id, server.hostname, state, reason))
    return rows


def missing_servers(
    ids: Iterable[str], servers: Sequence[SourceServer]
) -> list[str]:
    """Return those of the ids that DRS does not know, in order."""
    known = {one.source_server_id for one in servers}
    return [one for one in dict.fromkeys(ids) if one not in known]


def _row(
    server_id: str, hostname: str, state: str, reason: str
) -> dict[str, Any]:
    return {
        "serverId": server_id,
        "hostname": hostname,
        "replicationState": state,
        "reason": reason,
    }
