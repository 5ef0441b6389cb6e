"""Names: an object's own, however another spells it."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.catalogue import Kind, named
from shared.domain.errors import Conflict

type Object = Mapping[str, Any]


def check_name(
    kind: Kind,
    code: str,
    name: str,
    objects: Sequence[Object],
    own_id: str = "",
) -> None:
    """Refuse a name that another object bears, however it is spelled.

    Raises:
        Conflict: The code, with the other's id.
    """
    others = [one for one in objects if one[kind.id_name] != own_id]
    other = named(kind, others, name)
    if other is not None:
        raise name_taken(kind, code, name, str(other[kind.id_name]))


def name_taken(kind: Kind, code: str, name: str, other: str = "") -> Conflict:
    """Return the error of a name that another object bears."""
    return Conflict(
        f"Another {kind.said} has the name {name!r}; choose another name.",
        code=code,
        **{kind.id_name: other} if other else {},
    )
