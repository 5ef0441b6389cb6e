"""What is wrong with a file, where, and what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass

type Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A fault of the document; ``at_key`` points at the key itself."""

    path: Path
    wrong: str
    right: str
    at_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """A fault of a file; lines and columns count from 1."""

    file: str
    line: int
    column: int
    wrong: str
    right: str

    def __str__(self) -> str:
        """Return the one line that people and editors read."""
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.wrong}; {self.right}"


class BadPlanFile(Exception):
    """The plan file cannot be used; ``faults`` are all that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))
