"""How views are drawn: a live table on a terminal, else a line a change."""

from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.domain.view import NOT_STARTED, View, WaveRow, changes, failures

_STYLES = {
    "COMPLETED": "green",
    "PARTIAL": "yellow",
    "PAUSED": "yellow",
    "SKIPPED": "yellow",
    "FAILED": "red",
    "TIMEOUT": "red",
    "CANCELLED": "red",
    NOT_STARTED: "dim",
}
_MOST_FAILURES = 10


class PlainScreen:
    """One line for each change: for files, pipes and logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: View | None = None

    def say(self, line: str) -> None:
        """Write one line that stays."""
        self._console.print(
            line, markup=False, highlight=False, soft_wrap=True
        )

    def show(self, view: View) -> None:
        """Write what differs from the view before."""
        for line in changes(self._last, view):
            self.say(line)
        self._last = view

    def close(self) -> None:
        """Nothing is left open."""


class LiveScreen:
    """A table that is redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None

    def say(self, line: str) -> None:
        """Write one line that stays above the table."""
        self._console.print(escape(line), highlight=False)

    def show(self, view: View) -> None:
        """Draw the view over the one before."""
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()
        self._live.update(drawn(view), refresh=True)

    def close(self) -> None:
        """Leave the last view on the screen."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def screen_for(console: Console) -> PlainScreen | LiveScreen:
    """Return the screen that suits the console."""
    return LiveScreen(console) if console.is_terminal else PlainScreen(console)


def drawn(view: View) -> Group:
    """Return the view as something rich can draw."""
    kind = "Drill" if view.is_drill else "Recovery"
    head = Text.assemble(
        f"{kind} of {view.plan_name}  ",
        (view.status, _STYLES.get(view.status, "cyan")),
        f"  {_clock(view.seconds)}  {view.execution_id}",
    )
    parts: list[Any] = [head, _table(view)]
    parts += [
        Text(f"{row.name} in {wave.name}: {row.error}", style="red")
        for wave, row in failures(view)[:_MOST_FAILURES]
    ]
    if view.waiting_for:
        parts.append(Text(f"Waits for {view.waiting_for}", style="dim"))
    return Group(*parts)


def _table(view: View) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for name in ("Wave", "Name", "Status", "Phase"):
        table.add_column(name)
    for name in ("Launched", "Failed", "Time"):
        table.add_column(name, justify="right")
    table.add_column("Servers", overflow="fold")
    for row in view.waves:
        table.add_row(
            str(row.number + 1),
            escape(row.name),
            Text(row.status, style=_STYLES.get(row.status, "cyan")),
            row.phase if row.moving else "",
            f"{row.launched}/{row.servers}",
            str(row.failed or ""),
            "" if row.seconds is None else _clock(row.seconds),
            _marks(row),
        )
    return table


def _marks(row: WaveRow) -> Text:
    """Return one mark per server: launched, failed, moving."""
    moving = "·" * row.moving if row.status != NOT_STARTED else ""
    return Text.assemble(
        ("■" * row.launched, "green"), ("■" * row.failed, "red"), moving
    )


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"
