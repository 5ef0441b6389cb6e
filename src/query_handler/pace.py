"""How many seconds until the next poll.

Two seconds while something is about to happen, a minute while nothing can
be, half a minute otherwise. What is about to happen is told by facts that
are stored anyway: how long the run's jobs took so far, and how many of a
job's servers are up. An event hurries a poll, none is needed for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from drs.domain.wave_progress import confirmed
from shared.domain.execution import DEFAULT_POLL_SECONDS, Execution
from shared.domain.record import Intent, Record, WaveEntry
from shared.domain.status import LAUNCH_OVER, IntentState, WaveStatus

HURRIED = 2
BRISK = 10
UNHURRIED = 60
# So long a poll may be hurried on end, and so long it then may not.
HURRY_SECONDS = 120
REST_SECONDS = 120
# A job is near its end from so long before the shortest that was seen until
# so long after the longest, those seconds from the median excepted.
EARLY_SECONDS = 30
LATE_SECONDS = 60
SPREAD_SECONDS = 450
# A job whose servers are up is over within about half a minute.
CLOSING_SECONDS = 60
# DRS jobs take 5 to 15 minutes. One that is past them converts for long;
# one that is past twice of them is not near its end for having servers up.
USUAL_SECONDS = 900
MOSTLY_UP = 0.9
LONG_SECONDS = 3_600


class Pace(NamedTuple):
    """The seconds to wait, 2 to 60, and since when polls are hurried."""

    seconds: int
    hurried_since: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is known after a look at a wave that goes on."""

    record: Record
    state: Execution
    entry: WaveEntry
    intents: Sequence[Intent]
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What every job of a look is measured by.

    Attributes:
        window: Between which ages jobs of this run end; None: not known.
        decided: The wave's servers that are up, or will not come up.
    """

    window: tuple[int, int] | None
    decided: frozenset[str]


def pace(looked: Looked) -> Pace:
    """Return how long to wait for the next poll."""
    state, now = looked.state, looked.now
    since = state.hurried_since
    if since is not None and now - since >= HURRY_SECONDS + REST_SECONDS:
        since = None
    if looked.record.hurry_until > now:
        return Pace(HURRIED, since)
    facts = _Facts(window=_window(looked), decided=_decided(looked.entry))
    if not _is_near(looked, facts):
        return Pace(_unhurried(looked, facts), since)
    begun = now if since is None else since
    if now + HURRIED - begun <= HURRY_SECONDS:
        return Pace(HURRIED, begun)
    return Pace(BRISK, begun)


def _is_near(looked: Looked, facts: _Facts) -> bool:
    """Tell whether something is about to happen that we should see soon.

    While servers are left to launch, that is the end of any job, since it
    makes room; else the end of the last.
    """
    near = [_is_job_near(job, looked, facts) for job in _running(looked)]
    if not looked.state.wave_start_pending:
        return bool(near) and all(near)
    if looked.state.status_reason is None:
        # The last invocation had no time left for what has room.
        return True
    return any(near) or any(_closing(looked))


def _running(looked: Looked) -> list[Intent]:
    return [job for job in confirmed(looked.intents) if not job.settled_at]


def _settled(looked: Looked) -> list[Intent]:
    return [job for job in confirmed(looked.intents) if job.settled_at]


def _closing(looked: Looked) -> Iterator[bool]:
    """Tell of each job whose servers are decided whether it may be over."""
    for job in _settled(looked):
        yield looked.now - job.settled_at < CLOSING_SECONDS


def _is_job_near(job: Intent, looked: Looked, facts: _Facts) -> bool:
    age = looked.now - job.called_at
    window = facts.window
    if window is not None and window[0] <= age <= window[1]:
        return True
    return age < 2 * USUAL_SECONDS and _is_mostly_up(job, facts.decided)


def _window(looked: Looked) -> tuple[int, int] | None:
    """Return between which ages jobs of this run end; None: not known."""
    times = sorted(_times(looked))
    if not times:
        return None
    median = times[len(times) // 2]
    first = max(times[0], median - SPREAD_SECONDS)
    last = min(times[-1], median + SPREAD_SECONDS)
    return first - EARLY_SECONDS, last + LATE_SECONDS


def _times(looked: Looked) -> Iterator[int]:
    """Return how long the jobs took that this run has seen to their end."""
    for job in _settled(looked):
        yield job.settled_at - job.called_at
    for wave in looked.record.waves:
        if wave.status is WaveStatus.COMPLETED and wave.job_count == 1:
            yield (wave.end_time or wave.start_time) - wave.start_time


def _decided(entry: WaveEntry) -> frozenset[str]:
    return frozenset(
        server.source_server_id
        for server in entry.server_statuses
        if server.launch_status in LAUNCH_OVER
    )


def _is_mostly_up(job: Intent, decided: frozenset[str]) -> bool:
    own = frozenset(job.server_ids)
    return bool(own) and len(own & decided) >= MOSTLY_UP * len(own)


def _unhurried(looked: Looked, facts: _Facts) -> int:
    """Return the wait while no end is near; it does not pass the first."""
    jobs = _running(looked)
    if not jobs:
        only_room = all(
            intent.intent_state is not IntentState.INTENT
            for intent in looked.intents
        )
        return UNHURRIED if only_room else DEFAULT_POLL_SECONDS
    ages = [looked.now - job.called_at for job in jobs]
    converts = looked.entry.phase in ("", "STARTED", "CONVERTING")
    long = min(ages) >= (USUAL_SECONDS if converts else LONG_SECONDS)
    base = UNHURRIED if long else DEFAULT_POLL_SECONDS
    window = facts.window
    ahead = [window[0] - age for age in ages if window and age < window[0]]
    if not ahead:
        return base
    pending = looked.state.wave_start_pending
    return min(base, max(BRISK, min(ahead) if pending else max(ahead)))
