"""When the steps of a job happen, drawn once, when the job is created.

Decides every offset of a plan from the ranges seen at the real service: a
job is PENDING for about 30 s, an instance takes 30 s to 5 min to launch, a
whole job 5 to 15 min. Does not decide what comes of a step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from drs_simulator.domain.records import Outcome, Participant

PENDING_SECONDS = (25.0, 35.0)
SHORTEST_JOB = (300.0, 330.0)
CLOSING_SECONDS = (5.0, 30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A server that is to take part in a launch."""

    participant: Participant
    skips_conversion: bool = False
    from_snapshot: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a job starts and ends, and its participants with their plans."""

    start: float
    end: float | None
    participants: tuple[Participant, ...]


def launch_schedule(
    entries: Sequence[Entry], rng: Random, scale: float
) -> Schedule:
    """Draw the plan of a LAUNCH job.

    Args:
        entries: the servers; ``seconds`` fixes the time from the creation
            of the job to the end of that server's launch.
        rng: where chance comes from.
        scale: factor for every duration.
    """
    fixed = [entry.seconds for entry in entries if entry.seconds is not None]
    start = min([rng.uniform(*PENDING_SECONDS), *(s * 0.1 for s in fixed)])
    planned = tuple(_planned(entry, start, rng) for entry in entries)
    last = max((p.finish or p.begin or start for p in planned), default=start)
    if fixed:
        end = last * 1.02
    else:
        end = max(
            last + rng.uniform(*CLOSING_SECONDS), rng.uniform(*SHORTEST_JOB)
        )
    never = any(p.outcome is Outcome.NEVER for p in planned)
    return Schedule(
        start=start * scale,
        end=None if never else end * scale,
        participants=tuple(_scaled(_unfinished(p), scale) for p in planned),
    )


def terminate_schedule(
    participants: Sequence[Participant], rng: Random, scale: float
) -> Schedule:
    """Draw the plan of a TERMINATE job."""
    start = rng.uniform(5, 15)
    planned = []
    for participant in participants:
        begin = start + rng.uniform(0, 5)
        finish = begin + rng.uniform(30, 90)
        planned.append(
            replace(
                participant,
                begin=begin,
                finish=finish,
                cleanup_at=finish,
                steps=(("CLEANUP_START", begin), ("CLEANUP_END", finish)),
            )
        )
    end = max(p.finish or 0.0 for p in planned) + rng.uniform(2, 10)
    return Schedule(
        start=start * scale,
        end=end * scale,
        participants=tuple(_scaled(p, scale) for p in planned),
    )


def _planned(entry: Entry, start: float, rng: Random) -> Participant:
    participant = entry.participant
    if participant.outcome is Outcome.SKIPPED:
        return replace(participant, steps=(("SERVER_SKIPPED", start),))
    relative, length = _steps(entry, rng)
    ratio = 1.0
    if entry.seconds is not None:
        ratio = max(0.0, entry.seconds - start) / length
    steps = tuple((name, start + at * ratio) for name, at in relative)
    cleanup = next((at for name, at in steps if name == "CLEANUP_END"), None)
    return replace(
        participant,
        steps=steps,
        begin=steps[0][1],
        finish=start + length * ratio,
        cleanup_at=cleanup,
    )


def _steps(entry: Entry, rng: Random) -> tuple[list[tuple[str, float]], float]:
    at = rng.uniform(0, 5)
    steps: list[tuple[str, float]] = []
    if entry.participant.old_instance is not None:
        steps.append(("CLEANUP_START", at))
        at += rng.uniform(5, 20)
        steps.append(("CLEANUP_END", at))
    if entry.from_snapshot:
        steps.append(("USING_PREVIOUS_SNAPSHOT", at))
    else:
        steps.append(("SNAPSHOT_START", at))
        at += rng.uniform(10, 60)
        steps.append(("SNAPSHOT_END", at))
    if not entry.skips_conversion:
        steps.append(("CONVERSION_START", at))
        at += rng.uniform(60, 300)
        steps.append(("CONVERSION_END", at))
    steps.append(("LAUNCH_START", at))
    return steps, at + rng.uniform(30, 300)


def _unfinished(participant: Participant) -> Participant:
    if participant.outcome in (Outcome.NEVER, Outcome.UNFINISHED):
        return replace(participant, finish=None)
    return participant


def _scaled(participant: Participant, scale: float) -> Participant:
    if scale == 1.0:
        return participant
    return replace(
        participant,
        steps=tuple((name, at * scale) for name, at in participant.steps),
        begin=_times(participant.begin, scale),
        finish=_times(participant.finish, scale),
        cleanup_at=_times(participant.cleanup_at, scale),
    )


def _times(offset: float | None, scale: float) -> float | None:
    return None if offset is None else offset * scale
