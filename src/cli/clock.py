"""Real time."""

import time


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Return epoch seconds."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
