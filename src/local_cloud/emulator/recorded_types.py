"""Resource types that the emulator refuses and that do nothing locally.

They are recorded and have no behaviour, so that the production templates need
no local conditions. A type belongs here only where nothing uses its `Ref` or
an attribute of it.
"""

from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import engine

RECORDED = (
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Events::EventBusPolicy",
    "AWS::GuardDuty::Detector",
    "AWS::Logs::QueryDefinition",
    "AWS::ResourceGroups::Group",
    "AWS::WAFv2::WebACLAssociation",
    "AWS::XRay::Group",
)


def install() -> None:
    """Register the types that the emulator does not know itself."""
    for name in RECORDED:
        engine.provisioners._RESOURCE_HANDLERS.setdefault(
            name, {"create": _record, "delete": _forget}
        )


def _record(
    logical_id: str, _props: Mapping[str, Any], stack: str
) -> tuple[str, dict[str, Any]]:
    return f"{stack}-{logical_id}", {}


def _forget(_physical_id: str, _props: Mapping[str, Any]) -> None:
    return None
