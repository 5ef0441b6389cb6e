"""Whether the quotas let an execution begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.capacity import Quotas
from drs.domain.job import Job, Participant
from drs.domain.start_room import no_room

WHERE = "account 111122223333, us-east-1"
FEW = Quotas(concurrent_jobs=2, servers_in_jobs=5)


def jobs(*sizes: int) -> list[Job]:
    return [
        Job(
            job_id=f"drsjob-{number}",
            participants=tuple(
                Participant(source_server_id=f"s-{number}-{one}")
                for one in range(size)
            ),
        )
        for number, size in enumerate(sizes)
    ]


def test_jobs_that_fill_the_quota_are_named() -> None:
    refused = no_room(FEW, jobs(1, 2), 4, WHERE)

    assert refused is not None
    assert refused.code == "CONCURRENT_JOBS_LIMIT_EXCEEDED"
    assert refused.message == (
        f"2 of 2 DRS jobs are active in {WHERE}; wait for one to end, or "
        "have the quota raised."
    )
    assert refused.details == {
        "currentJobs": 2,
        "maxJobs": 2,
        "activeJobs": [
            {
                "jobId": "drsjob-0",
                "status": "PENDING",
                "type": "LAUNCH",
                "serverCount": 1,
            },
            {
                "jobId": "drsjob-1",
                "status": "PENDING",
                "type": "LAUNCH",
                "serverCount": 2,
            },
        ],
    }


def test_servers_that_fill_the_quota_are_counted() -> None:
    refused = no_room(FEW, jobs(5), 4, WHERE)

    assert refused is not None
    assert refused.code == "SERVERS_IN_JOBS_LIMIT_EXCEEDED"
    assert refused.message == (
        f"5 of 5 servers are in active DRS jobs in {WHERE}; wait for a job "
        "to end, or have the quota raised."
    )
    assert refused.details == {
        "currentServersInJobs": 5,
        "newServerCount": 4,
        "totalAfterNew": 9,
        "maxServers": 5,
    }


@pytest.mark.parametrize("sizes", [(), (4,), (0,)])
def test_room_for_one_server_is_room(sizes: tuple[int, ...]) -> None:
    assert no_room(FEW, jobs(*sizes), 400, WHERE) is None


@given(
    st.lists(st.integers(0, 4), max_size=4),
    st.integers(1, 4),
    st.integers(1, 12),
)
def test_a_start_is_refused_exactly_where_no_job_fits(
    sizes: list[int], slots: int, servers: int
) -> None:
    quotas = Quotas(concurrent_jobs=slots, servers_in_jobs=servers)

    fits = len(sizes) < slots and sum(sizes) < servers

    assert (no_room(quotas, jobs(*sizes), 1, WHERE) is None) is fits
