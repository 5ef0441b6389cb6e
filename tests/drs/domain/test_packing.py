"""How servers are packed into jobs: as many as fit, in jobs worth a slot."""

import heapq
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.capacity import Quotas, Room, awaited, job_size, room
from drs.domain.job import Job, Participant

QUOTAS = Quotas()
SLACK = QUOTAS.servers_in_jobs // QUOTAS.concurrent_jobs - 1


def after(sizes: Sequence[int], quotas: Quotas = QUOTAS) -> Room:
    """Return the room that jobs of these sizes leave."""
    return room(
        quotas,
        [
            Job(
                job_id=f"drsjob-{number}",
                participants=(Participant(source_server_id="s-1"),) * size,
            )
            for number, size in enumerate(sizes)
        ],
    )


@pytest.mark.parametrize(
    ("running", "left", "size"),
    [
        ([], 4_000, 100),
        ([], 7, 7),
        ([100] * 4, 4_000, 100),
        ([100] * 5, 4_000, 0),
        ([100, 100, 100, 137], 4_000, 63),
        ([100, 100, 100, 100, 63], 4_000, 37),
        # Six free servers are not worth a slot, but they are all that is left.
        ([100, 100, 100, 100, 94], 4_000, 0),
        ([100, 100, 100, 100, 94], 6, 6),
        ([100, 100, 100, 100, 92], 4_000, 8),
        # The last slot is for a job of its full share.
        ([26] * 18 + [9], 4_000, 0),
        ([26] * 18 + [8], 4_000, 24),
        ([1] * 20, 4_000, 0),
        ([1] * 19, 4_000, 100),
    ],
)
def test_a_job_takes_what_fits_and_is_worth_its_slot(
    running: list[int], left: int, size: int
) -> None:
    assert job_size(after(running), left) == size


@pytest.mark.parametrize(
    ("quotas", "running", "size"),
    [
        (Quotas(servers_in_jobs=2), [], 2),
        (Quotas(concurrent_jobs=1), [], 100),
        (Quotas(concurrent_jobs=4), [100] * 3, 100),
        (Quotas(concurrent_jobs=4, servers_in_jobs=350), [100] * 3, 0),
        (Quotas(concurrent_jobs=0), [], 0),
        (Quotas(servers_in_jobs=0), [], 0),
        (Quotas(servers_per_job=1), [1] * 19, 1),
        (Quotas(servers_per_job=0), [], 0),
    ],
)
def test_other_quotas_make_other_jobs(
    quotas: Quotas, running: list[int], size: int
) -> None:
    assert job_size(after(running, quotas), 4_000) == size


def test_jobs_on_their_way_take_room_like_those_that_are_listed() -> None:
    left = room(QUOTAS, [], [100, 30])

    assert (left.jobs, left.servers) == (18, 370)


@given(
    st.lists(st.integers(0, 100), max_size=24),
    st.integers(1, 4_000),
    st.builds(
        Quotas,
        servers_per_job=st.integers(1, 200),
        concurrent_jobs=st.integers(1, 40),
        servers_in_jobs=st.integers(1, 1_000),
    ),
)
def test_whatever_runs_a_quota_is_never_exceeded(
    running: list[int], left: int, quotas: Quotas
) -> None:
    size = job_size(after(running, quotas), left)

    assert 0 <= size <= min(left, quotas.servers_per_job)
    if size:
        assert len(running) < quotas.concurrent_jobs
        assert sum(running) + size <= quotas.servers_in_jobs
        assert awaited(after(running, quotas), left) is None
    else:
        assert awaited(after(running, quotas), left)


@given(st.lists(st.integers(1, 100), max_size=19), st.integers(1, 4_000))
def test_less_room_than_one_slot_is_worth_is_left_idle(
    running: list[int], left: int
) -> None:
    free = after(running)

    if not job_size(free, left):
        assert free.servers <= SLACK
        assert free.servers < left


@given(
    st.integers(1, 4_000),
    st.lists(st.tuples(st.integers(1, 100), st.floats(0, 3_000)), max_size=8),
    st.integers(0, 2**32),
    st.floats(0, 900),
)
def test_a_wave_is_packed_as_tightly_as_nobody_who_knows_no_times_could(
    servers: int,
    others: list[tuple[int, float]],
    seed: int,
    spread: float,
) -> None:
    """Whoever keeps every place busy is late by one job at most.

    While servers are left, less than one slot's share of places is idle or
    every slot is used; behind that, only the jobs that run are awaited.
    """
    draw = Random(seed)

    packed = Packed(servers, lambda: 300 + draw.uniform(0, spread), others)

    assert packed.least_used >= min(
        QUOTAS.servers_in_jobs - SLACK, packed.total
    )
    assert packed.span <= (
        packed.work / (QUOTAS.servers_in_jobs - SLACK) + packed.longest + 1e-6
    )
    assert sum(packed.sizes) == servers
    assert len(packed.sizes) <= servers // 7 + 1


def test_equal_jobs_leave_no_place_idle() -> None:
    packed = Packed(4_000, lambda: 600, [])

    assert packed.span == packed.work / 500 == 4_800
    assert packed.sizes == [100] * 40


class Packed:
    """A wave packed into jobs, each running for a time that nobody knew."""

    def __init__(
        self,
        servers: int,
        seconds: Callable[[], float],
        others: Sequence[tuple[int, float]],
    ) -> None:
        self.sizes: list[int] = []
        self.total = servers
        self.work = self.longest = self.span = 0.0
        self.least_used = QUOTAS.servers_in_jobs
        self._seconds = seconds
        self._running: list[tuple[float, int]] = []
        self._now = 0.0
        for size, ends in self._fitting(others):
            self.total += size
            self._run(size, ends)
        self._pack(servers)

    def _fitting(
        self, others: Sequence[tuple[int, float]]
    ) -> list[tuple[int, float]]:
        fitting: list[tuple[int, float]] = []
        for size, ends in others:
            taken = sum(one for one, _ in fitting)
            if taken + size <= QUOTAS.servers_in_jobs:
                fitting.append((size, ends))
        return fitting

    def _run(self, size: int, seconds: float) -> None:
        heapq.heappush(self._running, (self._now + seconds, size))
        self.work += size * seconds
        self.longest = max(self.longest, seconds)
        self.span = max(self.span, self._now + seconds)

    def _pack(self, left: int) -> None:
        while left:
            size = job_size(after([one for _, one in self._running]), left)
            if size:
                self.sizes.append(size)
                self._run(size, self._seconds())
                left -= size
                continue
            used = sum(one for _, one in self._running)
            self.least_used = min(self.least_used, used)
            self._now, _ = heapq.heappop(self._running)
