"""The commands that run plans and steer executions."""

import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from cli.domain.report import NOT_COMPLETED, exit_status, lines_of
from cli.domain.target import EXECUTION
from cli.finding import find_plan
from cli.frame import Wiring, err, out, print_json, say, statuses
from cli.lookups import JsonOption
from cli.screen import screen_for
from cli.watching import (
    execution,
    watch_execution,
    watch_termination,
)

app = typer.Typer()

ExecutionArgument = Annotated[
    str, typer.Argument(metavar="EXECUTION", help="An execution's id.")
]
WatchOption = Annotated[
    bool, typer.Option("--watch", help="Watch it to its end.")
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token",
        help="1 to 64 characters; the same token starts nothing twice.",
    ),
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask whether it is meant.")
]


@app.command()
def run(
    context: typer.Context,
    plan: Annotated[str, typer.Argument(help="A plan's name or id.")],
    recovery: Annotated[
        bool, typer.Option("--recovery", help="For real; else a drill.")
    ] = False,
    token: TokenOption = "",
    watch_it: WatchOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start a plan as a drill, or as a recovery."""
    wiring: Wiring = context.obj
    with statuses():
        found = find_plan(wiring, plan)
        if recovery:
            sure(f"Recover {found['planName']} for real?", yes)
        body = wiring.ask(
            EXECUTION,
            "start_execution",
            planId=found["planId"],
            executionType="RECOVERY" if recovery else "DRILL",
            clientToken=token or uuid.uuid4().hex,
        )
        _started(wiring, body, watch_it, as_json)


@app.command()
def retry(
    context: typer.Context,
    execution_id: ExecutionArgument,
    include_skipped: Annotated[
        bool,
        typer.Option("--include-skipped", help="Skipped waves as well."),
    ] = False,
    token: TokenOption = "",
    watch_it: WatchOption = False,
    as_json: JsonOption = False,
) -> None:
    """Start the servers again that an ended execution did not launch."""
    wiring: Wiring = context.obj
    with statuses():
        body = wiring.ask(
            EXECUTION,
            "retry_failed",
            executionId=execution_id,
            clientToken=token or uuid.uuid4().hex,
            includeSkipped=include_skipped,
        )
        _started(wiring, body, watch_it, as_json)


@app.command()
def watch(
    context: typer.Context,
    execution_id: ExecutionArgument,
    as_json: JsonOption = False,
) -> None:
    """Watch an execution to its end; exit status 0 where all launched."""
    with statuses():
        _watch(context.obj, execution_id, as_json)


@app.command()
def pause(
    context: typer.Context,
    execution_id: ExecutionArgument,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Let an execution pause before its next wave."""
    _steer(context, "pause", execution_id, as_json, reason=reason)


@app.command()
def resume(
    context: typer.Context,
    execution_id: ExecutionArgument,
    as_json: JsonOption = False,
) -> None:
    """Let a paused execution go on."""
    _steer(context, "resume", execution_id, as_json)


@app.command()
def cancel(
    context: typer.Context,
    execution_id: ExecutionArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """End an execution; jobs of DRS that run are watched to their end."""
    with statuses():
        sure(f"Cancel execution {execution_id}?", yes)
    _steer(context, "cancel_execution", execution_id, as_json)


@app.command()
def skip(
    context: typer.Context,
    execution_id: ExecutionArgument,
    wave: Annotated[
        int, typer.Argument(min=1, help="The wave's place, from 1.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    satisfied: Annotated[
        bool,
        typer.Option(
            "--satisfied", help="Waves that depend on it run all the same."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Leave out a wave that has not started."""
    _steer(
        context,
        "skip_wave",
        execution_id,
        as_json,
        waveNumber=wave - 1,
        reason=reason,
        satisfied=satisfied,
    )


@app.command()
def terminate(
    context: typer.Context,
    execution_id: ExecutionArgument,
    yes: YesOption = False,
    watch_it: Annotated[
        bool, typer.Option("--watch", help="Wait until they are gone.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """End the instances that an ended execution launched."""
    wiring: Wiring = context.obj
    with statuses():
        name = execution(wiring, execution_id).get("planName")
        sure(f"Terminate the instances of {name}, {execution_id}?", yes)
        body = wiring.ask(
            EXECUTION, "terminate_instances", executionId=execution_id
        )
        tell = say(err() if as_json else out())
        tell(_terminated(body))
        failed = bool(body.get("totalFailed"))
        if watch_it and body.get("jobs"):
            body = watch_termination(wiring, execution_id, tell)
            failed = failed or bool(body["anyFailed"])
        if as_json:
            print_json(body)
        if failed:
            raise typer.Exit(NOT_COMPLETED)


def _terminated(body: Mapping[str, Any]) -> str:
    if body.get("alreadyTerminated"):
        return "The instances are terminated already."
    if body.get("noInstancesFound"):
        return "There is no instance of this execution any more."
    jobs = ", ".join(str(job["jobId"]) for job in body.get("jobs") or ())
    failed = "".join(
        f"\n  {one.get('recoveryInstanceId')}: {one.get('error')}"
        for one in body.get("failed") or ()
    )
    return (
        f"{body['totalTerminated']} of {body['totalFound']} instances are "
        f"being terminated by DRS, jobs: {jobs or 'none yet'}{failed}"
    )


def _steer(
    context: typer.Context,
    operation: str,
    execution_id: str,
    as_json: bool,
    **fields: Any,
) -> None:
    wiring: Wiring = context.obj
    with statuses():
        body = wiring.ask(
            EXECUTION, operation, executionId=execution_id, **fields
        )
        if as_json:
            print_json(body)
            return
        say(out())(f"{body['status']}: {body['message']}")


def _started(
    wiring: Wiring, body: Mapping[str, Any], watch_it: bool, as_json: bool
) -> None:
    execution_id = str(body["executionId"])
    tell: Callable[[str], None] = say(err() if as_json else out())
    for warning in body.get("warnings") or ():
        tell(f"Warning: {_words(warning)}")
    if watch_it:
        _watch(wiring, execution_id, as_json)
        return
    if as_json:
        print_json(body)
        return
    tell(f"{body['status']}: {body['message']}")
    tell(f"Watch it with: {wiring.target.command('watch', execution_id)}")


def _words(warning: Any) -> str:
    if isinstance(warning, Mapping):
        told = (warning.get("code"), warning.get("message"))
        return ": ".join(str(one) for one in told if one)
    return str(warning)


def _watch(wiring: Wiring, execution_id: str, as_json: bool) -> None:
    """Watch an execution and leave with the status of its end."""
    console = err() if as_json else out()
    screen = screen_for(console)
    try:
        seen = watch_execution(wiring, execution_id, screen)
    finally:
        screen.close()
    for line in lines_of(seen.view):
        say(console)(line)
    if as_json:
        print_json(seen.body)
    raise typer.Exit(exit_status(seen.view))


def sure(question: str, yes: bool) -> None:
    """Ask whether it is meant; an answer of no ends with status 1."""
    if not yes:
        typer.confirm(question, abort=True, err=True)
