"""Run a plan and watch it to its end.

The loop reads, shows, and answers a pause; what is seen is decided by the
view. It ends when the record has a final status and the state machine has
stopped, or when neither can come any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cli.domain.plan_file import PlanFile
from cli.domain.plan_schema import nearest
from cli.domain.ports import (
    Clock,
    Cloud,
    CommandFailed,
    Executions,
    Fault,
    MachineRun,
    Refused,
    Screen,
)
from cli.domain.seeding import PlannedWave, Seeds, seeds
from cli.domain.view import View, view

POLL_SECONDS = 0.5
# The end of a state machine follows the record's end within one Wait.
MACHINE_END_SECONDS = 90.0
# How long an execution may stand still while no state machine runs.
STALLED_SECONDS = 120.0
_NOT_YET = ("RESUME_TOKEN_MISSING", "EXECUTION_NOT_PAUSED")


class UnknownServer(CommandFailed):
    """A server was named that the plan's estate does not have."""


class Stalled(CommandFailed):
    """Nothing moves the execution; ``seen`` is what was seen last."""

    def __init__(self, message: str, seen: View | None) -> None:
        super().__init__(message)
        self.seen = seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched, and by what means."""

    executions: Executions
    screen: Screen
    clock: Clock
    execution_id: str
    plan_id: str
    waves: Sequence[PlannedWave]


def watch_to_the_end(watch: Watch) -> View:
    """Show the execution until it is over, resuming it at every pause.

    Raises:
        Stalled: Nothing moves the execution any more.
    """
    resumed: set[int] = set()
    seen: View | None = None
    moved = watch.clock.now()
    while True:
        now = watch.clock.now()
        latest = _look(watch, now)
        if latest is not None:
            if _state(latest) != _state(seen):
                moved = now
            seen = latest
            watch.screen.show(latest)
            if _is_over(latest, now - moved):
                return latest
            _answer_pause(watch, latest, resumed)
        _give_up(watch, seen, now - moved)
        watch.clock.sleep(POLL_SECONDS)


def _look(watch: Watch, now: float) -> View | None:
    record = watch.executions.record(watch.execution_id, watch.plan_id)
    if record is None:
        return None
    machine: MachineRun | None = None
    if record.state_machine_arn:
        machine = watch.executions.machine_run(record.state_machine_arn)
    return view(record, watch.waves, machine, int(now))


def _is_over(seen: View, still: float) -> bool:
    machine_ended = seen.machine is None or not seen.machine.runs
    return seen.ended and (machine_ended or still > MACHINE_END_SECONDS)


def _answer_pause(watch: Watch, seen: View, resumed: set[int]) -> None:
    """Resume once per pause, as soon as the pause can be released."""
    number = seen.paused_before
    if number is None or number in resumed or not seen.resumable:
        return
    watch.screen.say(
        f"Paused before wave {number + 1}. An operator resumes it with the "
        f'operation {{"operation": "resume", "executionId": '
        f'"{seen.execution_id}"}} of the execution handler; '
        "this drill does so now."
    )
    try:
        watch.executions.resume(seen.execution_id)
    except Refused as error:
        if error.code not in _NOT_YET:
            raise
        return
    resumed.add(number)


def _give_up(watch: Watch, seen: View | None, still: float) -> None:
    """End the watch of an execution that nothing drives.

    Raises:
        Stalled: It stood still too long without a state machine.
    """
    machine = seen.machine if seen else None
    driven = machine is not None and machine.runs
    if driven or still < STALLED_SECONDS:
        return
    status = seen.status if seen else "without a record"
    told = "no state machine runs it"
    if machine is not None:
        told = f"its state machine is {machine.status}"
        told += f" ({machine.error}: {machine.cause})" if machine.error else ""
    raise Stalled(
        f"Execution {watch.execution_id} is {status} and {told}; nothing "
        f"changed for {int(still)} s. Read the execution handler's log group.",
        seen,
    )


def _state(seen: View | None) -> object:
    """Return what counts as movement: all but the passing of time."""
    if seen is None:
        return None
    return (
        seen.status,
        seen.machine,
        tuple(
            (row.status, row.phase, row.launched, row.failed, row.message)
            for row in seen.waves
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A plan to run in a local cloud, and what is to go wrong."""

    plan: PlanFile
    fail: Sequence[str]
    faults: Sequence[Fault]


def run_plan(run: Run, cloud: Cloud, screen: Screen, clock: Clock) -> View:
    """Seed the cloud, run the plan as a drill and watch it to its end.

    Raises:
        CommandFailed: The start was refused, or nothing drives the run.
    """
    seeded = seeds(
        run.plan, account_id=cloud.account_id(), now=int(clock.now())
    )
    cloud.seed(seeded)
    cloud.inject([*launch_faults(run.fail, seeded), *run.faults])
    executions = cloud.executions()
    execution_id = executions.start(seeded.plan_id, "DRILL")
    watch = Watch(
        executions=executions,
        screen=screen,
        clock=clock,
        execution_id=execution_id,
        plan_id=seeded.plan_id,
        waves=seeded.waves,
    )
    try:
        return watch_to_the_end(watch)
    except KeyboardInterrupt:
        _cancel(watch)
        raise
    finally:
        screen.close()


def launch_faults(names: Sequence[str], seeded: Seeds) -> list[Fault]:
    """Return the faults that make these servers fail to launch, once.

    Raises:
        UnknownServer: The plan's estate has no such server.
    """
    faults: list[Fault] = []
    for name in names:
        server_id = seeded.server_id(name)
        if server_id is None:
            known = nearest(name, list(seeded.server_ids))
            raise UnknownServer(
                f"The estate has no server `{name}`; "
                + (known if known.startswith("did") else "use a host name.")
            )
        faults.append(
            {
                "server": server_id,
                "launch": "FAILED",
                "reason": "asked for with --fail",
                "times": 1,
            }
        )
    return faults


def _cancel(watch: Watch) -> None:
    """Ask for the end of a run that nobody watches any more."""
    try:
        watch.executions.cancel(watch.execution_id)
    except CommandFailed as error:
        watch.screen.say(f"The execution could not be cancelled: {error}")
    else:
        watch.screen.say(f"Execution {watch.execution_id} is cancelled.")
