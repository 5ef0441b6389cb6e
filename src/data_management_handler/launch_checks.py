"""Whether a group's launch configuration can work, before it is stored.

Everything is asked in the group's account and Region. What cannot be asked
refuses the change; nothing counts as valid unseen.
"""

from collections.abc import Collection, Mapping
from typing import Any

from data_management_handler.domain import group_rules
from data_management_handler.domain.launch_status import expected
from data_management_handler.domain.warnings import Warning_, warning
from data_management_handler.group_checks import Found
from data_management_handler.ports import Ports
from drs.domain.launch_checks import Named, check_facts, named
from drs.domain.launch_levels import levels_of
from drs.domain.launch_values import (
    check_distinct,
    check_group_address,
    check_values,
)
from drs.launch_facts import facts_of
from drs.looks import checked
from shared.domain.items import Item

type Group = Mapping[str, Any]


def configured(
    group: Item,
    before: Item | None,
    body: Mapping[str, Any],
    found: Found | None,
    ports: Ports,
) -> tuple[Item, list[Warning_]]:
    """Return a group with its launch configuration, all of it checked.

    Args:
        group: The whole group as it is to be, without that.
        before: The whole group as it is; None for one that is created.
        body: The request.
        found: The servers that it is to have; None where nothing of the
            request concerns them.
        ports: The outside.
    """
    if found is None:
        group_rules.check_storable(group)
        return group, []
    config, dropped = group_rules.launch_config_in(body)
    if body.get("launchConfig") is None:
        config = group.get("launchConfig") or {}
    entries = group_rules.entries_in(body, found.members)
    if body.get("servers") is None:
        selected = set(found.selected)
        entries = [
            entry
            for entry in group.get("servers") or ()
            if entry["sourceServerId"] in selected
        ]
    check_group_address(config, len(found.selected))
    plain = {**group, "launchConfig": config, "servers": entries}
    whole = expected(plain, found.selected, before)
    of_group = body.get("launchConfig") is not None
    touched = of_group or body.get("servers") is not None
    check_launch(
        whole,
        before,
        ports,
        of_group=of_group,
        paths=_entry_paths(whole) if touched else {},
    )
    group_rules.check_storable(whole)
    return whole, [
        warning("INVALID_LAUNCH_CONFIG", text, "Leave the field out.")
        for text in dropped
    ]


def check_launch(
    group: Group,
    before: Group | None,
    ports: Ports,
    *,
    of_group: bool,
    paths: Mapping[str, str],
    batch: Collection[str] = (),
) -> None:
    """Refuse settings that cannot work.

    Args:
        group: The whole group as it is to be stored.
        before: The whole group as it is; None for one that is created.
        ports: The outside.
        of_group: Whether the group's own settings are given.
        paths: The servers whose settings are, and where.
        batch: The servers that are changed at once by a request for that.

    Raises:
        BadRequest: One of the codes of section 11.
        CheckUnavailable: EC2 or IAM could not be asked.
    """
    levels = levels_of(group, before, of_group=of_group, paths=paths)
    check_values(levels)
    check_distinct(group, paths, batch)
    wanted = named(levels)
    if wanted == Named():
        return
    lookups = ports.lookups_at(ports.place_of(group))
    check_facts(levels, checked(lambda: facts_of(wanted, lookups)))


def _entry_paths(group: Group) -> dict[str, str]:
    """Return where a whole list of entries has each server's settings."""
    return {
        str(entry["sourceServerId"]): f"servers[{at}].launchTemplate"
        for at, entry in enumerate(group.get("servers") or ())
    }
