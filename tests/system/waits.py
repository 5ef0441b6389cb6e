"""Waits for what comes about in a local cloud in its own time."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 120.0
_PAUSE: Final = 0.2


def until[T](found: Callable[[], T | None]) -> T:
    """Wait for something to be there, or to be true, and return it.

    Raises:
        AssertionError: It did not come to that in time.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(_PAUSE)
    raise AssertionError("It did not come to that in time.")
