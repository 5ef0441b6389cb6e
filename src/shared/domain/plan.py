"""A recovery plan as approved, and the order in which its waves run.

The order is topological over ``dependsOnWaves`` and stable, so a plan
without dependencies runs as it is written. Whether servers exist is not
decided here.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec.structs import replace

from shared.domain.errors import BadRequest
from shared.domain.wire import Count

MAX_WAVES: Final = 200
MAX_WAVE_SERVERS: Final = 4_000


OnFailure = Literal["stop", "continue"]
type Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


def groups_named(single: str, several: Iterable[str]) -> tuple[str, ...]:
    """Return the union of both group fields, duplicates removed."""
    both = (single, *several)
    return tuple(dict.fromkeys(group for group in both if group))


class PlanWave(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
):
    """One wave of a plan: groups of one Region that launch together."""

    wave_number: Count
    wave_name: str = ""
    wave_description: str = ""
    protection_group_id: str = ""
    protection_group_ids: tuple[str, ...] = ()
    server_ids: tuple[str, ...] = ()
    pause_before_wave: bool = False
    depends_on_waves: tuple[Count, ...] = ()
    on_failure: OnFailure = "stop"
    max_wait_seconds: Count | None = None
    only_server_ids: tuple[str, ...] | None = None
    failure_tolerance_count: Count | None = None
    failure_tolerance_percentage: Percent | None = None

    @property
    def name(self) -> str:
        """Return the wave's name, or the one it has by default."""
        return self.wave_name or f"Wave {self.wave_number + 1}"

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Return the union of both group fields, duplicates removed."""
        return groups_named(
            self.protection_group_id, self.protection_group_ids
        )

    def tolerance(self, servers: int) -> int:
        """Return how many critical servers may fail without a stop.

        Args:
            servers: How many servers the wave has; a percentage is of
                them, rounded down.
        """
        if self.failure_tolerance_percentage is not None:
            return servers * self.failure_tolerance_percentage // 100
        return self.failure_tolerance_count or 0


class Plan(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A plan as one run of it sees it, whatever becomes of the original."""

    plan_id: str
    plan_name: str
    waves: tuple[PlanWave, ...]
    version: Count = 0

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
    waves = item.get("waves")
    if isinstance(waves, list):
        waves = [_numbered(wave, at) for at, wave in enumerate(waves)]
    try:
        return msgspec.convert(
            {
                "planId": item.get("planId") or "",
                "planName": item.get("planName") or item.get("name") or "",
                "version": item.get("version") or 0,
                "waves": () if waves is None else waves,
            },
            Plan,
            strict=False,
        )
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"The plan cannot be read: {error}.", code="INVALID_WAVE_DATA"
        ) from error


def _numbered(wave: object, number: int) -> object:
    """Drop nulls, which older clients write for absent values."""
    if not isinstance(wave, dict):
        return wave
    known = {key: value for key, value in wave.items() if value is not None}
    return {**known, "waveNumber": number}


def check_runnable(plan: Plan) -> None:
    """Refuse a plan that no run could carry out.

    Raises:
        BadRequest: ``PLAN_HAS_NO_WAVES``, ``PLAN_TOO_LARGE``,
            ``INVALID_WAVE_DATA``, ``CIRCULAR_DEPENDENCY``.
    """
    if not plan.waves:
        raise BadRequest(
            f"Plan {plan.plan_name} has no waves; add one.",
            code="PLAN_HAS_NO_WAVES",
        )
    if len(plan.waves) > MAX_WAVES:
        raise BadRequest(
            f"Plan {plan.plan_name} has {len(plan.waves)} waves; "
            f"{MAX_WAVES} are allowed.",
            code="PLAN_TOO_LARGE",
        )
    for wave in plan.waves:
        _check_tolerance(wave)
    wave_order(plan.waves)


def _check_tolerance(wave: PlanWave) -> None:
    if (
        wave.failure_tolerance_count is not None
        and wave.failure_tolerance_percentage is not None
    ):
        raise BadRequest(
            f"waves[{wave.wave_number}] has both failureToleranceCount and "
            "failureTolerancePercentage; give one of them.",
            code="INVALID_WAVE_DATA",
        )


def has_circular_dependencies(waves: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether ``dependsOnWaves`` of these waves closes a circle.

    A wave that waits for itself is one; one that there is not is none.

    Raises:
        BadRequest: ``INVALID_WAVE_DATA``, the waves cannot be read.
    """
    plan = plan_from_item({"waves": waves})
    numbers = {wave.wave_number for wave in plan.waves}
    known = [
        replace(
            wave,
            depends_on_waves=tuple(
                one for one in wave.depends_on_waves if one in numbers
            ),
        )
        for wave in plan.waves
    ]
    return len(_sorted(known)) < len(known)


def wave_order(waves: Sequence[PlanWave]) -> tuple[int, ...]:
    """Return the wave numbers in running order; empty means array order.

    Raises:
        BadRequest: ``INVALID_WAVE_DATA``, a dependency is no wave;
            ``CIRCULAR_DEPENDENCY``.
    """
    _check_dependencies(waves)
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


def _check_dependencies(waves: Sequence[PlanWave]) -> None:
    numbers = {wave.wave_number for wave in waves}
    for wave in waves:
        for number in wave.depends_on_waves:
            if number not in numbers:
                raise BadRequest(
                    f"waves[{wave.wave_number}].dependsOnWaves names "
                    f"waveNumber {number}, which the plan does not have.",
                    code="INVALID_WAVE_DATA",
                )


def _sorted(waves: Sequence[PlanWave]) -> tuple[int, ...]:
    """Take the first wave whose dependencies are taken, again and again."""
    missing = [set(wave.depends_on_waves) for wave in waves]
    dependants: dict[int, list[int]] = {}
    for at, numbers in enumerate(missing):
        for number in numbers:
            dependants.setdefault(number, []).append(at)
    ready = [at for at, numbers in enumerate(missing) if not numbers]
    taken: list[int] = []
    while ready:
        number = waves[heappop(ready)].wave_number
        taken.append(number)
        for at in dependants.pop(number, ()):
            missing[at].discard(number)
            if not missing[at]:
                heappush(ready, at)
    return tuple(taken)
