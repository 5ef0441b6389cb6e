"""Reads what mutmut found: the score of each module, and the survivors.

A mutant that broke a test, or never came to an end, was killed. One that no
test reaches survives like one that no test notices. What was not asked about
yet is counted apart and left out of the score.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Exit codes of pytest, and the signal and the codes of a spent time limit.
_KILLED = frozenset({1, 3, 24, -24, 36, 152, 255})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The verdicts on some mutants."""

    killed: int = 0
    survivors: tuple[str, ...] = ()
    open: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            killed=self.killed + other.killed,
            survivors=self.survivors + other.survivors,
            open=self.open + other.open,
        )

    @property
    def score(self) -> float:
        """Return the percentage of killed ones among the decided."""
        decided = self.killed + len(self.survivors)
        return 100 * self.killed / decided if decided else 100.0


def tally(codes: Mapping[str, int | None]) -> Tally:
    """Count mutants by the exit code of the tests that met them."""
    return Tally(
        killed=sum(code in _KILLED for code in codes.values()),
        survivors=tuple(
            name
            for name, code in codes.items()
            if code is not None and code not in _KILLED
        ),
        open=sum(code is None for code in codes.values()),
    )


def tallies(folder: Path) -> dict[str, Tally]:
    """Read the verdicts below mutmut's folder, by module with mutants."""
    found = {
        path.relative_to(folder)
        .as_posix()
        .removesuffix(".meta"): tally(
            json.loads(path.read_text())["exit_code_by_key"]
        )
        for path in sorted(folder.rglob("*.py.meta"))
    }
    return {path: one for path, one in found.items() if one != Tally()}


def lines(modules: Mapping[str, Tally]) -> list[str]:
    """Return the report: modules, directories, all, then survivors."""
    by_directory: dict[str, Tally] = {}
    for path, one in modules.items():
        parent = str(Path(path).parent)
        by_directory[parent] = by_directory.get(parent, Tally()) + one
    total = sum(modules.values(), start=Tally())
    return [
        f"{'score':>7} {'killed':>7} {'survived':>9} {'open':>6}",
        *_rows(modules.items()),
        "",
        *_rows([*by_directory.items(), ("all", total)]),
        "",
        *total.survivors,
    ]


def _rows(named: Iterable[tuple[str, Tally]]) -> list[str]:
    return [
        f"{one.score:6.1f}% {one.killed:7} {len(one.survivors):9} "
        f"{one.open:6}  {name}"
        for name, one in named
    ]


def main(argv: list[str]) -> None:
    """Write the report, or only the survivors' names."""
    parser = argparse.ArgumentParser(description="Read mutmut's verdicts.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--names", action="store_true")
    given = parser.parse_args(argv)
    modules = tallies(given.folder)
    wanted = (
        [name for one in modules.values() for name in one.survivors]
        if given.names
        else lines(modules)
    )
    sys.stdout.write("".join(f"{line}\n" for line in wanted))


if __name__ == "__main__":
    main(sys.argv[1:])
