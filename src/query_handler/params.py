"""What a look-up's parameters say: Regions, ids, lists of them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from drs.domain.regions import check_region
from query_handler.ports import Lookups
from shared.domain.errors import BadRequest
from shared.domain.execution import Wire
from shared.domain.wire import object_in, shown, text_in, wrong_type

_SERVER: Final = re.compile(r"s-[0-9a-zA-Z]{17}")
_VPC: Final = re.compile(r"vpc-[0-9a-f]{8,17}")
_LIST_CHARACTERS: Final = 65_536


def params_of(event: Wire) -> Wire:
    """Return the parameters of an operation.

    Raises:
        BadRequest: ``INVALID_TYPE``.
    """
    return object_in(event, "queryParams")


def region_in(params: Mapping[str, Any], ports: Lookups) -> str:
    """Return the Region that has to be named.

    Raises:
        BadRequest: ``MISSING_REGION``, ``INVALID_TYPE``, or
            ``INVALID_FORMAT``: DRS is not there.
    """
    region = text_in(params, "region").strip()
    if not region:
        raise BadRequest(
            "'region' is needed; name the Region to look at.",
            code="MISSING_REGION",
            field="region",
        )
    check_region(region, ports.drs_region_names())
    return region


def server_ids_in(params: Mapping[str, Any]) -> list[str]:
    """Return the servers asked for, none where all are.

    They come in a list, or as a text with commas.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    given = params.get("serverIds")
    if not isinstance(given, list):
        given = text_in(params, "serverIds", _LIST_CHARACTERS).split(",")
    return checked_ids(given)


def checked_ids(given: list[Any]) -> list[str]:
    """Return ids of source servers, each once, blank ones left out.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    for one in given:
        if not isinstance(one, str):
            raise wrong_type("serverIds", "a list of ids", one)
    ids = list(dict.fromkeys(one.strip() for one in given if one.strip()))
    for one in ids:
        if not _SERVER.fullmatch(one):
            raise BadRequest(
                f"'serverIds' has {shown(one)}, which is no id of a source "
                "server; one is s- and 17 characters.",
                code="INVALID_FORMAT",
                field="serverIds",
            )
    return ids


def vpc_in(params: Mapping[str, Any]) -> str:
    """Return the VPC asked for, empty where it is any.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    vpc_id = text_in(params, "vpcId").strip()
    if vpc_id and not _VPC.fullmatch(vpc_id):
        raise BadRequest(
            f"'vpcId' is {shown(vpc_id)}; it must be like "
            "vpc-0123456789abcdef0.",
            code="INVALID_FORMAT",
            field="vpcId",
        )
    return vpc_id
