"""How soon the next poll is, as a table and as laws."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from query_handler.pace import HURRIED, Looked, Pace, pace
from shared.domain.execution import Execution
from shared.domain.record import Intent, Record, ServerStatus, WaveEntry
from shared.domain.status import IntentState, Status, WaveStatus

NOW = 1_000_000
IDS = tuple(f"s-{number}" for number in range(20))
ROOM = "waiting for room for 9 servers: 500 of 500 are in active DRS jobs"


def job(age: int, index: int = 0, **more: Any) -> Intent:
    """Return the intent of a job that was called so many seconds ago."""
    intent = Intent(
        wave_number=0,
        job_index=index,
        intent_state=IntentState.CONFIRMED,
        server_ids=IDS,
        region="us-east-1",
        attempt=1,
        lease_expiry=0,
        called_at=NOW - age,
        created_at=NOW - age,
        job_id=f"drsjob-{index}",
    )
    return replace(intent, **more)


def done(took: int, ago: int = 5_000, index: int = 9) -> Intent:
    """Return the intent of a job that ended so long ago."""
    return job(took + ago, index, settled_at=NOW - ago)


def wave(up: int = 0, **more: Any) -> WaveEntry:
    """Return an entry with so many of its twenty servers launched."""
    servers = tuple(
        ServerStatus(
            source_server_id=server,
            server_name=server,
            hostname=server,
            launch_status="LAUNCHED" if number < up else "PENDING",
        )
        for number, server in enumerate(IDS)
    )
    entry = WaveEntry(
        wave_number=0,
        wave_name="Database",
        status=WaveStatus.IN_PROGRESS,
        start_time=NOW - 1_000,
        region="us-east-1",
        server_ids=IDS,
        server_statuses=servers,
    )
    return replace(entry, **more)


def looked(
    *intents: Intent,
    entry: WaveEntry | None = None,
    waves: Sequence[WaveEntry] = (),
    hurry_until: int = 0,
    now: int = NOW,
    **state: Any,
) -> Looked:
    return Looked(
        record=Record(
            execution_id="e-1",
            plan_id="p-1",
            status=Status.POLLING,
            waves=tuple(waves),
            hurry_until=hurry_until,
        ),
        state=Execution(
            plan_id="p-1",
            plan_name="Plan",
            execution_id="e-1",
            is_drill=True,
            account_context={},
            start_time=NOW - 1_000,
            **state,
        ),
        entry=entry or wave(),
        intents=intents,
        now=now,
    )


PENDING: dict[str, Any] = {"wave_start_pending": True, "status_reason": ROOM}


@pytest.mark.parametrize(
    ("seconds", "facts"),
    [
        pytest.param(30, looked(job(100)), id="nothing is known yet"),
        pytest.param(2, looked(job(100), hurry_until=NOW + 1), id="an event"),
        pytest.param(30, looked(job(100), hurry_until=NOW), id="an old event"),
        pytest.param(
            2, looked(job(300), entry=wave(up=18)), id="most servers are up"
        ),
        pytest.param(
            30, looked(job(300), entry=wave(up=17)), id="too few are up"
        ),
        pytest.param(
            60,
            looked(job(4_000), entry=wave(up=18, phase="LAUNCHING")),
            id="the last server does not come up",
        ),
        pytest.param(2, looked(job(600), done(600)), id="as long as another"),
        pytest.param(30, looked(job(300), done(600)), id="half as long"),
        pytest.param(12, looked(job(558), done(600)), id="just before it"),
        pytest.param(30, looked(job(700), done(600)), id="longer by far"),
        pytest.param(
            60, looked(job(1_000), done(600)), id="converting for long"
        ),
        pytest.param(
            30,
            looked(job(1_000), done(600), entry=wave(phase="LAUNCHING")),
            id="launching for long",
        ),
        pytest.param(
            30, looked(job(600), job(100, 1), done(600)), id="one of two"
        ),
        pytest.param(
            2,
            looked(job(600), job(100, 1), done(600), **PENDING),
            id="one of two, with servers that wait for its room",
        ),
        pytest.param(
            2,
            looked(job(600), entry=wave(), waves=[wave(
                status=WaveStatus.COMPLETED,
                job_count=1,
                start_time=NOW - 2_000,
                end_time=NOW - 1_400,
            )]),
            id="as long as the wave before",
        ),
        pytest.param(60, looked(**PENDING), id="only room is awaited"),
        pytest.param(
            30,
            looked(
                job(9, intent_state=IntentState.INTENT, job_id=""), **PENDING
            ),
            id="an answer is awaited",
        ),
        pytest.param(
            2, looked(done(600, 30), **PENDING), id="a job is about to end"
        ),
        pytest.param(
            60, looked(done(600, 60), **PENDING), id="a job has ended"
        ),
        pytest.param(
            2,
            looked(job(10), wave_start_pending=True),
            id="time ran out while there was room",
        ),
    ],
)  # fmt: skip
def test_the_pace_follows_the_facts(seconds: int, facts: Looked) -> None:
    assert pace(facts).seconds == seconds


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (None, Pace(2, NOW)),
        (NOW - 118, Pace(2, NOW - 118)),
        (NOW - 119, Pace(10, NOW - 119)),
        (NOW - 239, Pace(10, NOW - 239)),
        (NOW - 240, Pace(2, NOW)),
    ],
)
def test_polls_are_hurried_for_two_minutes_in_four(
    since: int | None, found: Pace
) -> None:
    assert pace(looked(job(600), done(600), hurried_since=since)) == found


def test_an_event_hurries_whatever_was_hurried_before() -> None:
    facts = looked(job(9), hurry_until=NOW + 9, hurried_since=NOW - 130)

    assert pace(facts) == Pace(HURRIED, NOW - 130)


TIMES = st.integers(0, 700_000)
JOBS = st.lists(
    st.one_of(
        st.builds(job, TIMES, st.integers(0, 99)),
        st.builds(done, TIMES, st.integers(0, 2_000), st.integers(0, 99)),
    ),
    max_size=4,
)


@given(
    JOBS,
    st.integers(0, 20),
    st.sampled_from(["", "STARTED", "CONVERTING", "LAUNCHING"]),
    st.booleans(),
    st.sampled_from([None, ROOM]),
)
def test_polls_are_never_hurried_for_more_than_two_minutes_on_end(
    jobs: list[Intent],
    up: int,
    phase: str,
    pending: bool,
    reason: str | None,
) -> None:
    """However long the facts stay as they are, without an event."""
    facts = looked(
        *jobs,
        entry=wave(up, phase=phase),
        wave_start_pending=pending,
        status_reason=reason,
    )
    waits: list[tuple[int, int]] = []
    for _ in range(150):
        found = pace(facts)
        assert 2 <= found.seconds <= 60
        waits.append((facts.now, found.seconds))
        facts = Looked(
            record=facts.record,
            state=replace(facts.state, hurried_since=found.hurried_since),
            entry=facts.entry,
            intents=facts.intents,
            now=facts.now + found.seconds,
        )

    assert longest_hurry(waits) <= 120


def longest_hurry(waits: Sequence[tuple[int, int]]) -> int:
    """Return for how many seconds on end waits were of two seconds."""
    longest = run = 0
    for (now, seconds), (following, _) in pairwise([*waits, (0, 0)]):
        run = run + seconds if seconds == HURRIED else 0
        longest = max(longest, run)
        assert following in (0, now + seconds)
    return longest


@given(st.integers(0, 86_400), st.integers(1, 604_800))
def test_a_job_that_never_ends_is_soon_polled_once_a_minute(
    age: int, usual: int
) -> None:
    facts = looked(job(usual + 5_000 + age), done(usual))

    assert pace(facts).seconds == 60
