"""Alarms on an expression of metrics, which the emulator refuses.

They are recorded and never change their state: nothing here measures a
function as AWS does, so there would be nothing to compute them from. Alarms
on one metric stay the emulator's.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from local_cloud.emulator import engine

KIND = "AWS::CloudWatch::Alarm"

type Created = tuple[str, dict[str, Any]]


def install() -> None:
    """Wrap the alarm's handlers."""
    alarm = engine.provisioners._RESOURCE_HANDLERS[KIND]
    alarm["create"] = _created(alarm["create"])
    alarm["update"] = _updated(alarm["update"])
    alarm["delete"] = _deleted(alarm["delete"])


def _created(create: Callable[..., Created]) -> Callable[..., Created]:
    @wraps(create)
    def recorded(
        logical_id: str, props: Mapping[str, Any], stack: str
    ) -> Created:
        if "Metrics" not in props:
            return create(logical_id, props, stack)
        return _record(props, f"{stack}-{logical_id}")

    return recorded


def _updated(update: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(update)
    def recorded(
        physical_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        *more: Any,
    ) -> Any:
        if "Metrics" not in new:
            return update(physical_id, old, new, *more)
        return _record(new, physical_id)

    return recorded


def _deleted(delete: Callable[..., None]) -> Callable[..., None]:
    @wraps(delete)
    def recorded(physical_id: str, props: Mapping[str, Any]) -> None:
        if "Metrics" not in props:
            delete(physical_id, props)

    return recorded


def _record(props: Mapping[str, Any], otherwise: str) -> Created:
    return str(props.get("AlarmName") or otherwise), {}
