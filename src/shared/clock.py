"""The real time."""

import time


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        """Return the epoch seconds, rounded down."""
        return int(time.time())

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
