"""How many seconds until the next poll.

Two seconds while an event said that something just happened, a minute while
only room is awaited, half a minute otherwise.
"""

from shared.domain.execution import DEFAULT_POLL_SECONDS, Execution
from shared.domain.record import Record

HURRIED = 2
UNHURRIED = 60


def poll_seconds(record: Record, state: Execution, now: int) -> int:
    """Return the seconds to wait, 2 to 60."""
    if record.hurry_until > now:
        return HURRIED
    if state.wave_start_pending and not state.job_id:
        return UNHURRIED
    return DEFAULT_POLL_SECONDS
