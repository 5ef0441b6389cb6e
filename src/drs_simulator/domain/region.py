"""The state of one account and Region, and of the whole service.

Decides which Regions are initialised and which account may extend servers
of which. The two state objects are the only records that change in place:
they hold frozen ones.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from drs_simulator.domain.faults import ServiceFault, not_found
from drs_simulator.domain.ids import arn
from drs_simulator.domain.injection import Injection
from drs_simulator.domain.ports import Events, Machines, Place
from drs_simulator.domain.quotas import Quotas
from drs_simulator.domain.records import (
    Job,
    RecoveryInstance,
    Replication,
    ReplicationState,
    Server,
)


@dataclass(slots=True, kw_only=True)
class Region:
    """Everything the service knows in one account and Region."""

    account: str
    name: str
    initialized: bool = True
    servers: dict[str, Server] = field(default_factory=dict)
    server_order: list[str] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    active: dict[str, float] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    instances: dict[str, RecoveryInstance] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Return the account and Region as a value."""
        return Place(account=self.account, region=self.name)

    def put(self, server: Server) -> None:
        """Add a server, or put a new record in the place of the old one."""
        if server.server_id not in self.servers:
            insort(self.server_order, server.server_id)
        self.servers[server.server_id] = server

    def server(self, server_id: str) -> Server:
        """Return a server.

        Raises:
            ServiceFault: there is none with this id here.
        """
        server = self.servers.get(server_id)
        if server is None:
            raise not_found("source-server", server_id)
        return server

    def arn(self, kind: str, resource: str) -> str:
        """Return the ARN of a resource of this account and Region."""
        return arn(self.account, self.name, kind, resource)


@dataclass(slots=True, kw_only=True)
class State:
    """All accounts and Regions, and who trusts whom."""

    regions: dict[str, Region] = field(default_factory=dict)
    trusts: dict[str, list[str]] = field(default_factory=dict)
    jobs_created: int = 0

    def region(self, account: str, name: str) -> Region:
        """Return a Region of an account, uninitialised when first seen."""
        key = f"{account}/{name}"
        if key not in self.regions:
            self.regions[key] = Region(
                account=account, name=name, initialized=False
            )
        return self.regions[key]

    def known(self, account: str, name: str) -> Region | None:
        """Return an initialised Region of an account, if there is one."""
        region = self.regions.get(f"{account}/{name}")
        return region if region is not None and region.initialized else None

    def may_extend(self, staging: str, target: str) -> bool:
        """Tell whether the target account may extend servers of staging."""
        trusted = self.trusts.get(staging)
        return trusted is None or target in trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where and when a call happens, and what it may use."""

    state: State
    region: Region
    now: float
    rng: Random
    scale: float
    polls_to_complete: int | None
    quotas: Quotas
    machines: Machines
    events: Events
    injection: Injection


def require_initialized(region: Region) -> None:
    """Refuse a Region in which the service was never initialised.

    Raises:
        ServiceFault: the Region is not initialised.
    """
    if not region.initialized:
        raise ServiceFault(
            "UninitializedAccountException",
            f"Account {region.account} is not initialized for Elastic"
            f" Disaster Recovery in {region.name}; call InitializeService"
            " there first.",
        )


def replication_now(replication: Replication, now: float) -> Replication:
    """Return the replication as it stands now, later states entered."""
    current = replication
    for offset, state in replication.ahead:
        if now - replication.since < offset:
            break
        current = replace(
            replication, state=state, since=replication.since + offset, lag=0
        )
    return current


def lag_now(replication: Replication, now: float) -> float:
    """Return the lag, which grows while nothing is replicated."""
    current = replication_now(replication, now)
    if current.state in (
        ReplicationState.STALLED,
        ReplicationState.DISCONNECTED,
        ReplicationState.PAUSED,
    ):
        return current.lag + now - current.since
    return current.lag


def replicated(state: State, server: Server) -> Replication:
    """Return a server's replication, its origin's where it is extended."""
    if server.staging_arn is not None:
        origin = origin_of(state, server.staging_arn)
        if origin is not None:
            return origin.replication
    return server.replication


def origin_of(state: State, staging_arn: str) -> Server | None:
    """Return the staging account's server that an ARN names."""
    parts = staging_arn.split(":")
    region = state.known(parts[4], parts[3])
    if region is None:
        return None
    return region.servers.get(parts[5].partition("/")[2])


def newest_first(region: Region) -> Iterator[tuple[str, Job]]:
    """Yield the jobs, the latest first, each with its paging key."""
    for job in reversed(region.jobs.values()):
        yield f"{10**12 - job.number:013d}", job


def wire(**members: Any) -> dict[str, Any]:
    """Return the members that have a value."""
    return {key: value for key, value in members.items() if value is not None}
