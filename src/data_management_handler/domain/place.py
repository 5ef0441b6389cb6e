"""Where a group's servers are, and what DRS has there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from drs.domain.capacity import Quotas
from drs.domain.conflicts import InJob, in_jobs
from drs.domain.job import Job
from drs.domain.tags import TagIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a group's servers are; an empty account is the hub."""

    account_id: str
    region: str
    assume_role_name: str = ""

    @classmethod
    def of(cls, group: Mapping[str, Any]) -> Self:
        """Return where a stored group's servers are."""
        return cls(
            account_id=str(group.get("accountId") or ""),
            region=str(group.get("region") or ""),
            assume_role_name=str(group.get("assumeRoleName") or ""),
        )

    def holds(self, group: Mapping[str, Any]) -> bool:
        """Tell whether a group is of the same account and Region."""
        other = Place.of(group)
        return (other.account_id, other.region) == (
            self.account_id,
            self.region,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """One account's Region as DRS shows it."""

    account_id: str
    region: str
    servers: TagIndex = field(default_factory=lambda: TagIndex(()))
    jobs: Sequence[Job] = ()
    quotas: Quotas = field(default_factory=Quotas)

    @property
    def busy(self) -> list[InJob]:
        """Return the servers that active jobs work on."""
        return in_jobs(self.jobs, self.account_id, self.region)
