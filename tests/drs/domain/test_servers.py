"""What servers are called, which instances still exist, which dates."""

import pytest

from drs.domain.servers import (
    RecoveryInstance,
    SourceServer,
    jobs_launched_since,
)
from drs.domain.timestamps import epoch, iso, iso_of_epoch


def test_a_server_is_called_by_tag_then_hostname_then_id() -> None:
    tags = {"Name": "Orders"}

    assert SourceServer(source_server_id="s-1").name == "s-1"
    assert SourceServer(source_server_id="s-1", hostname="db1").name == "db1"
    assert (
        SourceServer(source_server_id="s-1", hostname="db1", tags=tags).name
        == "Orders"
    )


@pytest.mark.parametrize(
    ("state", "live"),
    [("RUNNING", True), ("STOPPED", True), ("TERMINATED", False)],
)
def test_a_terminated_instance_is_not_live(state: str, live: bool) -> None:
    instance = RecoveryInstance(recovery_instance_id="i-1", ec2_state=state)

    assert instance.is_live is live


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T12:00:00Z",
        "2026-11-21T12:00:00.000000+00:00",
        "2026-11-21T13:00:00+01:00",
        "2026-11-21T12:00:00",
    ],
)
def test_a_date_reads_the_same_however_it_is_written(text: str) -> None:
    assert epoch(text) == 1795262400
    assert iso(text) == "2026-11-21T12:00:00.000Z"


def test_an_absent_date_is_none_or_empty() -> None:
    assert epoch(None) is None
    assert iso(None) == ""


def test_epoch_and_text_are_each_others_inverse() -> None:
    assert epoch(iso_of_epoch(1795262400)) == 1795262400


def test_the_jobs_that_launched_servers_since_then_are_told_once() -> None:
    servers = [
        SourceServer(
            source_server_id=f"s-{number}",
            last_launch_job_id=job,
            last_launch_at=at,
        )
        for number, (job, at) in enumerate(
            [("drsjob-a", 100), ("drsjob-c", 101), ("drsjob-b", 99), ("", 0)]
        )
    ]

    assert jobs_launched_since(servers, 100) == {"drsjob-a", "drsjob-c"}
