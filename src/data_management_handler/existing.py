"""What earlier launches of a plan's servers left running.

Asked in every group's own account and Region. Which instances count is
decided in ``drs.domain.existing_instances``.
"""

from collections.abc import Mapping
from typing import Any

from data_management_handler.domain.place import Place
from data_management_handler.domain.plan_rules import group_ids
from data_management_handler.domain.request import request_of
from data_management_handler.estates import estates_of
from data_management_handler.plan_checks import group_servers
from data_management_handler.ports import Ports
from drs.existing_instances import existing_instances
from drs.looks import look
from shared.domain.errors import DrError, NotFound
from shared.domain.execution import Wire

type Group = Mapping[str, Any]


def check_existing_instances(event: Wire, ports: Ports) -> Wire:
    """Return the live recovery instances of a plan's servers.

    Raises:
        NotFound: ``RECOVERY_PLAN_NOT_FOUND``.
        DrError: ``CHECK_FAILED``: a group of the plan is gone.
        Unavailable: DRS or an account cannot be asked.
    """
    plan = ports.plans.find(request_of(event).object_id)
    rows = [
        row
        for place, servers in _servers(plan, ports).items()
        if servers
        for row in _running(place, servers, ports)
    ]
    return {
        "planId": plan["planId"],
        "hasExistingInstances": bool(rows),
        "existingInstances": rows,
        "instanceCount": len(rows),
    }


def _running(
    place: Place, server_ids: set[str], ports: Ports
) -> list[dict[str, Any]]:
    reach = ports.at(place)
    found = look(
        lambda: existing_instances(server_ids, reach, ports.executions)
    )
    return [one.row() for one in found]


def _servers(plan: Mapping[str, Any], ports: Ports) -> dict[Place, set[str]]:
    """Return the servers of a plan's waves, Region by Region."""
    waves = [
        (_group(one, plan, ports), wave.get("serverIds") or ())
        for wave in plan.get("waves") or ()
        for one in group_ids(wave)
    ]
    estates = estates_of([group for group, _ in waves], ports)
    ordered = sorted(estates, key=lambda place: place.here)
    found: dict[Place, set[str]] = {place: set() for place in ordered}
    for group, chosen in waves:
        place = ports.place_of(group)
        found[place] |= group_servers(group, estates[place], chosen)
    return found


def _group(group_id: str, plan: Mapping[str, Any], ports: Ports) -> Group:
    try:
        return ports.groups.find(group_id)
    except NotFound as error:
        raise DrError(
            f"Plan {plan['planName']} names group {group_id}, which is gone; "
            "take it out of the plan, then check again.",
            code="CHECK_FAILED",
            planId=plan["planId"],
        ) from error
