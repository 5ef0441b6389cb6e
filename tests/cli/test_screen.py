"""A terminal gets a table in place, a file a line for each change."""

import io

from rich.console import Console

from cli.domain.view import View, view
from cli.screen import LiveScreen, PlainScreen, screen_for
from tests.cli.builders import a_record, a_server, a_wave, planned

SERVERS = [
    a_server("a", "LAUNCHED"),
    a_server("b", "FAILED", error="no [capacity]"),
    a_server("c", "PENDING"),
]


def seen() -> View:
    wave = a_wave(0, "IN_PROGRESS", SERVERS, phase="LAUNCHING")
    return view(a_record("POLLING", [wave]), planned(3, 2), None, 1075)


def a_console(terminal: bool) -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return (
        Console(file=written, force_terminal=terminal, width=120),
        written,
    )


def test_a_terminal_sees_waves_failures_and_what_is_waited_for() -> None:
    console, written = a_console(True)
    screen = screen_for(console)

    screen.show(seen())
    screen.show(seen())
    screen.say("[said]")
    screen.close()
    screen.close()

    assert isinstance(screen, LiveScreen)
    text = written.getvalue()
    for part in (
        "POLLING",
        "1:15",
        "LAUNCHING",
        "NOT_STARTED",
        "no [capacity]",
    ):
        assert part in text
    assert "Waits for" in text
    assert "[said]" in text


def test_a_file_sees_each_change_once() -> None:
    console, written = a_console(False)
    screen = screen_for(console)

    screen.show(seen())
    screen.show(seen())
    screen.say("[said] " + "x" * 200)
    screen.close()

    assert isinstance(screen, PlainScreen)
    found = written.getvalue().splitlines()
    assert sum("LAUNCHING" in line for line in found) == 1
    assert found[-1] == "[said] " + "x" * 200
