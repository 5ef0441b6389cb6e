"""Lets a change set see that another resource's attribute is meant.

Stock takes every attribute for the same empty text, so that a parameter which
chooses between two of them seems to change nothing, and cannot be deployed.
"""

from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import engine

_GET_ATTRIBUTE = "Fn::GetAtt"


def install() -> None:
    """Compare attributes by their names."""
    stock = engine.changesets._resolve_props_for_diff

    def resolved(
        template: Mapping[str, Any], *rest: Any
    ) -> Mapping[str, Any] | Any:
        return stock(_named(template), *rest)

    engine.changesets._resolve_props_for_diff = resolved


def _named(value: Any) -> Any:
    """Answer a copy with the name of each attribute in its place."""
    if isinstance(value, Mapping):
        if set(value) == {_GET_ATTRIBUTE}:
            meant = value[_GET_ATTRIBUTE]
            parts = [meant] if isinstance(meant, str) else meant
            return ".".join(str(part) for part in parts)
        return {key: _named(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each) for each in value]
    return value
