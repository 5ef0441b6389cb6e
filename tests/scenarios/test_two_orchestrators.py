"""Both orchestrators do the same: states, records, notices and calls.

Ids, times and ARNs differ between two runs; each is replaced by its rank
among those of its run.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.support.world import Orchestrator, World

UNIQUE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|drsjob-[0-9a-f]+|i-[0-9a-f]{8,}|"
    r"lt-[0-9a-f]+|arn:[^\"]+"
)
Scenario = Callable[[World], str]


def tiers(world: World, *waves: dict[str, Any]) -> str:
    for tier in ("db", "app", "web")[: len(waves)]:
        world.has_servers(tier, 2)
    world.has_plan(
        *(
            {"protectionGroupId": tier, **wave}
            for tier, wave in zip(("db", "app", "web"), waves, strict=False)
        )
    )
    return world.starts()


def completes(world: World) -> str:
    return tiers(world, {}, {"dependsOnWaves": [0]}, {})


def fails(world: World) -> str:
    execution = tiers(world, {}, {}, {})
    world.drs.will_fail("s-3")
    return execution


def continues(world: World) -> str:
    execution = tiers(
        world, {"onFailure": "continue"}, {"dependsOnWaves": [0]}, {}
    )
    world.drs.will_fail("s-1")
    return execution


def pauses(world: World) -> str:
    execution = tiers(world, {"pauseBeforeWave": True}, {})
    world.pauses(execution)
    world.virtual.advance(86_400)
    world.operate("resume", executionId=execution)
    return execution


def is_cancelled(world: World) -> str:
    execution = tiers(world, {}, {})
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)
    world.operate("cancel_execution", executionId=execution)
    return execution


def is_throttled(world: World) -> str:
    execution = tiers(world, {}, {})
    world.drs.throttles_next("StartRecovery", 2)
    world.drs.throttles_next("DescribeJobs", 3)
    return execution


def loses_a_reply(world: World) -> str:
    execution = tiers(world, {}, {})
    world.drs.loses_next_start_reply()
    return execution


def is_refused(world: World) -> str:
    execution = tiers(world, {}, {})
    world.drs.is_not_initialised("us-east-1")
    return execution


def is_large(world: World) -> str:
    world.has_servers("big", 201)
    world.has_plan({"protectionGroupId": "big"})
    return world.starts()


SCENARIOS = [
    completes,
    fails,
    continues,
    pauses,
    is_cancelled,
    is_throttled,
    loses_a_reply,
    is_refused,
    is_large,
]


def told(kind: Orchestrator, scenario: Scenario) -> dict[str, Any]:
    """Return everything that one orchestrator's run left, by rank."""
    world = World(kind)
    execution = scenario(world)
    record = world.finishes(execution)
    run = world.run_of(execution)
    everything = {
        "states": world.states,
        "record": msgspec.to_builtins(record),
        "intents": msgspec.to_builtins(world.executions.intents(record.key)),
        "notices": msgspec.to_builtins(world.notifier.sent),
        "calls": [call.operation for call in world.drs.calls],
        "run": [run.status, run.error, run.cause],
    }
    ranks: dict[str, str] = {}
    text = msgspec.json.encode(everything, order="sorted").decode()
    ranked = UNIQUE.sub(
        lambda found: ranks.setdefault(found[0], f"id-{len(ranks)}"), text
    )
    result: dict[str, Any] = msgspec.json.decode(ranked)
    return result


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_both_orchestrators_leave_the_same(scenario: Scenario) -> None:
    generic = told("generic", scenario)
    direct = told("direct", scenario)

    for part in ("record", "run", "intents", "notices", "calls"):
        assert generic[part] == direct[part], part
    assert len(generic["states"]) == len(direct["states"])
    for one, other in zip(generic["states"], direct["states"], strict=True):
        assert one == other
