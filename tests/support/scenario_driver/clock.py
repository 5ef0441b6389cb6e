"""Virtual time: an agenda of callbacks, run in order of time and of booking.

Nothing here sleeps. Time moves only when somebody asks for the next event,
so a pause of thirty days costs as much as one of a second, and two runs of
the same scenario are equal.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

START = 1_767_225_600.0
"""The first moment of 2026 in UTC, where every scenario begins."""


class NothingHappens(AssertionError):
    """The awaited condition cannot come true: no events are left to run."""


@dataclass(order=True, slots=True)
class Event:
    """Something booked for a moment; it may be called off."""

    at: float
    number: int
    action: Callable[[], object] | None = field(compare=False)

    def cancel(self) -> None:
        """Call the event off; a second time, or too late, does nothing."""
        self.action = None


class VirtualClock:
    """The time of a scenario and everything that will happen in it."""

    def __init__(self, start: float = START) -> None:
        """Set the clock to ``start``, in epoch seconds."""
        self._now = start
        self._agenda: list[Event] = []
        self._booked = 0

    def now(self) -> float:
        """Return the present moment in epoch seconds."""
        return self._now

    def call_later(self, delay: float, action: Callable[[], object]) -> Event:
        """Book ``action`` to run ``delay`` seconds from now."""
        if delay < 0:
            raise ValueError(f"cannot book an event {-delay} s in the past")
        self._booked += 1
        event = Event(self._now + delay, self._booked, action)
        heapq.heappush(self._agenda, event)
        return event

    def call_every(self, period: float, action: Callable[[], object]) -> None:
        """Run ``action`` after each ``period`` seconds, for ever."""

        def tick() -> None:
            self.call_later(period, tick)
            action()

        self.call_later(period, tick)

    def next_at(self) -> float | None:
        """Return the moment of the next event, or None when none is left."""
        while self._agenda and self._agenda[0].action is None:
            heapq.heappop(self._agenda)
        return self._agenda[0].at if self._agenda else None

    def step(self) -> bool:
        """Run the next event; answer whether there was one."""
        if self.next_at() is None:
            return False
        event = heapq.heappop(self._agenda)
        action, event.action = event.action, None
        self._now = event.at
        if action is not None:
            action()
        return True

    def advance_to(self, moment: float) -> None:
        """Run every event up to and including ``moment``, then stand there."""
        while (at := self.next_at()) is not None and at <= moment:
            self.step()
        self._now = max(self._now, moment)

    def advance(self, seconds: float) -> None:
        """Run every event of the next ``seconds``."""
        self.advance_to(self._now + seconds)

    def settle(self) -> None:
        """Run everything that is due now; time stands still."""
        self.advance_to(self._now)

    def run_until(
        self, condition: Callable[[], bool], *, within: float = 3.2e7
    ) -> None:
        """Run events until ``condition`` holds.

        Args:
            condition: Looked at before the first event and after each.
            within: Seconds of virtual time after which to give up.

        Raises:
            NothingHappens: No event is left, or none within the time.
        """
        end = self._now + within
        while not condition():
            at = self.next_at()
            if at is None or at > end:
                raise NothingHappens(
                    f"the condition did not come true by {self._now}:"
                    f" the next event is at {at}, the limit at {end};"
                    " look at Run.entered for the state it stands in"
                )
            self.step()

    def run_all(self, *, within: float = 3.2e7) -> None:
        """Run until no event is left, or none within ``within`` seconds."""
        end = self._now + within
        while (at := self.next_at()) is not None and at <= end:
            self.step()
