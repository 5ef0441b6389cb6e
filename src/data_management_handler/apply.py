"""Applying a group's launch configuration when it is saved.

The group is stored already, and a wave applies its configuration again, so
nothing depends on this: what the time does not suffice for is left to the
wave and said so, in the reply and in the group's ``launchConfigStatus``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, Final

from data_management_handler.domain.launch_status import achieved, order_of
from data_management_handler.domain.warnings import Warning_, warning
from data_management_handler.ports import Ports
from drs.domain.launch_config import has_launch_settings
from drs.domain.launch_results import (
    AppliedStatus,
    ServerApplied,
    counted,
    detail,
)
from drs.launch_settings import apply_launch_settings
from shared import log
from shared.domain.items import Item
from shared.domain.updates import iso

AT_ONCE: Final = 20
DELAYS: Final = (1, 2)
# Some calls and the delays between them, and the status that is noted then.
SPARE_SECONDS: Final = 8
DEFERRED: Final = "DEFERRED_TO_WAVE_START"
OF_GROUP: Final = "LAUNCH_CONFIG_APPLY_FAILED"
OF_SERVERS: Final = "SERVERS_CONFIG_APPLY_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of a group's configuration when it was saved.

    ``group`` is the item as it is stored now.
    """

    group: Item
    results: dict[str, Any]
    warnings: list[Warning_] = field(default_factory=list)


def applied_on_save(
    group: Item,
    server_ids: Sequence[str],
    user: str,
    ports: Ports,
    *,
    failed_as: str = OF_GROUP,
) -> Saved:
    """Apply what was stored, note how far that got, and tell it.

    Args:
        group: The whole group, as it is stored.
        server_ids: The servers whose configuration is touched.
        user: Who saved it.
        ports: The outside.
        failed_as: The reason that failures have in the reply.
    """
    results: dict[str, ServerApplied] = {}
    if has_launch_settings(group):
        results = _applied(group, server_ids, ports)
    if any(one.config_hash for one in results.values()):
        group = _noted(group, results, user, ports)
    return Saved(
        group=group,
        results={
            **counted(results),
            "details": [
                detail(server, result, failed_as)
                for server, result in results.items()
            ],
        },
        warnings=[
            _failure(server, result, failed_as)
            for server, result in results.items()
            if result.status is AppliedStatus.FAILED
        ],
    )


def _applied(
    group: Item, server_ids: Sequence[str], ports: Ports
) -> dict[str, ServerApplied]:
    reach = ports.at(ports.place_of(group))
    results: dict[str, ServerApplied] = {}
    for some in batched(order_of(group, server_ids), AT_ONCE):
        if ports.seconds_left <= SPARE_SECONDS:
            break
        results |= apply_launch_settings(
            reach, group, some, delays=DELAYS, sleep=ports.clock.sleep
        )
    put_off = ServerApplied(status=AppliedStatus.SKIPPED, reason=DEFERRED)
    return {one: results.get(one, put_off) for one in server_ids}


def _noted(
    group: Item,
    results: Mapping[str, ServerApplied],
    user: str,
    ports: Ports,
) -> Item:
    """Return the group with the results, as far as they may be stored."""
    after = achieved(group, results, by=user, at=iso(ports.clock.now()))
    if ports.groups.note(after):
        return after
    # Whoever has changed the group meanwhile notes what they applied.
    log.event("launch_config_status_outdated", group_id=group["groupId"])
    return group


def _failure(
    server_id: str, result: ServerApplied, failed_as: str
) -> Warning_:
    return warning(
        failed_as,
        f"The launch configuration of {server_id} could not be applied: "
        f"{result.reason}",
        "It is stored, and is applied again when a wave starts.",
    )
