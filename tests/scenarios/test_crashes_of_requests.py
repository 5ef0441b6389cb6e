"""Skips and retries at any point, and functions that die in them."""

import pytest

from shared.domain.errors import DrError
from shared.domain.record import Record
from shared.domain.status import Status, WaveStatus
from tests.scenarios.crashes import CrashingWorld, Killed
from tests.support.world import PLAN, Orchestrator

KINDS: tuple[Orchestrator, ...] = ("generic", "direct")
DB, WEB = ({f"s-{n:017}" for n in pair} for pair in ((1, 2), (3, 4)))


def launched(world: CrashingWorld) -> list[str]:
    return [
        server
        for job in world.drs.jobs_started
        for server in sorted(job.server_ids)
    ]


def locks(world: CrashingWorld) -> list[str]:
    return [key[0] for key in world.executions.items if "lock-" in key[0]]


def one_won(world: CrashingWorld, record: Record) -> bool:
    """Check that the second wave was either skipped or run, once."""
    entry = record.entry(1)
    skipped = entry is not None and entry.status is WaveStatus.SKIPPED
    assert sorted(launched(world)) == sorted(DB if skipped else DB | WEB)
    assert record.status is (Status.PARTIAL if skipped else Status.COMPLETED)
    assert locks(world) == []
    assert world.executions.live() == []
    return skipped


@pytest.mark.parametrize("kind", KINDS)
def test_a_skip_at_any_point_wins_or_loses_as_a_whole(
    kind: Orchestrator,
) -> None:
    plain = CrashingWorld(kind=kind)
    plain.finishes(plain.begins())
    outcomes = set()
    for point in range(5, plain.points.count):
        world = CrashingWorld(kind=kind)
        answers: list[str] = []

        def ask(
            world: CrashingWorld = world, answers: list[str] = answers
        ) -> None:
            for record in world.executions.active():
                try:
                    reply = world.operate(
                        "skip_wave",
                        executionId=record.execution_id,
                        waveNumber=1,
                        reason="by hand",
                    )
                except DrError as error:
                    answers.append(error.code)
                else:
                    answers.append(str(reply["waveStatus"]))

        world.points.at[point] = ask

        record = world.finishes(world.begins())

        skipped = one_won(world, record)
        assert not answers or skipped is (answers == ["SKIPPED"])
        outcomes.add(skipped)
    assert outcomes == {True, False}


@pytest.mark.parametrize("kind", KINDS)
def test_a_skip_that_dies_is_done_when_it_is_asked_again(
    kind: Orchestrator,
) -> None:
    for death in range(1, 7):
        world = CrashingWorld(kind=kind, pauseBeforeWave=True)
        execution = world.begins()
        world.runs_until(lambda: bool(world.record(execution).task_token))
        world.points.kill(world.points.count + death)

        reply = world.asks(
            "skip_wave", executionId=execution, waveNumber=1, reason="x"
        )
        world.operate("resume", executionId=execution)
        record = world.finishes(execution)

        assert reply["waveStatus"] == "SKIPPED"
        assert one_won(world, record)


@pytest.mark.parametrize("token", ["once", ""])
def test_a_retry_that_dies_starts_one_execution_when_asked_again(
    token: str,
) -> None:
    dead = 0
    for death in range(1, 24):
        world = CrashingWorld()
        world.drs.is_well_again()
        world.drs.will_fail("s-1")
        first = world.finishes(world.begins())
        world.points.kill(world.points.count + death)

        retry = _retried(world, first, token)
        dead += len(retry) > 1
        record = world.finishes(retry[-1])

        assert record.status is Status.COMPLETED
        assert record.retry_of == first.execution_id
        assert sorted(launched(world)) == sorted(
            [*DB, "s-00000000000000001", *WEB]
        )
        assert locks(world) == []
        assert world.record(first.execution_id).retried_by == retry[-1]
    assert dead


def _retried(world: CrashingWorld, first: Record, token: str) -> list[str]:
    """Ask until an answer comes; each attempt leaves an item."""
    attempts: list[str] = []
    for _ in range(10):
        try:
            with world.points.function():
                reply = world.operate(
                    "retry_failed",
                    executionId=first.execution_id,
                    clientToken=token or None,
                )
            return [*attempts, str(reply["executionId"])]
        except Killed:
            attempts.append("")
            world.virtual.advance(5)
        except DrError as error:
            # Without a token the dead attempt holds the plan for a while.
            assert error.code in ("PLAN_ALREADY_EXECUTING", "SERVER_CONFLICT")
            attempts.append(error.code)
            world.virtual.advance(331)
    raise AssertionError(f"the retry of {PLAN} never came through")
