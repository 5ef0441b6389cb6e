"""`dro`: the command line of DR orchestration.

This file has the commands of the local cloud and brings in the others, and
says which installation those are for.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import lookups, plans, runs
from cli.clock import SystemClock
from cli.cloud_session import running
from cli.domain.plan_file import PlanFile, published_schema
from cli.domain.ports import Clock, Cloud, CommandFailed, Fault, Screen
from cli.domain.report import exit_status, lines
from cli.domain.report import report as report_of
from cli.domain.seeding import planned_waves, seeds
from cli.domain.settings import (
    DEFAULT_API_PORT,
    DEFAULT_SPEED,
    Chosen,
    Orchestrator,
)
from cli.domain.target import Target
from cli.domain.view import View, not_started
from cli.drill import Run, Stalled, launch_faults, run_plan
from cli.frame import Wiring, err, out, print_values, say, statuses
from cli.local import cloud_of
from cli.plan_loading import load_plan
from cli.screen import screen_for

INSTALLATION = "Installation"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Disaster recovery orchestration from the command line.",
)
plan_app = typer.Typer(no_args_is_help=True, help="Plan files.")
local_app = typer.Typer(
    no_args_is_help=True, help="The whole system on this machine."
)
app.add_typer(plan_app, name="plan")
app.add_typer(plans.app, name="plans")
app.add_typer(lookups.app)
app.add_typer(runs.app)
app.add_typer(local_app, name="local")

ProjectOption = Annotated[
    str,
    typer.Option(
        envvar="DRO_PROJECT",
        help="The installation's ProjectName.",
        rich_help_panel=INSTALLATION,
    ),
]
EnvironmentOption = Annotated[
    str,
    typer.Option(
        envvar="DRO_ENVIRONMENT",
        help="The installation's Environment.",
        rich_help_panel=INSTALLATION,
    ),
]
RegionOption = Annotated[
    str,
    typer.Option(
        help="Its Region; that of the AWS configuration where absent.",
        rich_help_panel=INSTALLATION,
    ),
]
ProfileOption = Annotated[
    str,
    typer.Option(
        help="A profile of the AWS configuration.",
        rich_help_panel=INSTALLATION,
    ),
]
EndpointOption = Annotated[
    str,
    typer.Option(
        envvar="DRO_ENDPOINT_URL",
        help="An endpoint in the place of AWS's own.",
        rich_help_panel=INSTALLATION,
    ),
]
LocalOption = Annotated[
    bool,
    typer.Option(
        "--local",
        help="The local cloud of this checkout that is up.",
        rich_help_panel=INSTALLATION,
    ),
]
ApiOption = Annotated[
    str,
    typer.Option(
        "--api",
        metavar="URL",
        envvar="DRO_API",
        help="The address of its API: that is asked, with the token in "
        "DRO_TOKEN, and not the functions.",
        rich_help_panel=INSTALLATION,
    ),
]
PlanArgument = Annotated[Path, typer.Argument(help="A plan file.")]
SeedArgument = Annotated[
    Path | None,
    typer.Argument(
        help="A plan file: its servers, groups and plan are put in."
    ),
]
SpeedOption = Annotated[
    float | None,
    typer.Option(
        min=1.0,
        max=100_000.0,
        help="How many times faster than AWS waits and launches pass; "
        f"{DEFAULT_SPEED:g}, or that of the cloud that is up.",
    ),
]
OrchestratorOption = Annotated[
    Orchestrator | None,
    typer.Option(
        help="Which orchestrator the state machine calls; generic, or that "
        "of the cloud that is up."
    ),
]
ApiPortOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65_535,
        help="Where the API is served on this machine; "
        f"{DEFAULT_API_PORT}, or the port of the cloud that is up. "
        "0 takes one that is free.",
    ),
]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Leave the local cloud up afterwards.")
]
FailOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SERVER",
        help="Let this server's launch fail; a host name or an id. "
        "May be given several times.",
    ),
]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="JSON",
        help="A fault for the simulator's control path, such as "
        '{"op":"StartRecovery","loseReply":true}. '
        "May be given several times.",
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json", help="Write the report as one object on the last line."
    ),
]


@app.callback()
def wire(
    context: typer.Context,
    project: ProjectOption = Target().project,
    environment: EnvironmentOption = Target().environment,
    region: RegionOption = "",
    profile: ProfileOption = "",
    endpoint_url: EndpointOption = "",
    local: LocalOption = False,
    api: ApiOption = "",
) -> None:
    """Connect the commands, unless a caller did."""
    wiring = context.obj or Wiring(cloud=cloud_of, clock=SystemClock())
    target = Target(
        project=project,
        environment=environment,
        region=region,
        profile=profile,
        endpoint_url=endpoint_url,
        local=local,
        api_url=api,
    )
    context.obj = replace(wiring, target=target)


@app.command()
def login(
    context: typer.Context,
    user: Annotated[str, typer.Option(help="Your e-mail address.")],
    client_id: Annotated[
        str,
        typer.Option(
            envvar="DRO_CLIENT_ID",
            help="The user pool's client: the stack's output "
            "UserPoolClientId. That of the local cloud needs no naming.",
        ),
    ] = "",
) -> None:
    """Sign in; write the token that --api wants in DRO_TOKEN."""
    wiring: Wiring = context.obj
    if not (client_id or wiring.target.local):
        raise typer.BadParameter(
            "say which pool: --client-id, or dro --local login"
        )
    with statuses():
        token = wiring.sign_in(wiring.target, client_id, user, _secret)
        typer.echo(token)


def _secret(question: str) -> str:
    """Ask for what nobody else is to see."""
    return str(typer.prompt(question, hide_input=True, err=True))


@plan_app.command()
def validate(plan: PlanArgument) -> None:
    """Check a plan file; every fault is told with line and column."""
    with statuses():
        checked = load_plan(plan)
        name = checked.recovery_plan.plan_name
        say(out())(f"{plan}: plan {name}, {_size(checked)}: in order")


@plan_app.command()
def schema() -> None:
    """Write the JSON Schema of plan files."""
    typer.echo(json.dumps(published_schema(), indent=2))


@local_app.command()
def up(
    context: typer.Context,
    plan: SeedArgument = None,
    speed: SpeedOption = None,
    orchestrator: OrchestratorOption = None,
    api_port: ApiPortOption = None,
) -> None:
    """Build what changed, start everything and deploy the templates."""
    chosen = Chosen(speed=speed, orchestrator=orchestrator, api_port=api_port)
    with statuses():
        seed = load_plan(plan) if plan else None
        cloud = context.obj.cloud(chosen, say(out()))
        cloud.up()
        put_in = _seeded(seed, cloud, context.obj.clock) if seed else {}
        cloud.release()
        print_values({**cloud.status(), **put_in})


def _seeded(plan: PlanFile, cloud: Cloud, clock: Clock) -> dict[str, str]:
    """Put a plan into the cloud; return what it is called there."""
    seeded = seeds(plan, account_id=cloud.account_id(), now=int(clock.now()))
    cloud.seed(seeded)
    return {"plan": f"{plan.recovery_plan.plan_name} ({seeded.plan_id})"}


@local_app.command()
def down(context: typer.Context) -> None:
    """Stop every process and remove what they left."""
    with statuses():
        context.obj.cloud(Chosen(), say(out())).down()


@local_app.command()
def status(context: typer.Context) -> None:
    """Say what runs and where; exit status 1 where nothing does."""
    with statuses():
        cloud = context.obj.cloud(Chosen(), say(out()))
        if not cloud.is_up():
            raise CommandFailed(
                "No local cloud is up; start one: dro local up"
            )
        print_values(cloud.status())


@local_app.command()
def drill(
    context: typer.Context,
    plan: PlanArgument,
    speed: SpeedOption = None,
    orchestrator: OrchestratorOption = None,
    api_port: ApiPortOption = None,
    keep: KeepOption = False,
    fail: FailOption = None,
    fault: FaultOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a plan as a drill, from nothing to a report."""
    wiring: Wiring = context.obj
    chosen = Chosen(speed=speed, orchestrator=orchestrator, api_port=api_port)
    console = err() if as_json else out()
    with statuses():
        run = Run(
            plan=load_plan(plan), fail=fail or [], faults=_faults(fault or [])
        )
        cloud = wiring.cloud(chosen, say(console))
        _known_servers(run, cloud)
        calls = cloud.settings().orchestrator
        seen = _drilled(run, cloud, wiring.clock, console, keep)
        for line in lines(seen, calls):
            say(console)(line)
        if as_json:
            typer.echo(json.dumps(report_of(seen, calls)))
        raise typer.Exit(exit_status(seen))


def _drilled(
    run: Run, cloud: Cloud, clock: Clock, console: Console, keep: bool
) -> View:
    """Run the plan; a run that cannot be started has a view as well."""
    screen: Screen = screen_for(console)
    try:
        with running(cloud, keep=keep, say=screen.say):
            return run_plan(run, cloud, screen, clock)
    except Stalled as error:
        if error.seen is not None:
            return replace(error.seen, error=str(error))
        return _not_started(run.plan, error)
    except CommandFailed as error:
        return _not_started(run.plan, error)


def _not_started(plan: PlanFile, error: CommandFailed) -> View:
    return not_started(
        plan.recovery_plan.plan_name, planned_waves(plan), str(error)
    )


def _known_servers(run: Run, cloud: Cloud) -> None:
    """Refuse a server that the estate does not have, before anything runs."""
    launch_faults(
        run.fail, seeds(run.plan, account_id=cloud.account_id(), now=0)
    )


def _faults(texts: list[str]) -> list[Fault]:
    faults: list[Fault] = []
    for text in texts:
        try:
            fault = json.loads(text)
        except ValueError as error:
            raise typer.BadParameter(
                f"{text!r} is not JSON: {error}", param_hint="--fault"
            ) from error
        if not isinstance(fault, dict):
            raise typer.BadParameter(
                f"{text!r} is not a JSON object", param_hint="--fault"
            )
        faults.append(fault)
    return faults


def _size(plan: PlanFile) -> str:
    waves = planned_waves(plan)
    servers = sum(wave.servers for wave in waves)
    return f"{len(waves)} waves, {servers} servers"


def main() -> None:
    """Run the command line."""
    app(prog_name="dro")


if __name__ == "__main__":
    main()
