"""`dro login`: what it writes, and what it asks."""

from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from cli.clock import SystemClock
from cli.domain.ports import CommandFailed
from cli.domain.target import Target
from cli.frame import Wiring
from cli.main import app
from tests.cli.fakes import FakeCloud

ANN = "ann@example.com"


class Door:
    """Lets in whoever says the password; ``asked`` is who tried where."""

    def __init__(self) -> None:
        self.asked: list[tuple[Target, str, str]] = []

    def __call__(
        self,
        target: Target,
        client_id: str,
        user: str,
        ask: Callable[[str], str],
    ) -> str:
        self.asked.append((target, client_id, user))
        if ask("Password") != "open":
            raise CommandFailed(f"{user} cannot sign in: no")
        return "the-token"

    def dro(self, *arguments: str, says: str = "open\n") -> Result:
        """Run a command."""
        wiring = Wiring(
            cloud=lambda chosen, say: FakeCloud(),
            clock=SystemClock(),
            sign_in=self,
        )
        return CliRunner().invoke(
            app, list(arguments), obj=wiring, input=says, env={}
        )


def test_the_token_is_alone_on_stdout() -> None:
    door = Door()

    result = door.dro(
        "--region", "eu-west-1", "login", "--user", ANN, "--client-id", "c-1"
    )

    assert result.exit_code == 0
    # The runner shows where a hidden question was asked.
    assert result.stdout.split() == ["the-token"]
    assert "open" not in result.output
    [(target, client_id, user)] = door.asked
    assert (target.region, client_id, user) == ("eu-west-1", "c-1", ANN)


def test_a_refusal_is_an_error_without_a_token() -> None:
    result = Door().dro("--local", "login", "--user", ANN, says="something\n")

    assert (result.exit_code, result.stdout.split()) == (1, [])
    assert f"{ANN} cannot sign in" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("login", "--user", ANN), ("login", "--client-id", "c-1")]
)
def test_a_pool_and_a_person_are_needed(arguments: tuple[str, ...]) -> None:
    door = Door()

    result = door.dro(*arguments)

    assert result.exit_code == 2
    assert door.asked == []
