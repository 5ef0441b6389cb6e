"""What the waves of a plan file mean: their groups, order and circles."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import UNSET

from cli.domain.naming import hint, repeated
from cli.domain.plan_file import PlanFile, ProtectionGroup, Wave, wave_name
from cli.domain.problems import Path, Problem
from cli.domain.selection import group_region

_WAVES: Path = ("recoveryPlan", "waves")


def dependencies(waves: Sequence[Wave], number: int) -> tuple[int, ...]:
    """Return the places of the waves that this one waits for."""
    places = _places(waves)
    return tuple(
        reference if isinstance(reference, int) else places[reference]
        for reference in waves[number].depends_on_waves
    )


def wave_problems(plan: PlanFile) -> Iterator[Problem]:
    waves = plan.recovery_plan.waves
    names = [wave_name(wave, number) for number, wave in enumerate(waves)]
    yield from repeated(
        names,
        [(*_WAVES, number, "waveName") for number in range(len(waves))],
        "wave",
    )
    groups = {group.group_name: group for group in plan.protection_groups}
    used: dict[str, str] = {}
    for number, wave in enumerate(waves):
        path = (*_WAVES, number, "protectionGroups")
        for index, name in enumerate(wave.protection_groups):
            if name not in groups:
                yield Problem(
                    path=(*path, index),
                    wrong=f"there is no protection group `{name}`",
                    right=hint(name, list(groups), "the groups of this file"),
                )
            elif used.setdefault(name, names[number]) != names[number]:
                yield Problem(
                    path=(*path, index),
                    wrong=f"group `{name}` is in wave `{used[name]}` too",
                    right="a server is launched once; keep one of them",
                )
        yield from _wave_regions(plan, wave, path, groups)
        yield from _tolerance_problems(wave, (*_WAVES, number))
    yield from _dependency_problems(waves, names)


def _wave_regions(
    plan: PlanFile,
    wave: Wave,
    path: Path,
    groups: Mapping[str, ProtectionGroup],
) -> Iterator[Problem]:
    regions = {
        name: group_region(plan, groups[name])
        for name in wave.protection_groups
        if name in groups
    }
    if len(set(regions.values())) > 1:
        told = ", ".join(f"{name} in {at}" for name, at in regions.items())
        yield Problem(
            path=path,
            wrong=f"the wave's groups are in several Regions: {told}",
            right="make one wave for each Region",
        )


def _tolerance_problems(wave: Wave, path: Path) -> Iterator[Problem]:
    if (
        wave.failure_tolerance_count is not UNSET
        and wave.failure_tolerance_percentage is not UNSET
    ):
        yield Problem(
            path=(*path, "failureTolerancePercentage"),
            wrong="`failureToleranceCount` and `failureTolerancePercentage` "
            "stand beside each other",
            right="give one of them",
        )


def _dependency_problems(
    waves: Sequence[Wave], names: Sequence[str]
) -> Iterator[Problem]:
    places = _places(waves)
    sound = True
    for number, wave in enumerate(waves):
        path = (*_WAVES, number, "dependsOnWaves")
        for index, reference in enumerate(wave.depends_on_waves):
            known = (
                reference < len(waves)
                if isinstance(reference, int)
                else reference in places
            )
            if not known:
                sound = False
                yield Problem(
                    path=(*path, index),
                    wrong=f"there is no wave `{reference}`",
                    right=hint(
                        str(reference),
                        list(names),
                        f"the waves, or 0 to {len(waves) - 1}",
                    ),
                )
    if sound:
        yield from _repeated_dependencies(waves)
        yield from _cycles(waves, names)


def _repeated_dependencies(waves: Sequence[Wave]) -> Iterator[Problem]:
    for number in range(len(waves)):
        needed = dependencies(waves, number)
        yield from repeated(
            [wave_name(waves[n], n) for n in needed],
            [
                (*_WAVES, number, "dependsOnWaves", index)
                for index in range(len(needed))
            ],
            "dependency",
        )


def _cycles(waves: Sequence[Wave], names: Sequence[str]) -> Iterator[Problem]:
    """Name each circle once, at the dependency that closes it."""
    edges = {n: dependencies(waves, n) for n in range(len(waves))}
    done: set[int] = set()
    for start in edges:
        trail: list[int] = []
        stack = [(start, iter(edges[start]))]
        while stack:
            number, rest = stack[-1]
            if number not in trail:
                trail.append(number)
            following = next((n for n in rest if n not in done), None)
            if following is None:
                done.add(number)
                trail.pop()
                stack.pop()
            elif following in trail:
                circle = [*trail[trail.index(following) :], following]
                yield _circle(waves, names, circle, edges)
            else:
                stack.append((following, iter(edges[following])))


def _circle(
    waves: Sequence[Wave],
    names: Sequence[str],
    circle: Sequence[int],
    edges: Mapping[int, tuple[int, ...]],
) -> Problem:
    last, first = circle[-2], circle[-1]
    place = edges[last].index(first)
    told = " waits for ".join(f"`{names[number]}`" for number in circle)
    return Problem(
        path=(*_WAVES, last, "dependsOnWaves", place),
        wrong=f"the waves wait for each other: {told}",
        right="remove one of these dependencies",
    )


def _places(waves: Sequence[Wave]) -> dict[str, int]:
    return {wave_name(wave, n): n for n, wave in enumerate(waves)}
