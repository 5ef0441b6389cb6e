"""The quotas of the service, their published codes and who has which.

Decides the value of a quota for an account and Region. Does not decide what
counts against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from drs_simulator.domain.faults import ControlError


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One quota as Service Quotas shows it."""

    code: str
    name: str
    adjustable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The limits in force in one account and Region."""

    servers_per_job: int = 100
    concurrent_jobs: int = 20
    servers_in_jobs: int = 500
    jobs_per_server: int = 1
    replicating_servers: int = 300
    source_servers: int = 4000
    launch_actions: int = 200
    source_networks: int = 100


CATALOGUE: Mapping[str, Quota] = {
    "servers_per_job": Quota(
        code="L-B827C881", name="Max number of source servers in a single job"
    ),
    "concurrent_jobs": Quota(
        code="L-D88FAC3A", name="Concurrent jobs in progress"
    ),
    "servers_in_jobs": Quota(
        code="L-05AFA8C6", name="Max number of source servers in all jobs"
    ),
    "jobs_per_server": Quota(
        code="L-DD6D028C", name="Concurrent jobs per source server"
    ),
    "replicating_servers": Quota(
        code="L-C1D14A2B",
        name="Max number of replicating source servers",
        adjustable=False,
    ),
    "source_servers": Quota(
        code="L-E28BE5E0", name="Max number of source servers"
    ),
    "launch_actions": Quota(
        code="L-0588D03B", name="Max launch actions per resource"
    ),
    "source_networks": Quota(
        code="L-4B0323BD", name="Max number of source networks"
    ),
}
CODES: Mapping[str, str] = {q.code: name for name, q in CATALOGUE.items()}
_NAMES = frozenset(f.name for f in fields(Quotas))


def adjusted(quotas: Quotas, values: Mapping[str, int]) -> Quotas:
    """Return the quotas with the given ones changed.

    Args:
        quotas: the quotas in force.
        values: new values by code (``L-B827C881``) or name
            (``servers_per_job``).

    Raises:
        ControlError: a name that is no quota, or a negative value.
    """
    changes: dict[str, int] = {}
    for key, value in values.items():
        name = CODES.get(key, key)
        if name not in _NAMES:
            known = ", ".join(sorted([*_NAMES, *CODES]))
            raise ControlError(f"{key} is no quota; known are {known}")
        if value < 0:
            raise ControlError(f"quota {key} cannot be negative: {value}")
        changes[name] = value
    return replace(quotas, **changes)


@dataclass(slots=True, kw_only=True)
class QuotaBook:
    """The default quotas and the exceptions by account and Region."""

    default: Quotas = field(default_factory=Quotas)
    exceptions: dict[str, Quotas] = field(default_factory=dict)

    def of(self, account: str, region: str) -> Quotas:
        """Return the quotas in force, the closest exception first."""
        for key in (f"{account}/{region}", account):
            if key in self.exceptions:
                return self.exceptions[key]
        return self.default

    def adjust(
        self, values: Mapping[str, int], account: str = "", region: str = ""
    ) -> Quotas:
        """Change quotas everywhere, in an account, or in one Region of it."""
        if not account:
            if region:
                raise ControlError(
                    f"quotas of Region {region} need an accountId"
                )
            self.default = adjusted(self.default, values)
            return self.default
        key = f"{account}/{region}" if region else account
        self.exceptions[key] = adjusted(self.of(account, region), values)
        return self.exceptions[key]
