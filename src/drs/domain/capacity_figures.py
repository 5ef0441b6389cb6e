"""How full accounts are: the figures, and the one ladder that judges them.

Decides what counts as replicating, what is compared with which quota, and
how bad that is. What could not be read is not counted, and is said. Room
for launch jobs is ``capacity``'s.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from drs.domain.capacity import Quotas
from drs.domain.job import Job
from drs.domain.servers import SourceServer

REPLICATING: Final = frozenset(
    {
        "BACKLOG",
        "CONTINUOUS",
        "CREATING_SNAPSHOT",
        "INITIAL_SYNC",
        "INITIATING",
        "RESCAN",
    }
)
# What one of several accounts should not go above.
_GOOD_SHARE: Final = 250


class Level(StrEnum):
    """How full something is, best first."""

    OK = "OK"
    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    HYPER_CRITICAL = "HYPER-CRITICAL"
    UNKNOWN = "UNKNOWN"

    @property
    def is_worrying(self) -> bool:
        """Tell whether somebody should do something."""
        return self not in (Level.OK, Level.INFO, Level.UNKNOWN)


class AccountType(StrEnum):
    """What an account is there for."""

    TARGET = "target"
    STAGING = "staging"


def replicating_level(replicating: int, accounts: int = 1) -> Level:
    """Return how full accounts are of replicating servers."""
    if accounts <= 1:
        steps = (200.0, 225.0, 250.0, 280.0)
    else:
        good = _GOOD_SHARE * accounts
        steps = (0.83 * good, 0.93 * good, good, 300.0 * accounts)
    levels = (Level.INFO, Level.WARNING, Level.CRITICAL, Level.HYPER_CRITICAL)
    return _reached(replicating, steps, levels)


def recovery_level(servers: int, most: int) -> Level:
    """Return how full accounts are of servers that can be recovered."""
    steps = (0.8 * most, 0.9 * most)
    levels = (Level.WARNING, Level.CRITICAL)
    return _reached(servers, steps, levels) if most else Level.OK


def _reached(
    value: int, steps: Sequence[float], levels: Sequence[Level]
) -> Level:
    reached = [
        level
        for step, level in zip(steps, levels, strict=True)
        if value >= step
    ]
    return reached[-1] if reached else Level.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFigures:
    """What one account has in one Region.

    Attributes:
        replicating: Servers that this account replicates itself.
        extended: How many servers each other account replicates for it.
    """

    region: str
    total: int = 0
    replicating: int = 0
    extended: Mapping[str, int] = field(default_factory=dict)
    jobs: int = 0
    servers_in_jobs: int = 0
    quotas: Quotas = field(default_factory=Quotas)

    def row(self) -> dict[str, Any]:
        """Return the Region as the API shows it."""
        most = self.quotas.replicating_servers
        return {
            "region": self.region,
            "totalServers": self.total,
            "replicatingServers": self.replicating,
            "maxReplicating": most,
            **_used(self.replicating, most),
            "status": str(replicating_level(self.replicating)),
        }


def region_figures(
    region: str,
    account_id: str,
    servers: Iterable[SourceServer],
    jobs: Iterable[Job] = (),
    quotas: Quotas | None = None,
) -> RegionFigures:
    """Count what an account has in a Region.

    Args:
        region: The Region.
        account_id: The account.
        servers: Every server there.
        jobs: Every job there that is not over.
        quotas: The quotas in force there; the published ones without.
    """
    every = list(servers)
    sizes = [len(job.participants) for job in jobs]
    return RegionFigures(
        region=region,
        total=len(every),
        replicating=sum(
            one.replication_state in REPLICATING
            for one in every
            if not one.is_extended(account_id)
        ),
        extended=Counter(
            one.staging_account_id
            for one in every
            if one.is_extended(account_id)
        ),
        jobs=len(sizes),
        servers_in_jobs=sum(sizes),
        quotas=quotas or Quotas(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """What one account has in all Regions.

    Attributes:
        regions: The Regions in which DRS is in use there, by name.
        failed: Why each Region that was not read was not.
        error: Why nothing could be read at all.
    """

    account_id: str
    name: str
    type: AccountType = AccountType.TARGET
    regions: Sequence[RegionFigures] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def active(self) -> list[RegionFigures]:
        """Return the Regions that have servers."""
        return [one for one in self.regions if one.total]

    @property
    def total(self) -> int:
        """Return the servers of all Regions."""
        return sum(one.total for one in self.regions)

    @property
    def replicating(self) -> int:
        """Return the servers that the account replicates itself."""
        return sum(one.replicating for one in self.regions)

    @property
    def quotas(self) -> Quotas:
        """Return the quotas of the account as a whole."""
        read = [one.quotas for one in self.active]
        return read[0] if read else Quotas()

    @property
    def max_recoverable(self) -> int:
        """Return how many servers its active Regions may have."""
        return sum(one.quotas.source_servers for one in self.active)

    @property
    def level(self) -> Level:
        """Return how full it is of replicating servers."""
        if self.error:
            return Level.UNKNOWN
        return replicating_level(self.replicating)

    def capacity(self) -> dict[str, Any]:
        """Return what it has and may have, as the API shows it."""
        most = 0 if self.error else self.quotas.replicating_servers
        return {
            "totalServers": self.total,
            "replicatingServers": self.replicating,
            "maxReplicating": most,
            **_used(self.replicating, most),
            "status": str(self.level),
            "regionalBreakdown": [one.row() for one in self.active],
        }

    def row(self) -> dict[str, Any]:
        """Return the account as the API shows it."""
        row = {
            "accountId": self.account_id,
            "accountName": self.name,
            "accountType": str(self.type),
            **self.capacity(),
            "accessible": not self.error,
            "activeRegions": len(self.active),
            "totalRegionalCapacity": self.max_recoverable,
            "warnings": self.warnings(),
        }
        return {**row, "error": self.error} if self.error else row

    def warnings(self) -> list[str]:
        """Return what somebody should know of it."""
        if self.error:
            return [f"It could not be read and is not counted: {self.error}"]
        found = []
        if self.failed:
            first = next(iter(self.failed.values()))
            found.append(
                f"{', '.join(sorted(self.failed))} could not be read; what "
                f"is there is not counted: {first}"
            )
        if any(one.quotas.fallback for one in self.active):
            found.append(
                "Service Quotas could not be read; the published quotas are "
                "used."
            )
        if self.level.is_worrying:
            found.append(
                f"{self.level}: {self.replicating} of "
                f"{self.quotas.replicating_servers} servers replicate; let "
                "another staging account replicate some."
            )
        return found


def busiest(accounts: Iterable[AccountFigures]) -> RegionFigures | None:
    """Return the Region with most jobs, then with most servers in jobs."""
    regions = [one for account in accounts for one in account.active]
    return max(
        regions,
        key=lambda one: (one.jobs, one.servers_in_jobs, one.total),
        default=None,
    )


def job_figures(region: RegionFigures) -> dict[str, Any]:
    """Return what of a Region's job quotas is used."""
    quotas = region.quotas
    return {
        "concurrentJobs": {
            "current": region.jobs,
            "max": quotas.concurrent_jobs,
            "available": max(0, quotas.concurrent_jobs - region.jobs),
        },
        "serversInJobs": {
            "current": region.servers_in_jobs,
            "max": quotas.servers_in_jobs,
        },
    }


def limits(quotas: Quotas) -> dict[str, int]:
    """Return quotas by the names of the API."""
    return {
        "MAX_SERVERS_PER_JOB": quotas.servers_per_job,
        "MAX_CONCURRENT_JOBS": quotas.concurrent_jobs,
        "MAX_SERVERS_IN_ALL_JOBS": quotas.servers_in_jobs,
        "MAX_REPLICATING_SERVERS": quotas.replicating_servers,
        "MAX_SOURCE_SERVERS": quotas.source_servers,
    }


def together(accounts: Sequence[AccountFigures]) -> dict[str, Any]:
    """Return the figures of accounts together, as the API shows them.

    Job figures are those of the busiest Region of a target account: quotas
    of jobs are a Region's, so a sum would hide that one is full.
    """
    read = [one for one in accounts if not one.error]
    combined = _combined(read)
    recovery = _recovery(read)
    targets = [one for one in read if one.type is AccountType.TARGET]
    busy = busiest(targets) or RegionFigures(region="")
    return {
        "combined": combined,
        "accounts": [one.row() for one in accounts],
        "recoveryCapacity": recovery,
        "regionalCapacity": _by_region(read),
        **job_figures(busy),
        "maxServersPerJob": busy.quotas.servers_per_job,
        "warnings": [
            *_judged("replicating servers of all accounts", combined),
            *_judged("servers that can be recovered", recovery),
            *(
                f"{one.name} ({one.account_id}): {text}"
                for one in accounts
                for text in one.warnings()
            ),
        ],
    }


def _combined(read: Sequence[AccountFigures]) -> dict[str, Any]:
    replicating = sum(one.replicating for one in read)
    most = sum(one.quotas.replicating_servers for one in read)
    return {
        "totalReplicating": replicating,
        "maxReplicating": most,
        **_used(replicating, most),
        "status": str(replicating_level(replicating, len(read))),
    }


def _recovery(read: Sequence[AccountFigures]) -> dict[str, Any]:
    targets = [one for one in read if one.type is AccountType.TARGET]
    servers = sum(one.total for one in targets)
    most = sum(one.max_recoverable for one in targets)
    return {
        "currentServers": servers,
        "maxServers": most,
        **_used(servers, most),
        "status": str(recovery_level(servers, most)),
    }


def _by_region(read: Iterable[AccountFigures]) -> list[dict[str, Any]]:
    regions: dict[str, list[RegionFigures]] = {}
    for account in read:
        for one in account.active:
            regions.setdefault(one.region, []).append(one)
    return [_region(name, regions[name]) for name in sorted(regions)]


def _region(name: str, found: Sequence[RegionFigures]) -> dict[str, Any]:
    replicating = sum(one.replicating for one in found)
    most = sum(one.quotas.replicating_servers for one in found)
    return {
        "region": name,
        "totalServers": sum(one.total for one in found),
        "replicatingServers": replicating,
        "maxReplicating": most,
        **_used(replicating, most),
        "status": str(replicating_level(replicating, len(found))),
    }


def _used(used: int, most: int) -> dict[str, Any]:
    return {
        "percentUsed": round(100 * used / most, 1) if most else 0.0,
        "availableSlots": max(0, most - used),
    }


def _judged(what: str, group: Mapping[str, Any]) -> list[str]:
    level = Level(group["status"])
    if not level.is_worrying:
        return []
    return [
        f"{level}: {group['percentUsed']:g} % of the {what} that are allowed "
        "are in use."
    ]
