"""Recovery plans: create, read, update, delete."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_management_handler.audit import accepted
from data_management_handler.domain import plan_rules
from data_management_handler.domain.request import (
    Request,
    name_in,
    request_of,
    version_in,
)
from data_management_handler.names import check_name, name_taken
from data_management_handler.plan_checks import (
    CheckedWave,
    checked_waves,
    warnings_of,
)
from data_management_handler.ports import Ports
from data_management_handler.versions import (
    TRIES,
    changed_meanwhile,
    check_version,
    version_of,
)
from shared.domain.catalogue import PLANS, Refusal
from shared.domain.errors import BadRequest, Conflict, DatabaseError, DrError
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.plan import PlanWave
from shared.domain.wire import missing

NAME_EXISTS = "RP_NAME_EXISTS"
# A transaction has 100 actions, and some are the plan's own.
GROUPS_CHECKED = 90


def create_recovery_plan(event: Wire, ports: Ports) -> Wire:
    """Create a plan of existing groups.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_NAME``,
            ``INVALID_WAVE_DATA``, ``CIRCULAR_DEPENDENCY``,
            ``MULTI_ACCOUNT_PLAN``, ``QUOTA_EXCEEDED``, ``PLAN_TOO_LARGE``.
        Conflict: ``RP_NAME_EXISTS``.
    """
    request = request_of(event)
    draft = drafted(request.needed_body(), ports.plans.all, ports)
    warnings = warnings_of(draft.checked, ports)
    return {**stored(request, draft, ports), "warnings": warnings}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan as it is to be stored, and its waves with their servers."""

    plan: Item
    waves: Sequence[PlanWave]
    checked: Sequence[CheckedWave]


def drafted(
    body: Mapping[str, Any],
    all_plans: Callable[[], Sequence[Item]],
    ports: Ports,
    groups: Mapping[str, Item] | None = None,
) -> Draft:
    """Return the plan that a body asks for, every check made.

    Args:
        body: The request.
        all_plans: What finds the plans that it must not clash with.
        ports: The outside.
        groups: Every group by id, where the stored ones are not meant.
    """
    name = _name_in(body)
    if name is None:
        raise missing("name")
    if body.get("waves") is None:
        raise missing("waves")
    check_name(PLANS, NAME_EXISTS, name, all_plans())
    waves = plan_rules.waves_in(body["waves"])
    now = ports.clock.now()
    plan: Item = {
        "planId": str(uuid.uuid4()),
        "planName": name,
        "description": "",
        "rpo": "",
        "rto": "",
        **plan_rules.texts_in(body),
        "waves": [plan_rules.wave_item(wave) for wave in waves],
        "createdDate": now,
        "lastModifiedDate": now,
        "version": 1,
    }
    plan_rules.check_storable(plan)
    checked = checked_waves(waves, ports, groups)
    return Draft(plan=plan, waves=waves, checked=checked)


def stored(request: Request, draft: Draft, ports: Ports) -> Item:
    """Store a new plan and show it."""
    plan = draft.plan
    audit = accepted(request, PLANS, {}, plan, ports)
    refusal = ports.plans.create(plan, audit, _needs(draft.waves))
    if refusal is not None:
        raise _refused(refusal, plan, plan, ports)
    return shown(plan)


def get_recovery_plan(event: Wire, ports: Ports) -> Wire:
    """Return a plan.

    Raises:
        NotFound: ``RECOVERY_PLAN_NOT_FOUND``.
    """
    return shown(ports.plans.find(request_of(event).object_id))


def update_recovery_plan(event: Wire, ports: Ports) -> Wire:
    """Change a plan that is not being executed.

    Raises:
        BadRequest: As when it is created.
        Conflict: ``VERSION_CONFLICT``, ``PLAN_HAS_ACTIVE_EXECUTION``,
            ``RP_NAME_EXISTS``.
        NotFound: ``RECOVERY_PLAN_NOT_FOUND``.
    """
    request = request_of(event)
    body = request.needed_body()
    before = ports.plans.find(request.object_id)
    check_version(PLANS, before, version_in(body))
    changes: Item = dict(plan_rules.texts_in(body))
    name = _name_in(body)
    if name is not None:
        changes["planName"] = name
    waves: Sequence[PlanWave] = ()
    if body.get("waves") is not None:
        waves = plan_rules.waves_in(body["waves"])
        changes["waves"] = [plan_rules.wave_item(wave) for wave in waves]
    _check_not_running(before, ports)
    if name is not None:
        plans = ports.plans.all()
        check_name(PLANS, NAME_EXISTS, name, plans, own_id=before["planId"])
    after: Item = {
        **before,
        **changes,
        "lastModifiedDate": ports.clock.now(),
        "version": version_of(before) + 1,
    }
    plan_rules.check_storable(after)
    warnings = warnings_of(checked_waves(waves, ports), ports) if waves else []
    _replace(request, before, after, waves, ports)
    return {**shown(after), "warnings": warnings}


def delete_recovery_plan(event: Wire, ports: Ports) -> Wire:
    """Delete a plan that is not being executed.

    Raises:
        Conflict: ``PLAN_HAS_ACTIVE_EXECUTION``.
        NotFound: ``RECOVERY_PLAN_NOT_FOUND``.
        DatabaseError: ``DELETE_FAILED``.
    """
    request = request_of(event)
    for _ in range(TRIES):
        plan = ports.plans.find(request.object_id)
        _check_not_running(plan, ports)
        audit = accepted(request, PLANS, plan, {}, ports)
        try:
            refusal = ports.plans.delete(plan, audit)
        except DatabaseError as error:
            raise DatabaseError(
                f"Plan {plan['planName']} could not be deleted: "
                f"{error.message}",
                code="DELETE_FAILED",
                planId=plan["planId"],
            ) from error
        if refusal is Refusal.LOCKED:
            raise _running(plan, [])
        if refusal is None:
            return {
                "message": f"Plan {plan['planName']} is deleted.",
                "planId": plan["planId"],
            }
    raise changed_meanwhile(PLANS, ports.plans.find(request.object_id))


def shown(plan: Mapping[str, Any]) -> Item:
    """Return a plan as the API shows it."""
    return {
        **plan,
        "name": plan["planName"],
        "waveCount": len(plan.get("waves") or ()),
    }


def _name_in(body: Mapping[str, Any]) -> str | None:
    for field in ("name", "planName"):
        if body.get(field) is not None:
            return name_in(body, field)
    return None


def _needs(waves: Sequence[PlanWave]) -> list[str]:
    """Return the groups that must still be there when the plan is written.

    The check before the write has seen them all.
    """
    ids = dict.fromkeys(one for wave in waves for one in wave.group_ids)
    return list(ids)[:GROUPS_CHECKED]


def _check_not_running(plan: Mapping[str, Any], ports: Ports) -> None:
    active = [
        record.execution_id
        for record in ports.executions.active()
        if record.plan_id == plan["planId"]
    ]
    if active:
        raise _running(plan, active)


def _running(plan: Mapping[str, Any], active: Sequence[str]) -> Conflict:
    return Conflict(
        f"Plan {plan['planName']} is being executed; wait for the end of "
        f"{', '.join(active) or 'its start'}, or cancel it.",
        code="PLAN_HAS_ACTIVE_EXECUTION",
        activeExecutions=list(active),
        planId=plan["planId"],
    )


def _replace(
    request: Request,
    before: Item,
    after: Item,
    waves: Sequence[PlanWave],
    ports: Ports,
) -> None:
    audit = accepted(request, PLANS, before, after, ports)
    refusal = ports.plans.replace(before, after, audit, _needs(waves))
    if refusal is not None:
        raise _refused(refusal, before, after, ports)


def _refused(
    refusal: Refusal, before: Item, after: Item, ports: Ports
) -> DrError:
    match refusal:
        case Refusal.NAME_TAKEN:
            return name_taken(PLANS, NAME_EXISTS, after["planName"])
        case Refusal.LOCKED:
            return _running(before, [])
        case Refusal.NEED_GONE:
            return BadRequest(
                "A group of the plan was deleted meanwhile; choose another.",
                code="INVALID_WAVE_DATA",
                field="waves",
            )
        case _:
            stored = ports.plans.find(before["planId"])
            return changed_meanwhile(PLANS, stored, before)
