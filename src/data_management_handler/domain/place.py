"""Where a group's servers are, and what DRS has there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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

    @property
    def here(self) -> tuple[str, str]:
        """Return account and Region, whatever role leads there."""
        return self.account_id, self.region


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
