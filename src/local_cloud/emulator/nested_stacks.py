"""Keeps the attributes of what an update of a nested stack leaves alone.

Stock forgets them, so that an output or a reference that reads such an
attribute fails the update. Root stacks do not have the fault.
"""

from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import engine


def install() -> None:
    """Give the update of nested stacks the attributes it has stored."""
    stock = engine.provisioners._update_resource

    def update(
        resource_type: str,
        physical_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        stack: str,
        logical_id: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Any:
        if attributes is None:
            attributes = _stored(stack, logical_id)
        return stock(
            resource_type,
            physical_id,
            old,
            new,
            stack,
            logical_id,
            attributes,
        )

    engine.provisioners._update_resource = update


def _stored(stack: str, logical_id: str | None) -> Mapping[str, Any]:
    resources = engine.cloudformation._stacks.get(stack, {}).get(
        "_resources", {}
    )
    found: Mapping[str, Any] = resources.get(logical_id, {}).get(
        "Attributes", {}
    )
    return found
