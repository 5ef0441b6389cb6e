"""Applying a group's launch configuration when it is saved.

The group is stored already, and a wave applies its configuration again, so
nothing depends on this: what the time does not suffice for is left to the
wave and said so.
"""

from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any, Final

from data_management_handler.domain.warnings import Warning_, warning
from data_management_handler.ports import Ports
from drs.domain.launch_config import has_launch_settings
from drs.launch_settings import (
    AppliedStatus,
    ServerApplied,
    apply_launch_settings,
)

AT_ONCE: Final = 50
# A round may wait 15 s for DRS to come round.
SPARE_SECONDS: Final = 20
DEFERRED: Final = "DEFERRED_TO_WAVE_START"
FAILED: Final = "LAUNCH_CONFIG_APPLY_FAILED"


def applied_on_save(
    group: Mapping[str, Any], server_ids: Sequence[str], ports: Ports
) -> tuple[dict[str, Any], list[Warning_]]:
    """Return what was applied, and a warning for each failure.

    Args:
        group: The whole group, as it is stored.
        server_ids: Its servers.
        ports: The outside.
    """
    results: dict[str, ServerApplied] = {}
    if has_launch_settings(group):
        reach = ports.at(ports.place_of(group))
        for some in batched(server_ids, AT_ONCE):
            if ports.seconds_left <= SPARE_SECONDS:
                break
            results |= apply_launch_settings(
                reach, group, some, sleep=ports.clock.sleep
            )
        results |= {
            one: ServerApplied(status=AppliedStatus.SKIPPED, reason=DEFERRED)
            for one in server_ids
            if one not in results
        }
    return _shown(results), [
        _failure(server, result)
        for server, result in results.items()
        if result.status is AppliedStatus.FAILED
    ]


def _shown(results: Mapping[str, ServerApplied]) -> dict[str, Any]:
    count = {
        str(status): sum(one.status is status for one in results.values())
        for status in AppliedStatus
    }
    return {
        **count,
        "details": [_row(sid, result) for sid, result in results.items()],
    }


def _row(server_id: str, result: ServerApplied) -> dict[str, Any]:
    row: dict[str, Any] = {
        "serverId": server_id,
        "status": str(result.status),
    }
    if result.template_id:
        row["templateId"] = result.template_id
    if result.status is AppliedStatus.FAILED:
        row |= {"reason": FAILED, "error": result.reason}
    elif result.reason:
        row["reason"] = result.reason
    return row


def _failure(server_id: str, result: ServerApplied) -> Warning_:
    return warning(
        FAILED,
        f"The launch configuration of {server_id} could not be applied: "
        f"{result.reason}",
        "It is stored, and is applied again when a wave starts.",
    )
