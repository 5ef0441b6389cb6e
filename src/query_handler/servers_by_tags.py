"""Answering which source servers a set of tags selects."""

import re

from drs.source_servers import query_drs_servers_by_tags
from query_handler.ports import Ports
from shared.domain.account import account_context
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.wire import object_in, shown, text_in

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}")


def query_servers_by_tags(event: Wire, ports: Ports) -> Wire:
    """Return ``{server_ids}``: every server that has all the tags, by id.

    Raises:
        BadRequest: No Region, or tags that would select everything.
    """
    region, tags = text_in(event, "region"), object_in(event, "tags")
    if not region:
        raise BadRequest("'region' is needed.", code="MISSING_REGION")
    if not _REGION.fullmatch(region):
        raise BadRequest(
            f"'region' is {shown(region)}, which is no Region's name.",
            code="INVALID_FORMAT",
            field="region",
        )
    if not tags:
        raise BadRequest(
            "'tags' must name at least one tag.", code="INVALID_TAGS"
        )
    for key, value in tags.items():
        if not isinstance(value, str):
            raise BadRequest(
                f"'tags' must have texts as values, not {shown(value)} for "
                f"{shown(key)}.",
                code="INVALID_TAGS",
            )
    account = account_context(
        object_in(event, "account_context"),
        hub_account_id=ports.run.hub_account_id,
        default_external_id=ports.external_id,
    )
    found = query_drs_servers_by_tags(region, tags, account, regions=ports.drs)
    return {"server_ids": found}
