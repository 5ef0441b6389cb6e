"""What every command is framed by: its wiring, its consoles, its ends.

Exit statuses: 0 for success, 1 where an execution or a command did not
complete, 2 for bad input, 130 where a person interrupted it.
"""

import json
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import typer
from rich.console import Console

from cli.domain.ports import Clock, Cloud, CommandFailed, Functions
from cli.domain.problems import BadPlanFile
from cli.domain.report import BAD_INPUT, NOT_COMPLETED
from cli.domain.settings import Chosen
from cli.domain.target import Target
from cli.drill import UnknownServer
from cli.installation import functions_of, token_of

INTERRUPTED = 130

type MakeCloud = Callable[[Chosen, Callable[[str], None]], Cloud]
# Installation, the pool's client, the person, and how to ask them.
type SignIn = Callable[[Target, str, str, Callable[[str], str]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What the commands reach outside themselves."""

    cloud: MakeCloud
    clock: Clock
    functions: Callable[[Target], Functions] = functions_of
    sign_in: SignIn = token_of
    target: Target = field(default_factory=Target)

    def ask(self, function: str, operation: str, **fields: Any) -> Any:
        """Ask a function of the installation that the command is for."""
        return self.functions(self.target).call(function, operation, **fields)


@contextmanager
def statuses() -> Iterator[None]:
    """Turn the ends of a command into messages and exit statuses."""
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except BadPlanFile as error:
        for found in error.faults:
            say(err())(str(found))
        raise typer.Exit(BAD_INPUT) from error
    except UnknownServer as error:
        say(err())(str(error))
        raise typer.Exit(BAD_INPUT) from error
    except CommandFailed as error:
        say(err())(str(error))
        raise typer.Exit(NOT_COMPLETED) from error
    except KeyboardInterrupt as error:
        say(err())("Interrupted.")
        raise typer.Exit(INTERRUPTED) from error
    finally:
        signal.signal(signal.SIGTERM, previous)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Let a request to end be an interruption, so that all is cleaned up."""
    raise KeyboardInterrupt


def out() -> Console:
    """Return the console of what was asked for."""
    return Console()


def err() -> Console:
    """Return the console of everything else."""
    return Console(stderr=True)


def say(console: Console) -> Callable[[str], None]:
    """Return what writes a line, as it is, to a console."""

    def line_out(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    return line_out


def print_json(body: Any) -> None:
    """Write an answer for programs: one JSON value on one line."""
    typer.echo(json.dumps(body))


def print_values(values: Mapping[str, Any]) -> None:
    """Write names and values in two columns."""
    line_out = say(out())
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        line_out(f"{name:<{width}}  {value}")
