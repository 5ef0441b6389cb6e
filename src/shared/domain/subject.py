"""What an event is about, for the lines of the log.

Only ids are read, from wherever an event of this product carries them.
"""

from collections.abc import Mapping
from typing import Any

_IDS = {
    "execution_id": ("execution_id", "executionId"),
    "plan_id": ("plan_id", "planId"),
    "wave": ("wave_number", "current_wave_number", "waveNumber"),
}


def subject_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the execution, plan and wave that an event names."""
    places = [event]
    for name in ("application", "state"):
        inner = event.get(name)
        if isinstance(inner, Mapping):
            places.append(inner)
    found: dict[str, Any] = {}
    for field, names in _IDS.items():
        for place in places:
            value = next((place[n] for n in names if n in place), None)
            if isinstance(value, str | int) and field not in found:
                found[field] = value
    if "execution_id" not in found and isinstance(event.get("execution"), str):
        found["execution_id"] = event["execution"]
    return found
