"""The commands of recovery plans: list, show, apply, export, delete.

``apply`` brings groups and plan of a plan file into an installation. It
shows what differs before it changes anything, deletes nothing, and changes
nothing where the file was applied before.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML

from cli.applying import Applied, apply_steps, steps_of, stored_account
from cli.domain.exported import exported, groups_named, unsayable
from cli.domain.ports import CommandFailed
from cli.domain.problems import BadPlanFile
from cli.domain.target import DATA, QUERY
from cli.finding import find_plan
from cli.frame import Wiring, err, out, print_json, say, statuses
from cli.lookups import AccountOption, JsonOption
from cli.plan_loading import checked_plan, load_plan
from cli.runs import YesOption, sure
from cli.tables import moment, show
from cli.yaml_source import parse_document

app = typer.Typer(no_args_is_help=True, help="Recovery plans.")

PlanArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan's name or id.")
]


@app.command("list")
def list_plans(
    context: typer.Context,
    account: AccountOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the recovery plans with their last run and conflicts."""
    wiring: Wiring = context.obj
    with statuses():
        query = {"accountId": account} if account else {}
        body = wiring.ask(DATA, "list_recovery_plans", queryParams=query)
        if as_json:
            print_json(body)
            return
        show(
            out(),
            ("Plan", "Waves", "Last run", "Started", "Conflict", "Id"),
            [
                (
                    one["planName"],
                    one.get("waveCount"),
                    one.get("lastExecutionStatus"),
                    moment(one.get("lastStartTime")),
                    one.get("hasServerConflict"),
                    one["planId"],
                )
                for one in body["recoveryPlans"]
            ],
        )


@app.command("show")
def show_plan(
    context: typer.Context, plan: PlanArgument, as_json: JsonOption = False
) -> None:
    """Show a plan's waves."""
    wiring: Wiring = context.obj
    with statuses():
        found = find_plan(wiring, plan)
        if as_json:
            print_json(found)
            return
        names = {
            one["groupId"]: one["groupName"]
            for one in wiring.ask(DATA, "list_protection_groups")["groups"]
        }
        say(out())(
            f"{found['planName']}, version {found.get('version')}, "
            f"{found['planId']}"
        )
        show(
            out(),
            ("Wave", "Name", "Groups", "Pause before", "After waves"),
            [
                _row(number, wave, names)
                for number, wave in enumerate(found["waves"])
            ],
        )


def _row(
    number: int, wave: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[object, ...]:
    groups = wave.get("protectionGroupIds") or [wave["protectionGroupId"]]
    return (
        number + 1,
        wave.get("waveName"),
        ", ".join(names.get(group, group) for group in groups),
        bool(wave.get("pauseBeforeWave")),
        ", ".join(str(one + 1) for one in wave.get("dependsOnWaves") or ()),
    )


@app.command()
def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    account: AccountOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference only.")
    ] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a plan file's groups and plan into the installation."""
    wiring: Wiring = context.obj
    tell = say(err() if as_json else out())
    with statuses():
        plan = load_plan(file)
        account = stored_account(account, wiring)
        steps = steps_of(plan, account, wiring)
        for step in steps:
            for line in step.lines():
                tell(line)
        wanted = [step for step in steps if step.changes]
        applied = Applied(steps=steps)
        if not wanted:
            tell("Nothing differs.")
        elif not dry_run:
            sure(f"Apply {len(wanted)} changes?", yes)
            applied = apply_steps(plan, steps, account, wiring)
            for warning in applied.warnings:
                tell(f"Warning: {warning}")
            tell(f"Applied {len(wanted)} changes.")
        if as_json:
            print_json(applied.body(dry_run=dry_run))


@app.command()
def export(
    context: typer.Context,
    plan: PlanArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file; else it is written out."),
    ] = None,
) -> None:
    """Write a plan with its groups as a plan file."""
    wiring: Wiring = context.obj
    with statuses():
        found = find_plan(wiring, plan)
        if lost := unsayable(found):
            raise CommandFailed(
                f"Plan {found['planName']} has no form as a plan file: "
                f"{'; '.join(lost)}. Make groups of those servers."
            )
        text = _text(_document(wiring, found))
        _check(text, str(found["planName"]))
        if output is None:
            typer.echo(text, nl=False)
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandFailed(
                f"{output} cannot be written: {error.strerror}. Name "
                "another file with --output."
            ) from error
        say(out())(f"Wrote {output}.")


def _document(wiring: Wiring, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan as a plan file has it."""
    groups = [
        wiring.ask(DATA, "get_protection_group", pathParameters={"id": one})
        for one in groups_named(plan)
    ]
    servers = {
        str(one["groupId"]): wiring.ask(
            QUERY,
            "get_protection_group_servers",
            protectionGroupId=one["groupId"],
        )
        for one in groups
    }
    return exported(plan, groups, servers)


def _text(document: Mapping[str, Any]) -> str:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.ignore_aliases = lambda data: True
    written = io.StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def _check(text: str, name: str) -> None:
    """Refuse to write what could not be read again."""
    try:
        checked_plan(parse_document(text, file=name))
    except BadPlanFile as error:
        faults = "; ".join(
            f"{one.wrong} ({one.right})" for one in error.faults
        )
        raise CommandFailed(
            f"Plan {name} has no form as a plan file now: {faults}"
        ) from error


@app.command()
def delete(
    context: typer.Context,
    plan: PlanArgument,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a plan; its groups stay."""
    wiring: Wiring = context.obj
    with statuses():
        found = find_plan(wiring, plan)
        sure(f"Delete plan {found['planName']}?", yes)
        body = wiring.ask(
            DATA,
            "delete_recovery_plan",
            pathParameters={"id": found["planId"]},
        )
        if as_json:
            print_json(body)
            return
        say(out())(str(body["message"]))
