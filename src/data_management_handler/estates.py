"""What DRS has in an account's Region: servers, active jobs, quotas.

Looked at once for everything that a request wants to know of the Region. A
list may see what an earlier one saw up to 30 s ago.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from data_management_handler.domain.place import Estate, Place
from data_management_handler.ports import Ports
from drs.domain.tags import TagIndex
from drs.looks import OF_THE_REGION, look
from shared.domain.errors import BadRequest

KEPT_SECONDS: Final = 30
KEPT_AT_MOST: Final = 200


def estate(place: Place, ports: Ports) -> Estate:
    """Look at a Region now.

    Raises:
        BadRequest: ``DRS_NOT_INITIALIZED``, ``REGION_NOT_ENABLED``.
        Unavailable: DRS or the account cannot be asked.
    """
    reach = ports.at(place)
    return Estate(
        account_id=reach.account_id,
        region=place.region,
        servers=TagIndex(look(reach.source_servers)),
        jobs=look(reach.active_jobs),
        quotas=reach.quotas(),
    )


def estates_of(
    groups: Sequence[Mapping[str, Any]], ports: Ports
) -> dict[Place, Estate]:
    """Return the Regions of many groups, each looked at once.

    A Region in which DRS is not in use has no servers.
    """
    now = ports.clock.now()
    found: dict[Place, Estate] = {}
    for place in {ports.place_of(group) for group in groups}:
        kept = ports.kept.get(place)
        if kept is None or kept[0] + KEPT_SECONDS <= now:
            kept = (now, _swept(place, ports))
        found[place] = kept[1]
        if len(ports.kept) >= KEPT_AT_MOST:
            ports.kept.clear()
        ports.kept[place] = kept
    return found


def _swept(place: Place, ports: Ports) -> Estate:
    try:
        return estate(place, ports)
    except BadRequest as error:
        if error.code not in OF_THE_REGION:
            raise
        account = ports.account(place.account_id, place.assume_role_name)
        return Estate(account_id=account.account_id, region=place.region)
