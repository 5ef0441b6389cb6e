"""One run: from a number to what was found.

Decides when a run is over and what is said of it. Every job ends, every
pause is resumed and every fault passes, so every run must end by itself.
"""

import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from execution_handler.retry_failed import RETRYABLE
from tests.campaign.draw import draw
from tests.campaign.invariants import (
    Broken,
    Sizes,
    Steps,
    at_the_end,
    sizes,
)
from tests.campaign.points import Point
from tests.campaign.world import Campaign
from tests.support.scenario_driver.clock import START
from tests.support.world import Orchestrator

# Longer than every job, limit, pause, lease and retry together.
LONGEST = 90_000
AFTERWARDS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is known of a run."""

    seed: int
    orchestrator: str
    plain: bool
    crash_at: tuple[Point, ...]
    replay: str
    outcome: str
    broken: tuple[str, ...]
    struck: Counter[str]
    seen: frozenset[Point]
    crashed: frozenset[Point]
    largest: Sizes
    virtual_seconds: float
    seconds: float
    story: tuple[str, ...] = field(default=(), repr=False)


def run(
    seed: int,
    *,
    orchestrator: Orchestrator | None = None,
    plain: bool = False,
    common: bool = False,
    crash_at: tuple[Point, ...] = (),
) -> Result:
    """Run a seed to its end and tell what was found.

    Args:
        seed: The number that everything follows from.
        orchestrator: Which one; absent means the seed decides.
        plain: Without faults at calls.
        crash_at: Points at which a function is killed besides.
    """
    world = Campaign(draw(seed, plain=plain), orchestrator)
    world.trouble.crash_at = crash_at
    return played(world)


def played(world: Campaign) -> Result:
    """Play a world to its end and tell what was found."""
    begun = time.process_time()
    broken: list[str] = []
    try:
        broken += _played(world)
    except Broken as found:
        broken.append(str(found))
    except Exception:  # noqa: BLE001  # whatever it is, it is a finding
        broken.append(traceback.format_exc())
    return _result(world, broken, time.process_time() - begun)


def _replay(world: Campaign) -> str:
    words = ["scripts/chaos", f"--seed {world.drawn.seed}"]
    if world.common:
        words.append("--orchestrator both")
    elif world.kind != world.drawn.orchestrator:
        words.append(f"--orchestrator {world.kind}")
    if not world.drawn.faults:
        words.append("--plain")
    words.extend(f"--crash '{point}'" for point in world.trouble.crash_at)
    return " ".join(words)


def _result(world: Campaign, broken: list[str], seconds: float) -> Result:
    record = world.others.record()
    trouble = world.trouble
    struck = Counter({str(k): n for k, n in trouble.struck.items()})
    return Result(
        seed=world.drawn.seed,
        orchestrator=world.kind,
        plain=not world.drawn.faults,
        crash_at=trouble.crash_at,
        replay=_replay(world),
        outcome=str(record.status) if record else "NOT STARTED",
        broken=tuple(broken),
        struck=struck,
        seen=frozenset(trouble.seen),
        crashed=frozenset(trouble.crashed),
        largest=sizes(world),
        virtual_seconds=world.now() - START,
        seconds=seconds,
        story=tuple(world.told),
    )


def _played(world: Campaign) -> list[str]:
    """Play a world to its end; return what is broken."""
    if not world.begins():
        return _not_started(world)
    found = _ended(world)
    record = world.others.record()
    retryable = record is not None and record.status in RETRYABLE
    if found or not world.drawn.retried or not retryable:
        return found
    world.tell("== a retry of what failed")
    if not world.begins_again():
        return []
    return _ended(world)


def _ended(world: Campaign) -> list[str]:
    """Let a run end; return what is broken."""
    steps = Steps(world)
    world.after_step = steps.look
    steps.look()
    until = world.now() + LONGEST
    while world.virtual.step():
        steps.look()
        record = steps.record
        if record is not None and record.finalized_at:
            if not any(run.running for run in world.driver.runs.values()):
                break
        if world.now() > until:
            break
    # What comes late or twice must change nothing any more.
    world.trouble.schedule.pause()
    world.sleep(AFTERWARDS)
    steps.look()
    if steps.record is None:
        return ["the record is gone"]
    found = list(at_the_end(world, steps.record))
    found.extend(sizes(world).too_large())
    world.trouble.schedule.go_on()
    return found


def _not_started(world: Campaign) -> list[str]:
    """A start that never came through has launched nothing."""
    if world.true_drs.simulator.state.jobs_created > len(world.drawn.foreign):
        return ["jobs without an execution"]
    return ["the start never came through"]
