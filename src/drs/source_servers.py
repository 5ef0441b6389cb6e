"""Find source servers by tags, in any account and Region.

The one resolver of tag selections; every handler asks it. Which servers a
selection means is decided in ``drs.domain.tags``.
"""

from collections.abc import Mapping
from typing import Any

from drs.domain.ports import DrsRegion, DrsRegions
from drs.domain.server_view import server_view
from drs.domain.servers import SourceServer
from drs.domain.tags import TagQuery, matching
from drs.reach import Context, region_of


def servers_by_tags(
    region: DrsRegion, tags: Mapping[str, str]
) -> list[SourceServer]:
    """Return the Region's servers that the tags select, by id.

    A selection that means nothing is refused before DRS is asked.
    """
    TagQuery.of(tags)
    return matching(region.source_servers(), tags)


def query_drs_servers_by_tags(
    region: str,
    tags: Mapping[str, str],
    account_context: Context = None,
    *,
    regions: DrsRegions | None = None,
) -> list[str]:
    """Return the ids of the servers that the tags select, in id order."""
    reach = region_of(region, account_context, regions)
    servers = servers_by_tags(reach, tags)
    return [server.source_server_id for server in servers]


def find_servers_by_tags(
    tags: Mapping[str, str],
    region: str,
    account_context: Context = None,
) -> list[dict[str, Any]]:
    """Return the servers that the tags select, as objects of the API."""
    servers = servers_by_tags(region_of(region, account_context), tags)
    return [server_view(server) for server in servers]
