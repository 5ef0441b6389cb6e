"""How full accounts are: what counts, and the one ladder that judges it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.capacity import Quotas
from drs.domain.capacity_figures import (
    REPLICATING,
    AccountFigures,
    AccountType,
    Level,
    RegionFigures,
    busiest,
    job_figures,
    limits,
    recovery_level,
    region_figures,
    replicating_level,
    together,
)
from drs.domain.job import Job, Participant
from drs.domain.servers import SourceServer

TARGET = "444455556666"
STAGING = "777788889999"
LADDER = list(Level)[:5]


def a_server(state: str = "CONTINUOUS", staging: str = "") -> SourceServer:
    return SourceServer(
        source_server_id="s-1",
        replication_state=state,
        staging_account_id=staging,
    )


def an_account(*regions: RegionFigures, **more: Any) -> AccountFigures:
    return AccountFigures(
        **{
            "account_id": TARGET,
            "name": "prod",
            "regions": regions,
            **more,
        }
    )


def a_region(
    replicating: int = 0, total: int | None = None, **more: Any
) -> RegionFigures:
    return RegionFigures(
        **{
            "region": "us-east-1",
            "replicating": replicating,
            "total": replicating if total is None else total,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("replicating", "level"),
    [
        (0, "OK"),
        (199, "OK"),
        (200, "INFO"),
        (224, "INFO"),
        (225, "WARNING"),
        (249, "WARNING"),
        (250, "CRITICAL"),
        (279, "CRITICAL"),
        (280, "HYPER-CRITICAL"),
        (300, "HYPER-CRITICAL"),
    ],
)
def test_one_account_climbs_the_ladder(replicating: int, level: str) -> None:
    assert replicating_level(replicating) == level
    assert an_account(a_region(replicating)).row()["status"] == level


@pytest.mark.parametrize(
    ("replicating", "level"),
    [
        (414, "OK"),
        (415, "INFO"),
        (464, "INFO"),
        (465, "WARNING"),
        (499, "WARNING"),
        (500, "CRITICAL"),
        (599, "CRITICAL"),
        (600, "HYPER-CRITICAL"),
    ],
)
def test_two_accounts_climb_it_together(replicating: int, level: str) -> None:
    assert replicating_level(replicating, 2) == level


@pytest.mark.parametrize(
    ("servers", "most", "level"),
    [
        (3199, 4000, "OK"),
        (3200, 4000, "WARNING"),
        (3599, 4000, "WARNING"),
        (3600, 4000, "CRITICAL"),
        (6400, 8000, "WARNING"),
        (0, 0, "OK"),
    ],
)
def test_recovery_capacity_has_two_steps(
    servers: int, most: int, level: str
) -> None:
    assert recovery_level(servers, most) == level


@given(st.integers(0, 5000), st.integers(0, 100), st.integers(1, 20))
def test_more_servers_are_never_better(
    replicating: int, more: int, accounts: int
) -> None:
    before = LADDER.index(replicating_level(replicating, accounts))
    after = LADDER.index(replicating_level(replicating + more, accounts))

    assert before <= after


@pytest.mark.parametrize(
    "state", ["STOPPED", "PAUSED", "STALLED", "DISCONNECTED", "", "NEW"]
)
def test_what_does_not_replicate_does_not_count(state: str) -> None:
    found = region_figures("us-east-1", TARGET, [a_server(state)])

    assert (found.total, found.replicating) == (1, 0)


@pytest.mark.parametrize("state", sorted(REPLICATING))
def test_an_extended_server_replicates_where_it_is_staged(state: str) -> None:
    servers = [
        a_server(state),
        a_server(state, TARGET),
        a_server(state, STAGING),
    ]

    found = region_figures("us-east-1", TARGET, servers)

    assert (found.total, found.replicating) == (3, 2)
    assert found.extended == {STAGING: 1}


def test_jobs_are_counted_with_their_servers() -> None:
    jobs = [
        Job(
            job_id=f"drsjob-{size}",
            participants=tuple(
                Participant(source_server_id=f"s-{n}") for n in range(size)
            ),
        )
        for size in (2, 3)
    ]

    found = region_figures("us-east-1", TARGET, [a_server()], jobs)

    assert job_figures(found) == {
        "concurrentJobs": {"current": 2, "max": 20, "available": 18},
        "serversInJobs": {"current": 5, "max": 500},
    }


def test_the_busiest_region_has_most_jobs() -> None:
    idle = a_region(200, region="a")
    small = a_region(1, region="b", jobs=2, servers_in_jobs=2)
    large = a_region(1, region="c", jobs=2, servers_in_jobs=150)
    other = an_account(a_region(0, region="d", jobs=9))

    assert busiest([an_account(idle, small), an_account(large), other]) is (
        large
    )
    assert busiest([an_account(), other]) is None


def test_an_account_is_the_sum_of_its_regions() -> None:
    quotas = Quotas(source_servers=5000)
    east = a_region(100, 110, quotas=quotas)
    west = a_region(30, 30, region="us-west-2")
    unused = a_region(0, region="eu-west-1")

    row = an_account(east, unused, west).row()

    assert {k: v for k, v in row.items() if k != "regionalBreakdown"} == {
        "accountId": TARGET,
        "accountName": "prod",
        "accountType": "target",
        "totalServers": 140,
        "replicatingServers": 130,
        "maxReplicating": 300,
        "percentUsed": 43.3,
        "availableSlots": 170,
        "status": "OK",
        "accessible": True,
        "activeRegions": 2,
        "totalRegionalCapacity": 9000,
        "warnings": [],
    }
    assert row["regionalBreakdown"] == [east.row(), west.row()]
    assert east.row() == {
        "region": "us-east-1",
        "totalServers": 110,
        "replicatingServers": 100,
        "maxReplicating": 300,
        "percentUsed": 33.3,
        "availableSlots": 200,
        "status": "OK",
    }


def test_an_account_that_lets_nobody_in_has_no_slots_that_we_know() -> None:
    row = an_account(error="Could not assume it.").row()

    assert row["accessible"] is False
    assert row["error"] == "Could not assume it."
    assert row["status"] == "UNKNOWN"
    assert row["availableSlots"] == row["maxReplicating"] == 0


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (an_account(failed={"eu-west-1": "throttled"}), "eu-west-1"),
        (an_account(a_region(226)), "WARNING: 226 of 300"),
        (an_account(a_region(1, quotas=Quotas(fallback=True))), "published"),
        (an_account(error="closed"), "not counted: closed"),
    ],
)
def test_an_account_warns(account: AccountFigures, said: str) -> None:
    [warning] = account.warnings()

    assert said in warning


def test_accounts_together_are_counted_by_kind_and_region() -> None:
    target = an_account(
        a_region(180, 230, jobs=3, servers_in_jobs=7),
        a_region(20, 20, region="eu-west-1"),
    )
    staging = an_account(
        a_region(250), account_id=STAGING, name="st", type=AccountType.STAGING
    )

    both = together([target, staging])

    assert both["combined"] == {
        "totalReplicating": 450,
        "maxReplicating": 600,
        "percentUsed": 75.0,
        "availableSlots": 150,
        "status": "INFO",
    }
    assert both["recoveryCapacity"] == {
        "currentServers": 250,
        "maxServers": 8000,
        "percentUsed": 3.1,
        "availableSlots": 7750,
        "status": "OK",
    }
    assert [
        (one["region"], one["replicatingServers"], one["maxReplicating"])
        for one in both["regionalCapacity"]
    ] == [("eu-west-1", 20, 300), ("us-east-1", 430, 600)]
    assert both["regionalCapacity"][1]["status"] == "INFO"
    assert both["concurrentJobs"]["current"] == 3
    assert both["maxServersPerJob"] == 100
    assert both["accounts"] == [target.row(), staging.row()]
    assert both["warnings"] == [
        f"st ({STAGING}): CRITICAL: 250 of 300 servers replicate; let another "
        "staging account replicate some."
    ]


def test_what_could_not_be_read_gives_no_slots_to_the_others() -> None:
    closed = an_account(account_id=STAGING, name="st", error="closed")

    both = together([an_account(a_region(226)), closed])

    assert both["combined"]["maxReplicating"] == 300
    assert both["combined"]["status"] == "WARNING"
    assert len(both["warnings"]) == 3


def test_no_account_at_all_is_not_full() -> None:
    nothing = together([])

    assert nothing["combined"]["status"] == "OK"
    assert nothing["recoveryCapacity"]["status"] == "OK"


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 100), st.booleans()),
        max_size=8,
    )
)
def test_the_whole_is_the_sum_of_its_parts(
    parts: list[tuple[int, int, bool]],
) -> None:
    accounts = [
        an_account(
            a_region(replicating, replicating + more),
            type=AccountType.TARGET if target else AccountType.STAGING,
        )
        for replicating, more, target in parts
    ]

    both = together(accounts)

    rows = both["accounts"]
    regions = both["regionalCapacity"]
    total = sum(one["replicatingServers"] for one in rows)
    assert both["combined"]["totalReplicating"] == total
    assert sum(one["replicatingServers"] for one in regions) == total
    assert both["recoveryCapacity"]["currentServers"] == sum(
        one["totalServers"] for one in rows if one["accountType"] == "target"
    )
    for row in (*rows, *regions, both["combined"]):
        assert row["availableSlots"] >= 0


def test_the_limits_have_the_names_of_the_api() -> None:
    assert limits(Quotas()) == {
        "MAX_SERVERS_PER_JOB": 100,
        "MAX_CONCURRENT_JOBS": 20,
        "MAX_SERVERS_IN_ALL_JOBS": 500,
        "MAX_REPLICATING_SERVERS": 300,
        "MAX_SOURCE_SERVERS": 4000,
    }
