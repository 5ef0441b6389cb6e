"""Protection groups: create, list, read, update, delete, resolve tags."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_management_handler.apply import (
    OF_GROUP,
    OF_SERVERS,
    applied_on_save,
)
from data_management_handler.audit import accepted
from data_management_handler.domain import group_rules, plan_rules
from data_management_handler.domain.group_rules import Selection
from data_management_handler.domain.launch_status import summarised
from data_management_handler.domain.place import Place
from data_management_handler.domain.request import (
    Request,
    name_in,
    needed_text,
    request_of,
    text,
    version_in,
)
from data_management_handler.domain.warnings import (
    Warning_,
    nothing_matches,
    split,
)
from data_management_handler.group_checks import (
    Found,
    check_not_running,
    check_selection,
    find,
)
from data_management_handler.group_writes import (
    NAME_EXISTS,
    create_group,
    replace_group,
)
from data_management_handler.launch_checks import configured
from data_management_handler.names import check_name
from data_management_handler.ports import Ports
from data_management_handler.versions import (
    TRIES,
    changed_meanwhile,
    check_version,
    version_of,
)
from drs.domain.capacity import Quotas
from drs.domain.regions import check_region
from drs.domain.server_view import server_view
from drs.domain.tags import matching
from drs.looks import look
from shared.domain.catalogue import GROUPS
from shared.domain.errors import Conflict
from shared.domain.execution import Wire
from shared.domain.items import Item
from shared.domain.reply_size import servers_that_fit


def create_protection_group(event: Wire, ports: Ports) -> Wire:
    """Create a group of servers that no other group has.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_NAME``, ``INVALID_TAGS``,
            ``INVALID_SERVERS``, ``QUOTA_EXCEEDED``, section 11's codes …
        Conflict: ``PG_NAME_EXISTS``, ``TAG_CONFLICT``, ``SERVER_CONFLICT``.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    request = request_of(event)
    body = request.needed_body()
    return stored(request, drafted(body, ports.groups.all, ports), ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A group as it is to be stored, and what was found for it."""

    group: Item
    found: Found
    warnings: Sequence[Warning_] = ()


def drafted(
    body: Mapping[str, Any],
    all_groups: Callable[[], Sequence[Item]],
    ports: Ports,
) -> Draft:
    """Return the group that a body asks for, every check made.

    Args:
        body: The request.
        all_groups: What finds the groups that it must not clash with.
        ports: The outside.
    """
    group_rules.check_needed(body)
    name = name_in(body, "groupName")
    groups = all_groups()
    check_name(GROUPS, NAME_EXISTS, name, groups)
    place = _place(body, ports)
    selection = group_rules.selection_in(body) or Selection()
    texts = group_rules.texts_in(body)
    found = check_selection(selection, place, groups, ports)
    fresh = _fresh(name, place, selection, ports.clock.now()) | texts
    group, warnings = configured(fresh, None, body, found, ports)
    return Draft(group=group, found=found, warnings=warnings)


def stored(request: Request, draft: Draft, ports: Ports) -> Wire:
    """Store a new group, apply its configuration, and show it."""
    group, found = draft.group, draft.found
    create_group(request, group, ports)
    saved = applied_on_save(group, found.selected, request.user, ports)
    return {
        **_shown(saved.group),
        "launchConfigApplyResults": saved.results,
        "warnings": [
            *_remarks(group, found),
            *draft.warnings,
            *saved.warnings,
        ],
    }


def list_protection_groups(event: Wire, ports: Ports) -> Wire:
    """Return every group, or those of one account.

    Raises:
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    request = request_of(event)
    groups = ports.groups.all()
    if request.query.get("accountId") is not None:
        wanted = ports.account_asked_for(text(request.query, "accountId"))
        groups = [g for g in groups if ports.place_of(g).account_id == wanted]
    listed = [_shown(summarised(group)) for group in groups]
    return {"groups": listed, "count": len(groups)}


def get_protection_group(event: Wire, ports: Ports) -> Wire:
    """Return a group.

    Raises:
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``.
    """
    return _shown(ports.groups.find(request_of(event).object_id))


def update_protection_group(event: Wire, ports: Ports) -> Wire:
    """Change a group that no running execution works on.

    Raises:
        BadRequest: As when it is created.
        Conflict: As when it is created; ``VERSION_CONFLICT``,
            ``PG_IN_ACTIVE_EXECUTION``.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``.
    """
    request = request_of(event)
    body = request.needed_body()
    before = ports.groups.find(request.object_id)
    check_version(GROUPS, before, version_in(body))
    group_rules.check_unchanged(body, before, ports.hub_account_id)
    changes: Item = dict(group_rules.texts_in(body))
    if body.get("groupName") is not None:
        changes["groupName"] = name_in(body, "groupName")
    selection = group_rules.selection_in(body)
    if selection is not None:
        changes |= _chosen(selection)
    check_not_running(before, ports, while_paused=True)
    if "groupName" in changes:
        name, groups = changes["groupName"], ports.groups.all()
        own_id = str(before["groupId"])
        check_name(GROUPS, NAME_EXISTS, name, groups, own_id=own_id)
    found = _found(before, body, selection, ports)
    changes["lastModifiedDate"] = ports.clock.now()
    changes["version"] = version_of(before) + 1
    changed = {**before, **changes}
    after, warnings = configured(changed, before, body, found, ports)
    replace_group(request, before, after, ports)
    shown, failures = _applied(request, before, after, found, ports)
    remarks = [] if found is None else _remarks(after, found)
    return {**shown, "warnings": [*remarks, *warnings, *failures]}


def delete_protection_group(event: Wire, ports: Ports) -> Wire:
    """Delete a group that no plan and no active execution uses.

    Raises:
        Conflict: ``PG_IN_USE``, ``PG_IN_ACTIVE_EXECUTION``.
        NotFound: ``PROTECTION_GROUP_NOT_FOUND``.
    """
    request = request_of(event)
    for _ in range(TRIES):
        group = ports.groups.find(request.object_id)
        _check_unused(group, ports)
        check_not_running(group, ports, while_paused=False)
        audit = accepted(request, GROUPS, group, {}, ports)
        if ports.groups.delete(group, audit) is None:
            return {
                "message": f"Group {group['groupName']} is deleted.",
                "groupId": group["groupId"],
            }
    raise changed_meanwhile(GROUPS, ports.groups.find(request.object_id))


def resolve_protection_group_tags(event: Wire, ports: Ports) -> Wire:
    """Return the servers that tags select in an account's Region.

    Raises:
        BadRequest: ``INVALID_TAGS``, also for none;
            ``MISSING_PARAMETERS``: more than one answer can carry.
        NotFound: ``TARGET_ACCOUNT_NOT_FOUND``.
    """
    body = request_of(event).needed_body()
    place = _place(body, ports)
    given = [
        group_rules.tags_in(body[name], name)
        for name in ("serverSelectionTags", "tags")
        if body.get(name) is not None
    ]
    tags = given[0] if given else group_rules.tags_in({}, "tags")
    servers = matching(look(ports.at(place).source_servers), tags)
    shown = [server_view(server) for server in servers]
    again, warnings = servers_that_fit(shown, shown)
    return {
        "region": place.region,
        "tags": tags,
        "serverSelectionTags": tags,
        "resolvedServers": shown,
        "sourceServers": again,
        "serverCount": len(shown),
        "resolvedAt": ports.clock.now(),
        "warnings": warnings,
    }


def _fresh(name: str, place: Place, selection: Selection, now: int) -> Item:
    """Return a group that says no more than it must."""
    return {
        "groupId": str(uuid.uuid4()),
        "groupName": name,
        "description": "",
        "owner": "",
        "region": place.region,
        "accountId": place.account_id,
        "assumeRoleName": place.assume_role_name,
        **_chosen(selection),
        "createdDate": now,
        "lastModifiedDate": now,
        "version": 1,
    }


def _place(body: Mapping[str, Any], ports: Ports) -> Place:
    region = needed_text(body, "region")
    check_region(region, ports.drs_region_names())
    place = Place(
        account_id=ports.stored_account_id(text(body, "accountId")),
        region=region,
        assume_role_name=text(body, "assumeRoleName"),
    )
    ports.account(place.account_id)
    return place


def _chosen(selection: Selection) -> Item:
    return {
        "serverSelectionTags": dict(selection.tags),
        "sourceServerIds": list(selection.server_ids),
    }


def _found(
    group: Mapping[str, Any],
    body: Mapping[str, Any],
    selection: Selection | None,
    ports: Ports,
) -> Found | None:
    """Return the servers of a changed group, None where none matters."""
    place, stored = ports.place_of(group), group_rules.selection_of(group)
    if selection is not None and selection != stored:
        return check_selection(
            selection,
            place,
            ports.groups.all(),
            ports,
            own_id=str(group["groupId"]),
            had=find(stored, place, ports).selected,
        )
    if body.get("launchConfig") is None and body.get("servers") is None:
        return None
    return find(stored, place, ports)


def _applied(
    request: Request,
    before: Item,
    group: Item,
    found: Found | None,
    ports: Ports,
) -> tuple[Item, list[Warning_]]:
    """Return the group with what was applied: to all servers, or some.

    Where only entries were sent, it is to the servers that have one now or
    had one so far.
    """
    if found is None:
        return _shown(group), []
    body, key, failed_as = request.body, "launchConfigApplyResults", OF_GROUP
    ids = list(found.selected)
    if body.get("servers") is not None and body.get("launchConfig") is None:
        key, failed_as = "serversApplyResults", OF_SERVERS
        entries = [*before.get("servers", ()), *group["servers"]]
        touched = {entry["sourceServerId"] for entry in entries}
        ids = [one for one in ids if one in touched]
    saved = applied_on_save(
        group, ids, request.user, ports, failed_as=failed_as
    )
    return {**_shown(saved.group), key: saved.results}, saved.warnings


def _check_unused(group: Mapping[str, Any], ports: Ports) -> None:
    uses = [
        {
            "planId": plan["planId"],
            "planName": plan["planName"],
            "waveName": wave.get("waveName") or f"Wave {number + 1}",
        }
        for plan in ports.plans.all()
        for number, wave in enumerate(plan.get("waves") or ())
        if group["groupId"] in plan_rules.group_ids(wave)
    ]
    if uses:
        names = sorted({use["planName"] for use in uses})
        raise Conflict(
            f"Group {group['groupName']} is used by {', '.join(names)}; "
            "remove it from there first.",
            code="PG_IN_USE",
            plans=names,
            details=uses,
        )


def _remarks(group: Mapping[str, Any], found: Found) -> list[Warning_]:
    name = f"Group {group['groupName']}"
    if not found.selected:
        tags = group["serverSelectionTags"].items()
        return [nothing_matches(name, ", ".join(f"{k}={v}" for k, v in tags))]
    return split(name, len(found.selected), Quotas().servers_per_job)


def _shown(group: Mapping[str, Any]) -> Item:
    return {**group, "protectionGroupId": group["groupId"]}
