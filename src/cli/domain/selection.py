"""Which servers of the estate a protection group protects.

A tag matches as in the product: keys and values are compared trimmed and
without regard to case, and a server must carry every tag.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import UNSET

from cli.domain.plan_file import (
    EstateServer,
    PlanFile,
    ProtectionGroup,
    expanded,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A server of the estate and the entry of the file that made it."""

    server: EstateServer
    region: str
    entry: int

    @property
    def names(self) -> tuple[str, ...]:
        """Return what the file may call this server."""
        explicit = self.server.source_server_id
        host = self.server.hostname
        return (host,) if explicit is UNSET else (host, explicit)


def members(plan: PlanFile) -> tuple[Member, ...]:
    """Return every server of the estate, counted entries expanded."""
    estate = plan.estate
    return tuple(
        Member(
            server=server,
            region=estate.region if entry.region is UNSET else entry.region,
            entry=index,
        )
        for index, entry in enumerate(estate.servers)
        for server in expanded(entry)
    )


def group_region(plan: PlanFile, group: ProtectionGroup) -> str:
    """Return the Region whose servers the group protects."""
    return plan.estate.region if group.region is UNSET else group.region


def selected(
    group: ProtectionGroup, region: str, servers: Sequence[Member]
) -> tuple[Member, ...]:
    """Return the servers of the group, in the order of the estate."""
    here = [member for member in servers if member.region == region]
    if group.server_selection_tags is not UNSET:
        wanted = _folded(group.server_selection_tags)
        return tuple(m for m in here if wanted <= _folded(m.server.tags))
    named = () if group.source_server_ids is UNSET else group.source_server_ids
    return tuple(m for m in here if set(m.names) & set(named))


def selections(plan: PlanFile) -> dict[str, tuple[Member, ...]]:
    """Return the servers of each group, by the group's name."""
    everyone = members(plan)
    return {
        group.group_name: selected(group, group_region(plan, group), everyone)
        for group in plan.protection_groups
    }


def _folded(tags: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (key.strip().casefold(), value.strip().casefold())
        for key, value in tags.items()
    )
