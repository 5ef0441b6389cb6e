"""Importing a document: every check of every entry, then what passed them.

An import only adds: a name that exists is skipped. Entries are refused one
by one, for the reasons for which their creation would be; nothing is written
before all of them have been checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from data_management_handler import (
    group_writes,
    protection_groups,
    recovery_plans,
)
from data_management_handler.domain.import_rows import (
    EntryType,
    Reason,
    Row,
    RowStatus,
    failed,
    reason_of,
)
from data_management_handler.domain.request import Request
from data_management_handler.ports import Ports
from drs.remembered import remembering
from shared.domain.catalogue import GROUPS, PLANS, Kind, folded, named
from shared.domain.configuration import Document, groups_of, with_ids
from shared.domain.errors import (
    BadRequest,
    CheckUnavailable,
    DatabaseError,
    DrError,
    NotFound,
    Unavailable,
)
from shared.domain.items import Item

# What is kept to write what was checked, and to answer.
SPARE_SECONDS: Final = 5
LEAST_SECONDS: Final = 2

type Entry = Mapping[str, Any]
type Draft = protection_groups.Draft | recovery_plans.Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An entry with its row, and what is to be written for it."""

    row: Row
    draft: Draft | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What is stored, before an import."""

    groups: Sequence[Item]
    plans: Sequence[Item]
    active: frozenset[str]


def seen_once(ports: Ports) -> Ports:
    """Return ports that look at each Region and at executions once."""
    return replace(
        ports,
        drs=remembering(ports.drs),
        busy=cache(ports.servers_in_executions),
    )


def checked(
    document: Document, existing: Existing, ports: Ports
) -> list[Checked]:
    """Return the entries, groups first, with all checks made.

    Raises:
        CheckUnavailable: There is no time for all of them.
    """
    groups = list(existing.groups)
    found = []
    for entry in document.groups:
        one = _checked_group(entry, groups, existing.active, ports)
        found.append(one)
        if isinstance(one.draft, protection_groups.Draft):
            groups.append(one.draft.group)
    lost = {
        folded(one.row.name)
        for one in found
        if one.row.status is RowStatus.FAILED
    }
    plans = list(existing.plans)
    for entry in document.plans:
        one = _checked_plan(entry, groups, plans, lost, ports)
        found.append(one)
        if isinstance(one.draft, recovery_plans.Draft):
            plans.append(one.draft.plan)
    return found


def written(
    entries: Sequence[Checked], request: Request, ports: Ports
) -> list[Row]:
    """Write what passed its checks, and return what became of each entry.

    What the time or the table does not allow is refused, and so are plans
    of groups that could not be written.
    """
    rows: list[Row] = []
    lost: set[str] = set()
    stop: DrError | None = None
    for one in entries:
        if one.draft is None:
            rows.append(one.row)
            continue
        stop = stop or _out_of_time(ports)
        row, error = _stored(one, request, lost, stop, ports)
        if isinstance(error, DatabaseError):
            stop = error
        if row.status is RowStatus.FAILED and isinstance(
            one.draft, protection_groups.Draft
        ):
            lost.add(str(one.draft.group["groupId"]))
        rows.append(row)
    return rows


def _checked_group(
    entry: Entry,
    groups: Sequence[Item],
    active: frozenset[str],
    ports: Ports,
) -> Checked:
    name = _name(entry, "groupName")
    if _exists(GROUPS, name, groups):
        return _skipped(EntryType.GROUP, name)
    _check_time(ports)
    try:
        _check_selection(entry)
        draft = protection_groups.drafted(entry, lambda: groups, ports)
    except DatabaseError:
        raise
    except DrError as error:
        by_tags = bool(entry.get("serverSelectionTags"))
        reason = (
            Reason.NO_SELECTION_METHOD
            if error.code == Reason.NO_SELECTION_METHOD
            else reason_of(error, by_tags=by_tags, active=active)
        )
        return Checked(row=failed(EntryType.GROUP, name, reason, error))
    servers = len(draft.found.selected)
    row = Row(
        type=EntryType.GROUP,
        name=name,
        status=RowStatus.CREATED,
        reason=None if servers else Reason.NO_TAG_MATCHES,
        details={"serverCount": servers},
    )
    return Checked(row=row, draft=draft)


def _checked_plan(
    entry: Entry,
    groups: Sequence[Item],
    plans: Sequence[Item],
    lost: set[str],
    ports: Ports,
) -> Checked:
    name = _name(entry, "planName")
    if _exists(PLANS, name, plans):
        return _skipped(EntryType.PLAN, name)
    _check_time(ports)
    ids = {
        folded(str(one["groupName"])): str(one["groupId"]) for one in groups
    }
    try:
        missing = _missing(entry, ids)
        if missing:
            return _without_group(name, missing, lost)
        draft = recovery_plans.drafted(
            _body(entry, ids),
            lambda: plans,
            ports,
            {str(one["groupId"]): one for one in groups},
        )
    except DatabaseError:
        raise
    except DrError as error:
        reason = (
            Reason.DRS_VALIDATION_ERROR
            if isinstance(error, Unavailable)
            else Reason.CREATE_ERROR
        )
        return Checked(row=failed(EntryType.PLAN, name, reason, error))
    row = Row(
        type=EntryType.PLAN,
        name=name,
        status=RowStatus.CREATED,
        details={"waveCount": len(draft.waves)},
    )
    return Checked(row=row, draft=draft)


def _stored(
    one: Checked,
    request: Request,
    lost: set[str],
    stop: DrError | None,
    ports: Ports,
) -> tuple[Row, DrError | None]:
    """Write an entry, unless something stands in the way."""
    row = one.row
    try:
        if stop is not None:
            raise stop
        match one.draft:
            case protection_groups.Draft() as group:
                protection_groups.stored(request, group, ports)
            case recovery_plans.Draft() as plan:
                gone = lost & {i for w in plan.waves for i in w.group_ids}
                if gone:
                    return _cascade(row.name, "a group of it"), None
                recovery_plans.stored(request, plan, ports)
    except DrError as error:
        if error.code in (
            group_writes.NAME_EXISTS,
            recovery_plans.NAME_EXISTS,
        ):
            return _skipped(row.type, row.name).row, error
        return failed(row.type, row.name, Reason.CREATE_ERROR, error), error
    return row, None


def _check_selection(entry: Entry) -> None:
    if not (
        entry.get("serverSelectionTags")
        or entry.get("sourceServerIds")
        or entry.get("serverIds")
    ):
        raise BadRequest(
            "The group selects no servers; give it 'serverSelectionTags' or "
            "'sourceServerIds'.",
            code=str(Reason.NO_SELECTION_METHOD),
            field="serverSelectionTags",
        )


def _missing(entry: Entry, ids: Mapping[str, str]) -> list[str]:
    """Return the groups that a plan names and nobody has."""
    return [
        name
        for wave, at in _waves(entry)
        for name in groups_of(wave, at)
        if folded(name) not in ids
    ]


def _body(entry: Entry, ids: Mapping[str, str]) -> Item:
    if not isinstance(entry.get("waves"), list):
        return dict(entry)
    waves = [with_ids(wave, at, ids) for wave, at in _waves(entry)]
    return {**entry, "waves": waves}


def _waves(entry: Entry) -> list[tuple[Entry, str]]:
    """Return the waves of a plan that are objects, and where they stand."""
    waves = entry.get("waves")
    if not isinstance(waves, list):
        return []
    for number, wave in enumerate(waves):
        if not isinstance(wave, dict):
            raise BadRequest(
                f"'waves[{number}]' is no object.",
                code="INVALID_WAVE_DATA",
                field=f"waves[{number}]",
            )
    return [(wave, f"waves[{n}]") for n, wave in enumerate(waves)]


def _without_group(
    name: str, missing: Sequence[str], lost: set[str]
) -> Checked:
    gone = next((one for one in missing if folded(one) in lost), "")
    if gone:
        return Checked(row=_cascade(name, f"group {gone}"))
    error = NotFound(
        f"There is no protection group {missing[0]!r}; import it too, or "
        "create it first.",
        code="PROTECTION_GROUP_NOT_FOUND",
        missingGroups=list(dict.fromkeys(missing)),
    )
    reason = Reason.MISSING_PROTECTION_GROUP
    return Checked(row=failed(EntryType.PLAN, name, reason, error))


def _cascade(name: str, what: str) -> Row:
    error = BadRequest(
        f"The plan cannot be created, because {what} could not be.",
        code="PROTECTION_GROUP_NOT_FOUND",
    )
    return failed(EntryType.PLAN, name, Reason.CASCADE_FAILURE, error)


def _skipped(kind: EntryType, name: str) -> Checked:
    row = Row(
        type=kind,
        name=name,
        status=RowStatus.SKIPPED,
        reason=Reason.ALREADY_EXISTS,
        details={"message": "The name exists; what bears it stays as it is."},
    )
    return Checked(row=row)


def _exists(kind: Kind, name: str, objects: Sequence[Item]) -> bool:
    return bool(name) and named(kind, objects, name) is not None


def _name(entry: Entry, field: str) -> str:
    value = entry.get(field)
    return value.strip() if isinstance(value, str) else ""


def _check_time(ports: Ports) -> None:
    if ports.seconds_left < SPARE_SECONDS:
        raise CheckUnavailable(
            "The time did not suffice to check the whole document, so nothing "
            "was imported; import it in parts, or invoke the function "
            "directly, which has more time."
        )


def _out_of_time(ports: Ports) -> DrError | None:
    if ports.seconds_left >= LEAST_SECONDS:
        return None
    return Unavailable(
        "The time did not suffice for this entry; import the document again, "
        "what exists is skipped."
    )
