"""Work that a function does side by side, done in turn.

Threads would make another run of the same seed, and would see what the rest
of the world does as their own function's doing.
"""

from collections.abc import Callable, Iterable
from typing import Self

from drs import launch_settings


class InTurn:
    """Stands in for ``ThreadPoolExecutor``."""

    def __init__(self, max_workers: int) -> None:
        self.max_workers = max_workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map[One, Other](
        self, work: Callable[[One], Other], items: Iterable[One]
    ) -> list[Other]:
        """Do the work on each item; what is killed does no more."""
        return [work(item) for item in items]


def settle_servers_in_turn() -> None:
    """Have launch configuration applied to one server after the other."""
    setattr(launch_settings, "ThreadPoolExecutor", InTurn)  # noqa: B010
