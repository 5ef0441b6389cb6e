"""Keeps what an update or the end of a nested stack is to leave alone.

Stock forgets the attributes of what an update does not touch, so that an
output or a reference that reads one fails the update; and it deletes what the
template says is retained. Root stacks have neither fault.
"""

from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import engine

_TYPE = "AWS::CloudFormation::Stack"


def install() -> None:
    """Give updates the stored attributes, and spare what is retained."""
    handlers = engine.provisioners._RESOURCE_HANDLERS[_TYPE]
    stock_delete = handlers["delete"]

    def delete(physical_id: str, props: Mapping[str, Any]) -> Any:
        _spare_retained(physical_id)
        return stock_delete(physical_id, props)

    handlers["delete"] = delete
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


def _spare_retained(physical_id: str) -> None:
    """Let a stack forget what is to outlive it; only words are read."""
    name = engine.provisioners._nested_stack_lookup_name(physical_id)
    stack = engine.cloudformation._stacks.get(name, {})
    declared = stack.get("_template", {}).get("Resources", {})
    held = stack.get("_resources", {})
    for logical_id, resource in declared.items():
        policy = resource.get("DeletionPolicy")
        if policy in engine.provisioners._RETAINING_POLICIES:
            held.pop(logical_id, None)
