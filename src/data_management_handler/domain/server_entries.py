"""A group's entries for single servers: reading, replacing, comparing them."""

from collections.abc import Mapping, Sequence
from typing import Any

from drs.domain.launch_config import (
    get_custom_fields,
    get_effective_launch_config,
)
from drs.domain.servers import SourceServer
from shared.domain.items import Item

_KEPT_WITHOUT_SETTINGS = "criticality"

type Group = Mapping[str, Any]


def entry_of(group: Group, server_id: str) -> Mapping[str, Any]:
    """Return the group's entry for a server; empty where it has none."""
    return _by_id(group).get(server_id, {})


def own_settings(group: Group, server_id: str) -> Item:
    """Return what an entry says of a server's launch, field by field."""
    return _settings(entry_of(group, server_id)) if group else {}


def servers_changed(before: Group, after: Group) -> list[str]:
    """Return the servers whose own configuration differs, by id."""
    old, new = _by_id(before), _by_id(after)
    return sorted(
        server
        for server in {*old, *new}
        if _settings(old.get(server, {})) != _settings(new.get(server, {}))
    )


def with_entries(group: Group, entries: Sequence[Item]) -> Item:
    """Return the group with some servers' entries in place of theirs.

    What an entry says beside its launch configuration stays, unless the
    new one says it too.
    """
    old = _by_id(group)
    new = {str(entry["sourceServerId"]): entry for entry in entries}
    merged = {
        server: {**_beside(old.get(server, {})), **entry}
        for server, entry in new.items()
    }
    return {**group, "servers": [*{**old, **merged}.values()]}


def without_entry(group: Group, server_id: str) -> Item:
    """Return the group with a server at its defaults."""
    entries: list[Item] = []
    for entry in group.get("servers") or ():
        if entry["sourceServerId"] != server_id:
            entries.append(dict(entry))
        elif _beside(entry):
            plain = {"useGroupDefaults": True, "launchTemplate": {}}
            entries.append({**entry, **plain})
    return {**group, "servers": entries}


def server_config(group: Group, server: SourceServer) -> Item:
    """Return a server's launch configuration as the API shows it."""
    server_id = server.source_server_id
    entry = entry_of(group, server_id)
    return {
        "protectionGroupId": group["groupId"],
        "serverId": server_id,
        "instanceId": server.source_instance_id,
        "instanceName": server.name,
        "useGroupDefaults": entry.get("useGroupDefaults") is not False,
        "launchTemplate": dict(entry.get("launchTemplate") or {}),
        "effectiveConfig": get_effective_launch_config(group, server_id),
        "customFields": sorted(get_custom_fields(group, server_id)),
        "version": int(group.get("version") or 0),
    }


def _by_id(group: Group) -> dict[str, Mapping[str, Any]]:
    return {
        str(entry["sourceServerId"]): entry
        for entry in group.get("servers") or ()
    }


def _settings(entry: Mapping[str, Any]) -> Item:
    return {
        "useGroupDefaults": entry.get("useGroupDefaults") is not False,
        **(entry.get("launchTemplate") or {}),
    }


def _beside(entry: Mapping[str, Any]) -> Item:
    name = _KEPT_WITHOUT_SETTINGS
    return {name: entry[name]} if name in entry else {}
