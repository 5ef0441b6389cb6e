"""A Region that is asked once for what one request wants to know often.

Servers and active jobs are kept as they were first seen; everything else is
passed on. Only for the length of one request.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

from drs.domain.job import Job
from drs.domain.ports import DrsRegion, DrsRegions
from drs.domain.servers import SourceServer
from shared.domain.account import AccountContext


class _Remembered:
    """Passes on to a Region what it does not remember itself."""

    def __init__(self, region: DrsRegion) -> None:
        self._region = region

    def __getattr__(self, name: str) -> Any:
        """Return what the Region has under that name."""
        return getattr(self._region, name)

    def source_servers(self, ids: Sequence[str] = ()) -> list[SourceServer]:
        """Return the servers of the ids DRS knows; every one without ids."""
        if not ids:
            return list(self._servers.values())
        return [self._servers[one] for one in ids if one in self._servers]

    def active_jobs(self) -> list[Job]:
        """Return the jobs, of whatever kind, that are not over."""
        return self._jobs

    @cached_property
    def _servers(self) -> dict[str, SourceServer]:
        servers = self._region.source_servers()
        return {one.source_server_id: one for one in servers}

    @cached_property
    def _jobs(self) -> list[Job]:
        return self._region.active_jobs()


def remembered(region: DrsRegion) -> DrsRegion:
    """Return the Region, asked for servers and active jobs once."""
    # It has every method of the Region, most of them by passing them on.
    return cast(DrsRegion, _Remembered(region))


def remembering(regions: DrsRegions) -> DrsRegions:
    """Return the ways in, each Region asked once."""
    known: dict[tuple[AccountContext, str], DrsRegion] = {}

    def reach(account: AccountContext, region: str) -> DrsRegion:
        if (account, region) not in known:
            known[account, region] = remembered(regions(account, region))
        return known[account, region]

    return reach
