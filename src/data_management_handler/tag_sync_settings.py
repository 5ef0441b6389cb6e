"""When tags are copied: the schedule's state, and changing it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from data_management_handler.domain.request import (
    Request,
    request_of,
    wish,
)
from data_management_handler.ports import Ports
from data_management_handler.tag_sync import OPERATION
from shared.domain.errors import BadRequest, DrError
from shared.domain.execution import Wire
from shared.domain.schedule import Rule, Schedule, every, said_changed
from shared.domain.updates import iso
from shared.domain.wire import missing, wrong_type

WHAT: Final = "Copies the tags of EC2 instances to the servers of DRS."
MOST_HOURS: Final = 24


def get_tag_sync_settings(event: Wire, ports: Ports) -> Wire:
    """Return the schedule's state.

    Raises:
        BadRequest: ``RULE_NOT_FOUND``.
    """
    request_of(event)
    rule = _rule(ports)
    return _shown(rule, rule.read())


def update_tag_sync_settings(event: Wire, ports: Ports) -> Wire:
    """Switch the schedule on or off, or change its interval.

    One that is switched on begins with a sync, after the reply.

    Raises:
        BadRequest: ``RULE_NOT_FOUND``, ``MISSING_FIELD``,
            ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    request = request_of(event)
    body = request.needed_body()
    if body.get("enabled") is None:
        raise missing("enabled")
    enabled, hours = wish(body, "enabled"), _hours_in(body)
    rule = _rule(ports)
    before = rule.read()
    after = replace(
        before,
        enabled=enabled,
        expression=before.expression if hours is None else every(hours),
        description=said_changed(WHAT, iso(ports.clock.now()), request.user),
    )
    rule.write(after)
    result = _triggered(request, ports) if enabled else None
    return {
        **_shown(rule, after),
        "syncTriggered": bool(result and result["status"] == "started"),
        "syncResult": result,
    }


def _triggered(request: Request, ports: Ports) -> dict[str, Any]:
    """Let a sync of every account follow; the schedule stands without it."""
    try:
        ports.hand_over({"operation": OPERATION, "initiatedBy": request.user})
    except DrError as error:
        return {"status": "failed", "error": error.message}
    return {"status": "started"}


def _rule(ports: Ports) -> Rule:
    if ports.tag_sync_rule is None:
        raise BadRequest(
            "This installation has no rule that copies tags; set "
            "TAG_SYNC_RULE_NAME.",
            code="RULE_NOT_FOUND",
        )
    return ports.tag_sync_rule


def _hours_in(body: Mapping[str, Any]) -> int | None:
    value = body.get("intervalHours")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("intervalHours", "a whole number", value)
    if not 1 <= value <= MOST_HOURS:
        raise BadRequest(
            f"'intervalHours' is {value}; it must be from 1 to {MOST_HOURS}.",
            code="INVALID_FORMAT",
            field="intervalHours",
        )
    return value


def _shown(rule: Rule, schedule: Schedule) -> dict[str, Any]:
    return {
        "enabled": schedule.enabled,
        "intervalHours": schedule.hours,
        "scheduleExpression": schedule.expression,
        "ruleName": rule.name,
        "lastModified": schedule.changed_at,
    }
