"""How much room quotas leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.capacity import Quotas, awaited, job_size, room, worth_a_slot
from drs.domain.job import Job, Participant

SIZES = st.lists(st.integers(0, 100), max_size=30)


def some_jobs(sizes: list[int]) -> list[Job]:
    return [
        Job(
            job_id=f"drsjob-{n}",
            participants=tuple(
                Participant(source_server_id=f"s-{n}-{m}") for m in range(size)
            ),
        )
        for n, size in enumerate(sizes)
    ]


def test_nothing_is_awaited_where_nothing_runs() -> None:
    assert awaited(room(Quotas(), []), 100) is None


def test_a_free_job_slot_is_awaited() -> None:
    reason = awaited(room(Quotas(), some_jobs([1] * 20)), 1)

    assert reason == (
        "waiting for a free job slot: 20 of 20 DRS jobs are active"
    )


def test_room_for_the_servers_is_awaited() -> None:
    reason = awaited(room(Quotas(), some_jobs([100] * 4 + [98])), 60)

    assert reason == (
        "waiting for room for 60 servers: 498 of 500 are in active DRS jobs"
    )


def test_who_waits_for_quotas_that_could_not_be_read_says_so() -> None:
    reason = awaited(room(Quotas(fallback=True), some_jobs([100] * 5)), 60)

    assert str(reason).endswith("(Service Quotas could not be read)")


@pytest.mark.parametrize(
    ("sizes", "servers"), [([1] * 19, 1), ([100] * 4, 100), ([], 500)]
)
def test_the_last_place_is_given(sizes: list[int], servers: int) -> None:
    assert awaited(room(Quotas(), some_jobs(sizes)), servers) is None


@pytest.mark.parametrize(
    ("servers_per_job", "in_jobs", "servers", "allowed"),
    [
        (100, 500, 100, True),
        (100, 500, 101, False),
        (100, 50, 50, True),
        (100, 50, 51, False),
    ],
)
def test_a_job_above_either_quota_can_never_start(
    servers_per_job: int, in_jobs: int, servers: int, allowed: bool
) -> None:
    quotas = Quotas(servers_per_job=servers_per_job, servers_in_jobs=in_jobs)

    assert quotas.allow(servers) is allowed


def test_full_jobs_are_told_while_a_slot_is_free() -> None:
    reason = awaited(room(Quotas(), some_jobs([100] * 5 + [0] * 14)), 1)

    assert reason == (
        "waiting for room for 1 servers: 500 of 500 are in active DRS jobs"
    )


@pytest.mark.parametrize(("used", "worth"), [(0, 1), (1, 2), (19, 24)])
def test_a_slot_is_worth_its_share_of_the_servers(
    used: int, worth: int
) -> None:
    assert worth_a_slot(room(Quotas(), some_jobs([1] * used))) == worth


def test_no_place_is_left_where_others_hold_more_than_there_is() -> None:
    left = room(Quotas(), some_jobs([100] * 6 + [0] * 20))

    assert (left.jobs, left.servers) == (0, 0)


@given(SIZES, st.integers(1, 100))
def test_a_job_that_may_start_stays_within_every_quota(
    sizes: list[int], servers: int
) -> None:
    quotas = Quotas()

    size = job_size(room(quotas, some_jobs(sizes)), servers)

    assert size <= min(servers, quotas.servers_per_job)
    if size:
        assert len(sizes) + 1 <= quotas.concurrent_jobs
        assert sum(sizes) + size <= quotas.servers_in_jobs


@given(SIZES, st.integers(1, 100))
def test_a_job_that_waits_would_exceed_a_quota(
    sizes: list[int], servers: int
) -> None:
    quotas = Quotas()

    if awaited(room(quotas, some_jobs(sizes)), servers) is not None:
        assert (
            len(sizes) + 1 > quotas.concurrent_jobs
            or sum(sizes) + servers > quotas.servers_in_jobs
        )


@given(SIZES, st.integers(0, 100))
def test_another_active_job_never_makes_more_room(
    sizes: list[int], more: int
) -> None:
    before = room(Quotas(), some_jobs(sizes))
    after = room(Quotas(), some_jobs([*sizes, more]))

    assert (after.jobs, after.servers) <= (before.jobs, before.servers)
    assert after.jobs >= 0 and after.servers >= 0
