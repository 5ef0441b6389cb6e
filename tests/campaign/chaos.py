"""The crash campaign as a program; ``scripts/chaos`` builds and starts it."""

import argparse
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pool
from pprint import pformat

from tests.campaign.campaign import Result, run
from tests.campaign.differential import compared
from tests.campaign.draw import draw
from tests.campaign.points import Point
from tests.campaign.report import Report, violation
from tests.support.world import Orchestrator

# A run without faults at calls, every so many; it shows the plain points.
EVERY_PLAIN = 10
ROUNDS = 8
NOTED_EVERY = 500
# Fewer runs are a try; covering every point would take more than they do.
TO_COVER = 500
BOTH = "both"

type Made = Callable[[Iterable["Task"]], Iterator[list[Result]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A run to be made, on an orchestrator, on both, or on the drawn one."""

    seed: int
    orchestrator: str
    plain: bool = False
    crash_at: tuple[Point, ...] = ()


def made(task: Task) -> list[Result]:
    """Make a run, or one on each orchestrator."""
    if task.orchestrator == BOTH:
        return list(compared(task.seed, plain=task.plain))
    chosen: dict[str, Orchestrator] = {
        "generic": "generic",
        "direct": "direct",
    }
    return [
        run(
            task.seed,
            orchestrator=chosen.get(task.orchestrator),
            plain=task.plain,
            crash_at=task.crash_at,
        )
    ]


def main(argv: list[str] | None = None) -> int:
    """Run the campaign; answer 1 where something is broken."""
    logging.disable(logging.CRITICAL)
    asked = _parser().parse_args(argv)
    if asked.seed is not None:
        return _replay(
            Task(
                seed=asked.seed,
                orchestrator=asked.orchestrator,
                plain=asked.plain,
                crash_at=tuple(map(Point.parsed, asked.crash)),
            )
        )
    report = Report()
    tasks = [
        Task(
            seed=seed,
            orchestrator=asked.orchestrator,
            plain=asked.plain or seed % EVERY_PLAIN == 0,
        )
        for seed in range(asked.first, asked.first + asked.runs)
    ]
    with _workers(asked.jobs) as make:
        _all(report, make(tasks))
        for _ in range(ROUNDS):
            if asked.orchestrator != BOTH and report.runs >= TO_COVER:
                _all(report, make(_directed(report)))
    for line in report.lines():
        _say(line)
    return 1 if report.broken else 0


def _directed(report: Report) -> list[Task]:
    """Return a run for each point that no crash has struck yet.

    Until that point it goes as the run that has passed it.
    """
    passed = [(report.seen[point], point) for point in report.uncovered]
    return [
        Task(
            seed=before.seed,
            orchestrator=before.orchestrator,
            plain=before.plain,
            crash_at=(*before.crash_at, point),
        )
        for before, point in passed
    ]


@contextmanager
def _workers(jobs: int) -> Iterator[Made]:
    if jobs == 1:
        yield lambda tasks: map(made, tasks)
        return
    with Pool(jobs) as pool:
        yield lambda tasks: pool.imap_unordered(made, tasks, chunksize=5)


def _all(report: Report, results: Iterable[list[Result]]) -> None:
    for some in results:
        for result in some:
            report.add(result)
            if result.broken:
                for line in violation(result):
                    _say(line)
            if report.runs % NOTED_EVERY == 0:
                _say(f"{report.runs:,} runs, {len(report.broken)} violations")


def _replay(task: Task) -> int:
    """Make one run and tell its story."""
    _say(pformat(draw(task.seed, plain=task.plain), width=79))
    broken = False
    for result in made(task):
        _say(f"== {result.orchestrator}: {result.outcome}")
        for line in result.story:
            _say(line)
        broken = broken or bool(result.broken)
        for line in violation(result) if result.broken else ():
            _say(line)
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/chaos",
        description="Let everything that can go wrong go wrong, and check.",
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--seed", type=int, help="replay one and tell it")
    parser.add_argument(
        "--crash",
        action="append",
        default=[],
        help="kill a function there besides",
    )
    parser.add_argument(
        "--plain", action="store_true", help="no faults at calls"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument(
        "--orchestrator",
        choices=("generic", "direct", BOTH, "drawn"),
        default="drawn",
        help="both compares them; drawn lets the seed choose",
    )
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
