"""Answers as tables for people.

A terminal gets its own width; a file or a pipe gets room enough that no
line is folded.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDE = 240


def show(
    console: Console,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Write a table; of no rows, that there is nothing."""
    table = Table(show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    if not table.row_count:
        console.print("Nothing found.")
        return
    if not console.is_terminal:
        console = Console(file=console.file, width=_WIDE)
    console.print(table)


def moment(epoch: Any) -> str:
    """Return a time as people read it, in UTC; nothing for none."""
    if not isinstance(epoch, int | float) or not epoch:
        return ""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def pairs(tags: Any) -> str:
    """Return tags in one line."""
    known = tags if isinstance(tags, dict) else {}
    return ", ".join(f"{key}={value}" for key, value in known.items())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    return escape(str(value))
