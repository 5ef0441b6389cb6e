"""Answering which source servers a set of tags selects."""

from drs.source_servers import servers_by_tags
from query_handler.ports import Ports
from shared.domain.account import account_context
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire


def query_servers_by_tags(event: Wire, ports: Ports) -> Wire:
    """Return ``{server_ids}``: every server that has all the tags, by id.

    Raises:
        BadRequest: No Region, or tags that would select everything.
    """
    region, tags = event.get("region"), event.get("tags")
    if not isinstance(region, str) or not region:
        raise BadRequest("'region' is needed.", code="MISSING_REGION")
    if not isinstance(tags, dict) or not tags:
        raise BadRequest(
            "'tags' must name at least one tag.", code="INVALID_TAGS"
        )
    account = account_context(
        event.get("account_context"),
        hub_account_id=ports.run.hub_account_id,
        default_external_id=ports.external_id,
    )
    servers = servers_by_tags(ports.drs(account, region), tags)
    return {"server_ids": [server.source_server_id for server in servers]}
