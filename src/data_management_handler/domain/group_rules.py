"""What a protection group may be, as far as the request itself tells.

Decides the form of names, selections and settings, and the stored item.
Whether servers exist, are free or are another group's is decided from
facts in ``group_checks``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from data_management_handler.domain.launch_status import without_status
from data_management_handler.domain.request import needed_text, text
from drs.domain.launch_fields import (
    DROPPED_FIELDS,
    check_group_fields,
    check_server_fields,
)
from drs.domain.servers import SourceServer
from drs.domain.tags import TagQuery
from shared.domain.errors import BadRequest
from shared.domain.items import MAX_ITEM_BYTES, Item, item_bytes
from shared.domain.wire import missing, shown, wrong_type

MAX_SERVERS: Final = 4_000
MAX_TAGS: Final = 50
_TEXTS: Final = ("description", "owner")
_CRITICALITIES: Final = ("critical", "optional")
_IMMUTABLE: Final = ("region", "accountId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """How a group chooses its servers: by tags or by ids, never both."""

    tags: Mapping[str, str] = field(default_factory=dict)
    server_ids: tuple[str, ...] = ()


def selection_of(group: Mapping[str, Any]) -> Selection:
    """Return how a stored group chooses its servers."""
    return Selection(
        tags=group.get("serverSelectionTags") or {},
        server_ids=tuple(group.get("sourceServerIds") or ()),
    )


def check_needed(body: Mapping[str, Any]) -> None:
    """Refuse a new group that lacks what every group has.

    Raises:
        BadRequest: ``MISSING_FIELD``.
    """
    if body.get("groupName") is None:
        raise missing("groupName")
    needed_text(body, "region")
    if _given(body) is None:
        raise missing("serverSelectionTags")


def selection_in(body: Mapping[str, Any]) -> Selection | None:
    """Return the selection that a body names, None where it names none.

    Raises:
        BadRequest: ``INVALID_TAGS``, ``INVALID_SERVERS``, ``INVALID_TYPE``.
    """
    given = _given(body)
    if given is None:
        return None
    name, value = given
    if name == "serverSelectionTags":
        return Selection(tags=tags_in(value, name))
    return Selection(server_ids=_ids(value, name))


def tags_in(value: Any, name: str) -> dict[str, str]:
    """Return a tag selection, trimmed.

    Raises:
        BadRequest: ``INVALID_TAGS``, ``INVALID_TYPE``.
    """
    if not isinstance(value, dict):
        raise wrong_type(name, "an object", value)
    for key, wanted in value.items():
        if not isinstance(wanted, str) or not wanted.strip():
            raise _invalid_tags(f"the value of tag {key!r} is no text", name)
        if len(key) > 128 or len(wanted) > 256:
            raise _invalid_tags(
                "a key has at most 128 characters, a value 256", name
            )
    if len(value) > MAX_TAGS:
        raise _invalid_tags(f"at most {MAX_TAGS} tags may be named", name)
    TagQuery.of(value)
    return {key.strip(): wanted.strip() for key, wanted in value.items()}


def check_unchanged(
    body: Mapping[str, Any], group: Mapping[str, Any], hub_account_id: str
) -> None:
    """Refuse to move a group to another Region or account.

    Raises:
        BadRequest: ``VALIDATION_ERROR``.
    """
    for name in _IMMUTABLE:
        if body.get(name) is None:
            continue
        given = text(body, name)
        same = {str(group.get(name) or "")}
        if name == "accountId" and "" in same:
            same.add(hub_account_id)
        if given not in same:
            raise BadRequest(
                f"'{name}' of a group cannot be changed; create another "
                "group.",
                code="VALIDATION_ERROR",
                field=name,
            )


def texts_in(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the plain attributes that a body sets.

    Raises:
        BadRequest: ``INVALID_TYPE``, ``INVALID_FORMAT``.
    """
    texts = {
        name: text(body, name) for name in _TEXTS if body.get(name) is not None
    }
    return texts | _criticality_in(body, "criticality")


def check_size(server_ids: Sequence[str]) -> None:
    """Refuse a group of too many servers.

    Raises:
        BadRequest: ``QUOTA_EXCEEDED``.
    """
    count = len(server_ids)
    if count > MAX_SERVERS:
        raise BadRequest(
            f"The group has {count} servers; {MAX_SERVERS} are allowed.",
            code="QUOTA_EXCEEDED",
            quotaType="servers_per_group",
            serverCount=count,
            maxServers=MAX_SERVERS,
            limit=MAX_SERVERS,
            matchingServers=sorted(server_ids)[:100],
            recommendation="Select fewer servers, or make several groups.",
        )


def launch_config_in(
    body: Mapping[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    """Return the group's launch configuration and what was dropped of it.

    Raises:
        BadRequest: ``INVALID_LAUNCH_CONFIG`` and those of section 11.
    """
    value = body.get("launchConfig")
    if value is None:
        return {}, []
    if not isinstance(value, dict):
        raise wrong_type("launchConfig", "an object", value)
    dropped = check_group_fields(value)
    kept = {
        name: inner
        for name, inner in value.items()
        if name not in DROPPED_FIELDS and inner is not None
    }
    return kept, dropped


def entries_in(
    body: Mapping[str, Any], servers: Sequence[SourceServer]
) -> list[Item]:
    """Return the group's entries for single servers, as they are stored.

    Args:
        body: The request.
        servers: The servers that the group selects.

    Raises:
        BadRequest: ``INVALID_SERVERS``, ``INVALID_TYPE`` and those of
            section 11.
    """
    value = body.get("servers")
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_type("servers", "a list", value)
    known = {one.source_server_id: one for one in servers}
    entries = [_entry(entry, at, known) for at, entry in enumerate(value)]
    ids = [entry["sourceServerId"] for entry in entries]
    if len(set(ids)) < len(ids):
        raise _invalid_servers("'servers' names a server twice.", "servers")
    return entries


def server_id_in(value: Mapping[str, Any], path: str) -> str:
    """Return the server that one part of a list is about.

    Raises:
        BadRequest: ``MISSING_FIELD``, ``INVALID_TYPE``.
    """
    field_path = f"{path}.sourceServerId"
    found = value.get("sourceServerId")
    if found is None:
        raise missing(field_path)
    if not isinstance(found, str):
        raise wrong_type(field_path, "a text", found)
    return found.strip()


def own_settings_in(
    server: SourceServer, value: Mapping[str, Any], path: str = ""
) -> Item:
    """Return a server's entry, as it is stored.

    Args:
        server: The server as DRS has it now.
        value: Its part of the request.
        path: Where that part is, for messages.

    Raises:
        BadRequest: ``INVALID_TYPE`` and those of section 11.
    """
    defaults = value.get("useGroupDefaults")
    if defaults is None:
        defaults = True
    if not isinstance(defaults, bool):
        raise wrong_type(f"{path}useGroupDefaults", "true or false", defaults)
    template = value.get("launchTemplate")
    if template is None:
        template = {}
    if not isinstance(template, dict):
        raise wrong_type(f"{path}launchTemplate", "an object", template)
    check_server_fields(template, f"{path}launchTemplate")
    return {
        "sourceServerId": server.source_server_id,
        "instanceId": server.source_instance_id,
        "instanceName": server.name,
        "tags": dict(server.tags),
        "useGroupDefaults": defaults,
        "launchTemplate": {
            name: inner
            for name, inner in template.items()
            if inner is not None
        },
    }


def check_storable(item: Item) -> None:
    """Refuse an item that the table would not take.

    Raises:
        BadRequest: ``VALIDATION_ERROR``.
    """
    size = item_bytes(without_status(item))
    if size > MAX_ITEM_BYTES:
        raise BadRequest(
            f"The group would take {size} bytes; {MAX_ITEM_BYTES} are "
            "allowed. Configure fewer servers one by one.",
            code="VALIDATION_ERROR",
            field="servers",
        )


def _criticality_in(value: Mapping[str, Any], path: str) -> dict[str, str]:
    """Return whether servers are critical or optional, if that is said."""
    said = value.get("criticality")
    if said is None:
        return {}
    if said not in _CRITICALITIES:
        raise BadRequest(
            f"'{path}' is {shown(said)}; it must be one of "
            f"{', '.join(_CRITICALITIES)}.",
            code="INVALID_FORMAT",
            field=path,
        )
    return {"criticality": str(said)}


def _given(body: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the selection's name and value; tags win when both are there."""
    tags = body.get("serverSelectionTags")
    for name in ("sourceServerIds", "serverIds"):
        value = body.get(name)
        if value is not None and not isinstance(value, list):
            raise wrong_type(name, "a list", value)
        if value is not None and not tags:
            return name, value
    return None if tags is None else ("serverSelectionTags", tags)


def _ids(value: Sequence[Any], name: str) -> tuple[str, ...]:
    ids = []
    for at, one in enumerate(value):
        if not isinstance(one, str):
            raise wrong_type(f"{name}[{at}]", "a text", one)
        ids.append(one.strip())
    if not ids or not all(ids):
        raise _invalid_servers(f"'{name}' must name servers by id.", name)
    if len(set(ids)) < len(ids):
        raise _invalid_servers(f"'{name}' names a server twice.", name)
    check_size(ids)
    return tuple(ids)


def _entry(value: Any, at: int, known: Mapping[str, SourceServer]) -> Item:
    path = f"servers[{at}]"
    if not isinstance(value, dict):
        raise wrong_type(path, "an object", value)
    server = known.get(server_id_in(value, path))
    if server is None:
        field_path = f"{path}.sourceServerId"
        raise _invalid_servers(
            f"'{field_path}' is no server of the group.", field_path
        )
    return {
        **own_settings_in(server, value, f"{path}."),
        **_criticality_in(value, f"{path}.criticality"),
    }


def _invalid_tags(why: str, name: str) -> BadRequest:
    return BadRequest(
        f"'{name}' cannot be used: {why}.", code="INVALID_TAGS", field=name
    )


def _invalid_servers(message: str, name: str) -> BadRequest:
    return BadRequest(message, code="INVALID_SERVERS", field=name)
