"""Point-in-time snapshots: which ones a server has at a moment.

Decides them from the service's default policy: every ten minutes for an
hour, every hour for a day, every day for a week. A snapshot's id follows
from server and time, so nothing has to be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drs_simulator.domain.faults import invalid
from drs_simulator.domain.ids import derived
from drs_simulator.domain.paging import page
from drs_simulator.domain.records import (
    Replication,
    ReplicationState,
    Server,
    Wire,
)
from drs_simulator.domain.region import (
    Context,
    replicated,
    replication_now,
    require_initialized,
    wire,
)
from drs_simulator.domain.times import parse, stamp

POLICY = (
    {
        "ruleID": 1,
        "units": "MINUTE",
        "interval": 10,
        "retentionDuration": 60,
        "enabled": True,
    },
    {
        "ruleID": 2,
        "units": "HOUR",
        "interval": 1,
        "retentionDuration": 24,
        "enabled": True,
    },
    {
        "ruleID": 3,
        "units": "DAY",
        "interval": 1,
        "retentionDuration": 7,
        "enabled": True,
    },
)
_MARKS = ((600, 6), (3_600, 24), (86_400, 7))
_NONE_YET = (
    ReplicationState.STOPPED,
    ReplicationState.INITIATING,
    ReplicationState.INITIAL_SYNC,
)
_NO_LONGER = (
    ReplicationState.DISCONNECTED,
    ReplicationState.STALLED,
    ReplicationState.PAUSED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state of a server that it can be recovered to."""

    snapshot_id: str
    at: float


def can_snapshot(replication: Replication, now: float) -> bool:
    """Tell whether a new snapshot can be taken for a launch."""
    state = replication_now(replication, now).state
    return state not in _NONE_YET and state not in _NO_LONGER


def snapshots(
    server: Server, replication: Replication, now: float
) -> list[Snapshot]:
    """Return the snapshots of a server, the oldest first."""
    current = replication_now(replication, now)
    if current.state in _NONE_YET:
        return []
    latest = min(now, current.since) if current.state in _NO_LONGER else now
    marks = {
        int(latest // step - back) * step
        for step, count in _MARKS
        for back in range(count)
    }
    return [
        Snapshot(
            snapshot_id=derived("pit", server.server_id, str(mark)),
            at=float(mark),
        )
        for mark in sorted(marks)
        if mark >= server.added
    ]


def describe_recovery_snapshots(
    ctx: Context, request: Mapping[str, Any]
) -> Wire:
    """Answer DescribeRecoverySnapshots."""
    require_initialized(ctx.region)
    server = ctx.region.servers.get(request["sourceServerID"])
    if server is None:
        raise invalid(
            f"Source server {request['sourceServerID']} does not exist in"
            " this account and Region."
        )
    filters = request.get("filters") or {}
    first, last = filters.get("fromDateTime"), filters.get("toDateTime")
    early = parse(first) if first else float("-inf")
    late = parse(last) if last else float("inf")
    found = snapshots(server, replicated(ctx.state, server), ctx.now)
    keyed = [
        (f"{int(snapshot.at):013d}", snapshot)
        for snapshot in found
        if early <= snapshot.at <= late
    ]
    if request.get("order") == "DESC":
        keyed = [
            (f"{10**12 - int(snapshot.at):013d}", snapshot)
            for _, snapshot in reversed(keyed)
        ]
    items, token = page("DescribeRecoverySnapshots", request, keyed)
    return wire(
        items=[_shown(server, snapshot) for snapshot in items],
        nextToken=token,
    )


def _shown(server: Server, snapshot: Snapshot) -> Wire:
    return {
        "snapshotID": snapshot.snapshot_id,
        "sourceServerID": server.server_id,
        "expectedTimestamp": stamp(snapshot.at),
        "timestamp": stamp(snapshot.at),
        "ebsSnapshots": [
            derived("snap", snapshot.snapshot_id, str(index))
            for index in range(len(server.machine.disk_gib))
        ],
    }
