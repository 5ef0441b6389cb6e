"""A recovery plan as approved, and the order in which its waves run.

The order is topological over ``dependsOnWaves`` and stable, so a plan
without dependencies runs as it is written. Whether servers exist is not
decided here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from shared.domain.errors import BadRequest

OnFailure = Literal["stop", "continue"]


class PlanWave(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """One wave of a plan: groups of one Region that launch together."""

    wave_number: int
    wave_name: str = ""
    wave_description: str = ""
    protection_group_id: str = ""
    protection_group_ids: tuple[str, ...] = ()
    server_ids: tuple[str, ...] = ()
    pause_before_wave: bool = False
    depends_on_waves: tuple[int, ...] = ()
    on_failure: OnFailure = "stop"
    max_wait_seconds: int | None = None
    only_server_ids: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """Return the wave's name, or the one it has by default."""
        return self.wave_name or f"Wave {self.wave_number + 1}"

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Return the union of both group fields, duplicates removed."""
        both = (self.protection_group_id, *self.protection_group_ids)
        return tuple(dict.fromkeys(group for group in both if group))


class Plan(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A plan as one run of it sees it, whatever becomes of the original."""

    plan_id: str
    plan_name: str
    waves: tuple[PlanWave, ...]
    version: int = 0

    def wave(self, number: int) -> PlanWave:
        """Return the wave of that number.

        Raises:
            BadRequest: ``INVALID_WAVE``, the plan has no such wave.
        """
        for wave in self.waves:
            if wave.wave_number == number:
                return wave
        raise BadRequest(
            f"Plan {self.plan_id} has no waveNumber {number}; they run from "
            f"0 to {len(self.waves) - 1}.",
            code="INVALID_WAVE",
        )


def plan_from_item(item: Mapping[str, Any]) -> Plan:
    """Read a plan from a table item or an input, tolerating other keys.

    A wave's number is its place in the list, whatever the item says.

    Raises:
        BadRequest: ``INVALID_WAVE_DATA`` with the path of the bad value.
    """
    waves = [
        {**_known(wave), "waveNumber": number}
        for number, wave in enumerate(item.get("waves") or ())
    ]
    try:
        return msgspec.convert(
            {
                "planId": item.get("planId") or "",
                "planName": item.get("planName") or item.get("name") or "",
                "version": item.get("version") or 0,
                "waves": waves,
            },
            Plan,
            strict=False,
        )
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"The plan cannot be read: {error}.", code="INVALID_WAVE_DATA"
        ) from error


def _known(wave: Mapping[str, Any]) -> dict[str, Any]:
    """Drop nulls, which older clients write for absent values."""
    return {key: value for key, value in wave.items() if value is not None}


def has_circular_dependencies(waves: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether ``dependsOnWaves`` of these waves closes a circle."""
    plan = plan_from_item({"waves": waves})
    return len(_sorted(plan.waves)) < len(plan.waves)


def wave_order(waves: Sequence[PlanWave]) -> tuple[int, ...]:
    """Return the wave numbers in running order; empty means array order.

    Raises:
        BadRequest: ``CIRCULAR_DEPENDENCY``.
    """
    order = _sorted(waves)
    if len(order) < len(waves):
        stuck = sorted({w.wave_number for w in waves} - set(order))
        raise BadRequest(
            f"Waves {stuck} wait for each other; remove one of their "
            "dependsOnWaves.",
            code="CIRCULAR_DEPENDENCY",
        )
    if order == tuple(wave.wave_number for wave in waves):
        return ()
    return order


def _sorted(waves: Sequence[PlanWave]) -> tuple[int, ...]:
    """Take the first wave whose dependencies are taken, again and again."""
    taken: list[int] = []
    left = list(waves)
    while left:
        ready = next(
            (w for w in left if set(w.depends_on_waves) <= set(taken)), None
        )
        if ready is None:
            break
        taken.append(ready.wave_number)
        left.remove(ready)
    return tuple(taken)
