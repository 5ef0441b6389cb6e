"""Whatever is repeated, and wherever a reply is lost, a wave starts once."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import execution_handler.actions as execution_handler
import query_handler.actions as query_handler
from shared.domain.errors import HandlerUnavailable
from shared.domain.record import Record
from shared.domain.status import Status
from tests.support.world import Orchestrator, World


class LossyWorld(World):
    """A world in which chosen replies never arrive at the state machine."""

    def __init__(
        self,
        kind: Orchestrator = "generic",
        lost: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(kind)
        self._lost = lost
        self._count = 0

    def _invoke(self, payload: dict[str, Any]) -> Any:
        reply = super()._invoke(payload)
        self._count += 1
        if self._count in self._lost and reply.error is None:
            self.states.pop()
            return super()._invoke(payload)
        return reply


def a_run(world: World, **wave: object) -> str:
    for tier in ("db", "app", "web"):
        world.has_servers(tier, 1)
    world.has_plan(
        {"protectionGroupId": "db", **wave},
        {"protectionGroupId": "app", "dependsOnWaves": [0]},
        {"protectionGroupId": "web", "dependsOnWaves": [1]},
    )
    return world.starts()


@pytest.mark.parametrize("kind", ["generic", "direct"])
def test_every_action_may_be_repeated_at_once(kind: Orchestrator) -> None:
    world = LossyWorld(kind, frozenset(range(1, 10_000)))

    record = world.finishes(a_run(world))

    assert record.status is Status.COMPLETED
    assert len(world.drs.jobs_started) == 3
    assert world.notifier.events == [
        "start",
        "wave_complete",
        "wave_complete",
        "wave_complete",
        "complete",
    ]


@settings(max_examples=8, deadline=None)
@given(st.frozensets(st.integers(1, 60)), st.booleans())
def test_lost_replies_change_no_outcome(
    lost: frozenset[int], pauses: bool
) -> None:
    world = LossyWorld("generic", lost)
    execution = a_run(world, pauseBeforeWave=pauses)

    if pauses:
        world.pauses(execution)
        world.operate("resume", executionId=execution)
    record = world.finishes(execution)

    assert record.status is Status.COMPLETED
    assert [entry.wave_number for entry in record.waves] == [0, 1, 2]
    assert len(world.drs.jobs_started) == 3


class Deaf:
    """A peer that does its work and whose first replies get lost."""

    def __init__(self, peer: Any, action: str, times: int) -> None:
        self._peer = peer
        self._action = action
        self._left = times

    def __call__(self, event: dict[str, Any], ports: Any) -> Mapping[str, Any]:
        reply: Mapping[str, Any] = self._peer[self._action](event, ports)
        if self._left:
            self._left -= 1
            raise HandlerUnavailable("the reply was lost")
        return reply


def finished(world: World, monkeypatch: pytest.MonkeyPatch) -> Record:
    starter = Deaf(dict(execution_handler.ACTIONS), "start_wave_recovery", 2)
    poller = Deaf(dict(query_handler.ACTIONS), "poll_wave_status", 2)
    monkeypatch.setitem(
        execution_handler.ACTIONS, "start_wave_recovery", starter
    )
    monkeypatch.setitem(query_handler.ACTIONS, "poll_wave_status", poller)
    return world.finishes(a_run(world))


@pytest.mark.parametrize("kind", ["generic", "direct"])
def test_a_peer_whose_reply_is_lost_is_asked_again(
    kind: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(kind)

    record = finished(world, monkeypatch)

    assert record.status is Status.COMPLETED
    assert len(world.drs.jobs_started) == 3


def test_a_wave_that_a_lost_start_began_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    execution = a_run(world)
    world.runs_until(lambda: len(world.drs.jobs_started) == 1)
    monkeypatch.setitem(
        execution_handler.ACTIONS,
        "start_wave_recovery",
        Deaf(dict(execution_handler.ACTIONS), "start_wave_recovery", 1),
    )

    record = world.finishes(execution)

    assert record.status is Status.COMPLETED
    assert [entry.wave_number for entry in record.waves] == [0, 1, 2]
