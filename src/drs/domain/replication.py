"""Which source servers a group may take in, and which may be launched.

Decides by their replication what is wrong with a server, in words. A source
that is lost is what a recovery is for: it is launched from what arrived.
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

# What may be launched: all that is written arrives, sooner or later.
LAUNCHABLE: Final = frozenset(
    {"CONTINUOUS", "BACKLOG", "RESCAN", "CREATING_SNAPSHOT"}
)
# What a recovery launches too, although nothing new arrives.
LOST: Final = frozenset({"STALLED", "DISCONNECTED", "PAUSED"})


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


def unlaunchable(
    ids: Iterable[str], servers: Sequence[SourceServer], *, is_drill: bool
) -> list[dict[str, Any]]:
    """Return the servers that no execution of that type may launch, and why.

    Args:
        ids: The servers asked about.
        servers: Those that DRS has.
        is_drill: Whether it is a drill, which needs a living source.
    """
    accepted = LAUNCHABLE if is_drill else LAUNCHABLE | LOST
    # DRS gives a server's life cycle no state.
    return [
        row | {"lifecycleState": None}
        for row in unaccepted(ids, servers, accepted)
    ]


def lost(servers: Iterable[SourceServer]) -> list[SourceServer]:
    """Return the servers whose source sends nothing any more."""
    return [one for one in servers if one.replication_state in LOST]


def _row(
    server_id: str, hostname: str, state: str, reason: str
) -> dict[str, Any]:
    return {
        "serverId": server_id,
        "hostname": hostname,
        "replicationState": state,
        "reason": reason,
    }
