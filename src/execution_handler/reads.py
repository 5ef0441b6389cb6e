"""Reading executions, from the stored items only."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

import msgspec

from execution_handler.enrich import enrich_execution_with_server_details
from execution_handler.ports import Ports
from execution_handler.requests import execution_named
from execution_handler.views import detailed, listed
from shared.domain.errors import BadRequest, NotFound
from shared.domain.execution import Wire
from shared.domain.record import Record
from shared.domain.routes import number_in, word_in
from shared.domain.status import Status
from shared.domain.wire import shown, text_in

MAX_PAGE = 100
PAGE = 50

# Where a page ended: the start and the id of its last execution.
type Place = tuple[int, str]


def get_execution(event: Wire, ports: Ports) -> Wire:
    """Return an execution with the servers of its waves.

    Raises:
        BadRequest: ``MISSING_FIELD``.
        NotFound: ``EXECUTION_NOT_FOUND``.
    """
    record = ports.run.executions.find(execution_named(event))
    return enrich_execution_with_server_details(
        stored_details(record, ports), record.drs_region, live=False
    )


def stored_details(record: Record, ports: Ports) -> Wire:
    """Return an execution with its waves' servers, wherever they lie."""
    return detailed(
        record,
        [
            ports.run.executions.entry(record, entry.wave_number) or entry
            for entry in record.waves
        ],
    )


def list_executions(event: Wire, ports: Ports) -> Wire:
    """Return a page of the executions, the newest start first.

    Raises:
        BadRequest: ``INVALID_FORMAT``: a parameter cannot be read.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    query = _query(event)
    limit = number_in(query, "limit", default=PAGE, low=1, high=MAX_PAGE)
    begin = _place(query.get("nextToken", ""))
    account = _account(query, ports)
    plan_id = word_in(query, "planId")
    records = [
        record
        for record in ports.run.executions.with_status(_statuses(query))
        if (
            account is None
            or record.account_id(ports.run.hub_account_id) == account
        )
        and (not plan_id or record.plan_id == plan_id)
        and (begin is None or _place_of(record) < begin)
    ]
    records.sort(key=_place_of, reverse=True)
    page = records[:limit]
    by_tags = _selected_by_tags({r.plan_id for r in page}, ports)
    more = len(records) > limit
    return {
        "items": [
            listed(record, by_tags=record.plan_id in by_tags)
            for record in page
        ],
        "count": len(page),
        "nextToken": _token(_place_of(page[-1])) if more else None,
    }


def _query(event: Wire) -> dict[str, str]:
    """Return the parameters as a query has them, also from an operation."""
    limit = event.get("limit")
    query = {
        name: text_in(event, name, 1_024)
        for name in ("nextToken", "accountId", "planId", "status")
        if event.get(name) is not None
    }
    return query if limit is None else {**query, "limit": str(limit)}


def _statuses(query: dict[str, str]) -> Iterable[Status]:
    wanted = query.get("status", "").strip()
    if not wanted:
        return tuple(Status)
    if wanted not in set(Status):
        raise BadRequest(
            f"'status' is {shown(wanted)}; it must be one of "
            f"{', '.join(Status)}.",
            code="INVALID_FORMAT",
            field="status",
        )
    return (Status(wanted),)


def _account(query: dict[str, str], ports: Ports) -> str | None:
    """Return the account to list; None: every account."""
    if "accountId" not in query:
        return None
    account_id = word_in(query, "accountId")
    if account_id in ("", ports.run.hub_account_id):
        return ports.run.hub_account_id
    if ports.accounts.account(account_id) is None:
        raise NotFound(
            f"There is no target account {shown(account_id)}; register it.",
            code="TARGET_ACCOUNT_NOT_FOUND",
        )
    return account_id


def _selected_by_tags(plan_ids: Iterable[str], ports: Ports) -> set[str]:
    """Return the plans of which a group selects its servers by tags."""
    groups: dict[str, bool] = {}
    found = set()
    for plan_id in plan_ids:
        for group_id in _groups_of(plan_id, ports):
            if group_id not in groups:
                groups[group_id] = _has_tags(group_id, ports)
            if groups[group_id]:
                found.add(plan_id)
    return found


def _groups_of(plan_id: str, ports: Ports) -> set[str]:
    try:
        plan = ports.plans.plan(plan_id)
    except (NotFound, BadRequest):
        # The plan was deleted since, or cannot be read any more.
        return set()
    return {group for wave in plan.waves for group in wave.group_ids}


def _has_tags(group_id: str, ports: Ports) -> bool:
    try:
        group = ports.groups.group(group_id)
    except NotFound:
        return False
    return bool(group.get("serverSelectionTags"))


def _place_of(record: Record) -> Place:
    return record.start_time, record.execution_id


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def _place(token: str) -> Place | None:
    if not token:
        return None
    try:
        decoded: Any = base64.b64decode(token, altchars=b"-_", validate=True)
        return msgspec.json.decode(decoded, type=tuple[int, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadRequest(
            "'nextToken' is none that this list has given; begin again "
            "without it.",
            code="INVALID_FORMAT",
            field="nextToken",
        ) from error
