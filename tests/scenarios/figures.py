"""Print what the largest and the longest runs use, as a table.

Run it at the root: ``PYTHONPATH=src:. python -m tests.scenarios.figures``.
"""

import logging
import sys

from tests.scenarios import scale

HEAD = (
    "| run | status | largest history | machines | largest payload | largest "
    "item | polls | seconds | least seconds |\n|---|---|--:|--:|--:|--:|--:|"
    "--:|--:|\n"
)
RUNS = (
    scale.equal_times,
    scale.random_times,
    scale.many_waves,
    scale.long_wave,
    scale.long_pause,
)


def row(figures: scale.Figures) -> str:
    """Return a run's line of the table."""
    cells = (
        figures.name,
        str(figures.record.status),
        f"{figures.history:,}",
        f"{figures.machines:,}",
        f"{figures.payload:,}",
        f"{figures.item:,}",
        f"{figures.polls:,}",
        f"{figures.seconds:,}",
        f"{figures.least_seconds:,.0f}",
    )
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """Make every run and print the table."""
    logging.disable(logging.CRITICAL)
    sys.stderr.write("making five runs, about two minutes\n")
    sys.stdout.write(HEAD)
    for run in RUNS:
        sys.stdout.write(row(run()))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
