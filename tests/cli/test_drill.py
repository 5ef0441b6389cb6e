"""A drill is watched to its end, through every pause."""

import pytest

from cli.domain.ports import CommandFailed, Refused
from cli.domain.report import exit_status
from cli.domain.view import View
from cli.drill import (
    MACHINE_END_SECONDS,
    STALLED_SECONDS,
    Run,
    Stalled,
    UnknownServer,
    Watch,
    run_plan,
    watch_to_the_end,
)
from shared.domain.record import Record
from tests.cli.builders import (
    EXECUTION_ID,
    PLAN_ID,
    a_plan,
    a_record,
    a_server,
    a_wave,
    planned,
)
from tests.cli.fakes import (
    FakeClock,
    FakeCloud,
    FakeExecutions,
    FakeScreen,
    a_run,
)

UP = [a_wave(0, "COMPLETED", [a_server("a", "LAUNCHED")], endTime=1010)]


def completed() -> Record:
    return a_record("COMPLETED", UP, endTime=1011)


def paused(token: str = "token") -> Record:
    return a_record("PAUSED", pausedBeforeWave=0, taskToken=token)


def watched(
    executions: FakeExecutions,
    screen: FakeScreen | None = None,
    clock: FakeClock | None = None,
) -> View:
    return watch_to_the_end(
        Watch(
            executions=executions,
            screen=screen or FakeScreen(),
            clock=clock or FakeClock(),
            execution_id=EXECUTION_ID,
            plan_id=PLAN_ID,
            waves=planned(1),
        )
    )


def test_a_run_is_watched_until_record_and_state_machine_ended() -> None:
    executions = FakeExecutions(
        None, a_record("PENDING"), a_record("RUNNING"), completed()
    )

    seen = watched(executions)

    assert exit_status(seen) == 0
    assert seen.machine == a_run("SUCCEEDED")


def test_a_state_machine_that_does_not_end_holds_the_watch_for_a_while() -> (
    None
):
    executions = FakeExecutions(completed())
    executions.machine_is(a_run("RUNNING"), a_run("RUNNING"))
    clock = FakeClock()

    seen = watched(executions, clock=clock)

    assert seen.ended
    assert clock.time > 1000 + MACHINE_END_SECONDS


def test_a_pause_is_shown_and_released_once() -> None:
    executions = FakeExecutions(paused(), completed())
    screen = FakeScreen()

    watched(executions, screen)

    assert executions.resumed == [EXECUTION_ID]
    assert any("An operator resumes it with" in line for line in screen.lines)


def test_a_pause_without_its_token_is_left_alone_until_it_has_one() -> None:
    executions = FakeExecutions(paused(token=""))
    looks = []

    def count() -> None:
        looks.append(len(executions.resumed))
        if len(looks) == 3:
            executions.goes_on(paused(), completed())

    executions.on_look = count

    watched(executions)

    assert looks[:3] == [0, 0, 0]
    assert executions.resumed == [EXECUTION_ID]


def test_a_resume_that_comes_too_early_is_sent_again() -> None:
    executions = FakeExecutions(paused(), completed())
    executions.will_refuse(Refused("RESUME_TOKEN_MISSING", "not yet"))

    watched(executions)

    assert executions.resumed == [EXECUTION_ID]


def test_a_resume_that_is_refused_ends_the_watch() -> None:
    executions = FakeExecutions(paused(), completed())
    executions.will_refuse(Refused("RESUME_TOKEN_EXPIRED", "too late"))

    with pytest.raises(Refused, match="RESUME_TOKEN_EXPIRED: too late"):
        watched(executions)


def test_two_pauses_are_released_one_after_the_other() -> None:
    second = a_record("PAUSED", UP, pausedBeforeWave=1, taskToken="t")
    executions = FakeExecutions(paused(), second, completed())

    watched(executions)

    assert len(executions.resumed) == 2


@pytest.mark.parametrize("machine", [None, a_run("FAILED", "E", "why")])
def test_a_run_that_nothing_drives_is_given_up(machine: None) -> None:
    executions = FakeExecutions(a_record("RUNNING"))
    executions.machine_is(machine, machine)
    clock = FakeClock()

    with pytest.raises(Stalled, match="is RUNNING and ") as caught:
        watched(executions, clock=clock)

    assert clock.time >= 1000 + STALLED_SECONDS
    assert caught.value.seen is not None


def test_a_run_without_a_record_is_given_up() -> None:
    with pytest.raises(Stalled, match="without a record and no state machine"):
        watched(FakeExecutions(None))


def test_a_slow_run_whose_state_machine_lives_is_not_given_up() -> None:
    executions = FakeExecutions(a_record("RUNNING"))
    clock = FakeClock()

    def finish() -> None:
        if clock.time > 1000 + 5 * STALLED_SECONDS:
            executions.goes_on(completed())

    executions.on_look = finish

    assert watched(executions, clock=clock).ended


def a_drill(fail: tuple[str, ...] = ()) -> Run:
    return Run(plan=a_plan(), fail=fail, faults=[{"op": "DescribeJobs"}])


def test_a_drill_seeds_injects_starts_and_watches() -> None:
    executions = FakeExecutions(completed())
    cloud = FakeCloud(executions)
    screen = FakeScreen()

    run_plan(a_drill(fail=("web-1",)), cloud, screen, FakeClock())

    (seeded,) = cloud.seeded
    assert executions.started == [(seeded.plan_id, "DRILL")]
    assert cloud.faults == [
        {
            "server": seeded.server_ids["web-1"],
            "launch": "FAILED",
            "reason": "asked for with --fail",
            "times": 1,
        },
        {"op": "DescribeJobs"},
    ]
    assert screen.closed


def test_a_server_that_the_estate_does_not_have_cannot_fail() -> None:
    cloud = FakeCloud()

    with pytest.raises(UnknownServer, match="did you mean `web-"):
        run_plan(a_drill(fail=("web-9",)), cloud, FakeScreen(), FakeClock())

    assert not cloud.faults


@pytest.mark.parametrize("refused", [False, True])
def test_an_interrupted_drill_is_cancelled(refused: bool) -> None:
    executions = FakeExecutions(a_record("RUNNING"))
    screen = FakeScreen()

    def interrupt() -> None:
        if refused:
            executions.will_refuse(CommandFailed("no connection"))
        raise KeyboardInterrupt

    executions.on_look = interrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan(a_drill(), FakeCloud(executions), screen, FakeClock())

    assert executions.cancelled == ([] if refused else [EXECUTION_ID])
    assert screen.closed
    assert any("cancelled" in line for line in screen.lines)
