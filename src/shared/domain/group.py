"""A protection group as stored: what of it must have which form.

The rest of the item is carried as it is. What a launch configuration may
hold is decided where it is applied.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.domain.errors import DatabaseError
from shared.domain.wire import shown


class _Server(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One server's own settings."""

    source_server_id: str = ""
    use_group_defaults: bool | None = None
    launch_template: dict[str, Any] | None = None


class _Group(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is read of a group."""

    group_id: str
    region: str
    group_name: str = ""
    account_id: str = ""
    assume_role_name: str = ""
    server_selection_tags: dict[str, str] = msgspec.field(default_factory=dict)
    source_server_ids: tuple[str, ...] = ()
    launch_config: dict[str, Any] = msgspec.field(default_factory=dict)
    servers: tuple[_Server, ...] = ()


def checked_group(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group's item without its nulls, known to be readable.

    Raises:
        DatabaseError: An attribute has another type than it must have.
    """
    group = {name: value for name, value in item.items() if value is not None}
    try:
        msgspec.convert(group, _Group)
    except msgspec.ValidationError as error:
        raise DatabaseError(
            f"Protection group {shown(item.get('groupId'))} cannot be read: "
            f"{error}.",
        ) from error
    return group
