"""Which installation a command is for."""

import shlex

import pytest
import typer
from typer.testing import CliRunner

from cli.clock import SystemClock
from cli.domain.target import Target
from cli.frame import Wiring
from cli.local import cloud_of
from cli.main import wire

ELSEWHERE = Target(
    project="dr",
    environment="prod",
    region="eu-west-1",
    profile="a person",
    endpoint_url="http://127.0.0.1:4566",
    api_url="https://api.example.com/prod",
)


@pytest.mark.parametrize(
    "target", [Target(), Target(local=True), ELSEWHERE], ids=repr
)
def test_a_command_for_an_installation_is_for_it(target: Target) -> None:
    named: list[Target] = []
    app = typer.Typer()
    app.callback()(wire)

    @app.command()
    def show(context: typer.Context) -> None:
        named.append(context.obj.target)

    given = Wiring(cloud=cloud_of, clock=SystemClock())
    CliRunner().invoke(app, shlex.split(target.command("show"))[1:], obj=given)

    assert named == [target]
