"""A rule that invokes a function again and again, in whole hours.

Decides how an interval is written for EventBridge and read again, and how a
rule says when it was changed, which EventBridge itself does not keep.
"""

import re
from dataclasses import dataclass
from typing import Final, Protocol

_RATE: Final = re.compile(r"rate\(([0-9]{1,4}) hours?\)")
_CHANGED: Final = re.compile(r"Changed ([0-9TZ:-]{20}) by ")
_MAX_DESCRIPTION: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A rule's schedule as EventBridge has it."""

    enabled: bool
    expression: str
    description: str = ""

    @property
    def hours(self) -> int | None:
        """Return the interval; None where it is not in whole hours."""
        found = _RATE.fullmatch(self.expression)
        return int(found[1]) if found else None

    @property
    def changed_at(self) -> str | None:
        """Return when it was changed, None where nobody has changed it."""
        found = _CHANGED.search(self.description)
        return found[1] if found else None


class Rule(Protocol):
    """A rule that invokes a function on schedule."""

    @property
    def name(self) -> str:
        """Return the rule's name."""

    def read(self) -> Schedule:
        """Return the schedule.

        Raises:
            BadRequest: ``RULE_NOT_FOUND``.
        """

    def write(self, schedule: Schedule) -> None:
        """Change the schedule of a rule that was read."""


def every(hours: int) -> str:
    """Return the expression of an interval."""
    return "rate(1 hour)" if hours == 1 else f"rate({hours} hours)"


def said_changed(what: str, at: str, user: str) -> str:
    """Return the description of a rule that is being changed.

    Args:
        what: What it does.
        at: ISO time of the change.
        user: Who changes it.
    """
    plain = re.sub(r"[^\x20-\x7e]", "?", user)
    return f"{what} Changed {at} by {plain}."[:_MAX_DESCRIPTION]
