"""Tags of source servers, jobs and recovery instances, by ARN.

Decides which resource an ARN names. An ARN of another account or Region
names nothing here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drs_simulator.domain.faults import ServiceFault, invalid, not_found
from drs_simulator.domain.ids import split_arn
from drs_simulator.domain.records import Wire
from drs_simulator.domain.region import Context

MOST_TAGS = 50


def tag_resource(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer TagResource."""
    tags = {**_tags(ctx, request["resourceArn"]), **request["tags"]}
    if any(key.lower().startswith("aws:") for key in request["tags"]):
        raise invalid("A tag key cannot begin with aws:.")
    if len(tags) > MOST_TAGS:
        raise invalid(f"A resource has at most {MOST_TAGS} tags.")
    _put(ctx, request["resourceArn"], tags)
    return {}


def untag_resource(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer UntagResource; a key that is not there is no error."""
    tags = _tags(ctx, request["resourceArn"])
    for key in request["tagKeys"]:
        tags.pop(key, None)
    _put(ctx, request["resourceArn"], tags)
    return {}


def list_tags_for_resource(ctx: Context, request: Mapping[str, Any]) -> Wire:
    """Answer ListTagsForResource."""
    return {"tags": _tags(ctx, request["resourceArn"])}


def _named(ctx: Context, text: str) -> tuple[str, str]:
    parts = split_arn(text)
    if parts is None:
        raise invalid(f"{text} is no ARN of this service.")
    account, region, kind, resource = parts
    if account != ctx.region.account:
        raise ServiceFault(
            "AccessDeniedException",
            f"{text} belongs to another account than {ctx.region.account}.",
        )
    if region != ctx.region.name:
        raise not_found(kind, resource)
    return kind, resource


def _tags(ctx: Context, text: str) -> dict[str, str]:
    kind, resource = _named(ctx, text)
    region = ctx.region
    match kind:
        case "source-server" if resource in region.servers:
            return dict(region.servers[resource].tags)
        case "job" if resource in region.jobs:
            return dict(region.jobs[resource].tags)
        case "recovery-instance" if resource in region.instances:
            return dict(region.instances[resource].tags)
        case _:
            raise not_found(kind, resource)


def _put(ctx: Context, text: str, tags: dict[str, str]) -> None:
    kind, resource = _named(ctx, text)
    region = ctx.region
    if kind == "source-server":
        region.put(replace(region.servers[resource], tags=tags))
    elif kind == "job":
        region.jobs[resource] = replace(region.jobs[resource], tags=tags)
    else:
        region.instances[resource] = replace(
            region.instances[resource], tags=tags
        )
