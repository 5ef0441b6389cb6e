"""Validating a document before it is imported; nothing is written.

What the document itself tells is decided in ``domain.manifest``; here its
servers are asked for in DRS, in each group's own account and Region.
"""

from collections.abc import Mapping
from typing import Any

from data_management_handler.configuration import (
    _get_existing_protection_groups,
    _get_existing_recovery_plans,
)
from data_management_handler.domain import manifest
from data_management_handler.domain.import_rows import reason_of
from data_management_handler.domain.manifest import Problem
from data_management_handler.domain.request import request_of, text
from data_management_handler.importing import seen_once
from data_management_handler.ports import Ports
from data_management_handler.server_checks import validate_servers_exist_in_drs
from shared.domain.catalogue import folded
from shared.domain.configuration import GROUPS
from shared.domain.errors import DatabaseError, DrError
from shared.domain.execution import Wire
from shared.domain.wire import object_in

type Entry = Mapping[str, Any]


def validate_manifest(event: Wire, ports: Ports) -> Wire:
    """Return what an import of a document would stumble over.

    Raises:
        BadRequest: ``MISSING_BODY``, ``INVALID_TYPE``.
    """
    body = request_of(event).needed_body()
    document = object_in(body, "manifest") if "manifest" in body else body
    mine = seen_once(ports)
    groups, plans = (
        {folded(str(one[name])) for one in found}
        for found, name in (
            (_get_existing_protection_groups(ports=mine), "groupName"),
            (_get_existing_recovery_plans(ports=mine), "planName"),
        )
    )
    errors = [
        *manifest.problems(document, groups),
        *(
            problem
            for at, group in manifest.entries(document, GROUPS)
            for problem in _of_servers(at, group, mine)
        ),
    ]
    return {
        "valid": not errors,
        "errors": [one.to_wire() for one in errors],
        "warnings": [
            one.to_wire() for one in manifest.repeated(document, groups, plans)
        ],
        "summary": manifest.summary(document),
    }


def _of_servers(at: str, group: Entry, ports: Ports) -> list[Problem]:
    """Return the servers that DRS has not, or why it could not be asked."""
    ids = group.get("sourceServerIds")
    region = group.get("region")
    if not isinstance(region, str) or not region.strip():
        return []
    if not isinstance(ids, list) or group.get("serverSelectionTags"):
        return []
    try:
        account = ports.account(
            text(group, "accountId"), text(group, "assumeRoleName")
        )
        found = validate_servers_exist_in_drs(
            [str(one) for one in ids],
            region.strip(),
            account,
            regions=ports.drs,
        )
    except DatabaseError:
        raise
    except DrError as error:
        reason = reason_of(error, by_tags=False, active=())
        return [Problem(path=at, code=str(reason), message=error.message)]
    return [
        Problem(
            path=f"{at}.sourceServerIds",
            code="SERVER_NOT_FOUND",
            message=f"DRS has no server {one} in {region}.",
        )
        for one in found["missingServers"]
    ]
