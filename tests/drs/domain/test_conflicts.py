"""Which servers are busy, and how what is in the way is told."""

import pytest

from drs.domain.conflicts import (
    InExecution,
    InJob,
    Running,
    assignment_conflicts,
    conflict_info,
    in_executions,
    in_jobs,
    members,
    tag_conflicts,
)
from drs.domain.intent_tags import PLAN_ID
from drs.domain.job import Job, JobType, Participant
from drs.domain.servers import SourceServer
from drs.domain.tags import TagIndex
from shared.domain.errors import CheckUnavailable
from shared.domain.ports import ServerKey
from shared.domain.record import Record, Reserved, ServerStatus, WaveEntry
from shared.domain.status import LaunchStatus, Status, WaveStatus

HUB = "111122223333"
REGION = "us-east-1"
SERVERS = TagIndex(
    SourceServer(source_server_id=f"s-{n}", tags={"tier": tier})
    for n, tier in enumerate(["db", "db", "web"])
)


def an_entry(number: int, status: WaveStatus, *launch: str) -> WaveEntry:
    ids = [f"s-{number}-{n}" for n in range(len(launch))]
    return WaveEntry(
        wave_number=number,
        wave_name=f"tier {number}",
        status=status,
        start_time=1,
        region=REGION,
        server_ids=tuple(ids),
        server_statuses=tuple(
            ServerStatus(
                source_server_id=one,
                server_name=one,
                hostname=one,
                launch_status=state,
            )
            for one, state in zip(ids, launch, strict=True)
        ),
    )


def running(
    *entries: WaveEntry, to_come: int = 5, account: str = ""
) -> Running:
    record = Record(
        execution_id="e-1",
        plan_id="p-1",
        status=Status.POLLING,
        account_context={"accountId": account},
    )
    reserved = [
        Reserved(wave_number=e.wave_number, server_ids=("s-r",), region=REGION)
        for e in entries
    ]
    later = Reserved(
        wave_number=to_come, server_ids=("s-later",), region="eu-west-1"
    )
    return Running(
        record=record,
        entries=entries,
        reserved=[*reserved, later],
        wave_names={0: "tier 0"},
    )


def a_group(name: str, **more: object) -> dict[str, object]:
    return {"groupId": f"id-{name}", "groupName": name, **more}


def an_execution(server: str, plan_id: str = "p-2") -> InExecution:
    return InExecution(
        server=ServerKey(HUB, REGION, server),
        execution_id="e-2",
        plan_id=plan_id,
        wave_name="w",
        status="PAUSED",
    )


def test_servers_that_still_move_and_those_to_come_are_busy() -> None:
    found = in_executions(
        [
            running(
                an_entry(0, WaveStatus.COMPLETED, "PENDING"),
                an_entry(
                    1,
                    WaveStatus.IN_PROGRESS,
                    "LAUNCHED",
                    "FAILED",
                    "IN_PROGRESS",
                    "PENDING",
                ),
            )
        ],
        HUB,
    )

    assert [(one.server, one.wave_name) for one in found] == [
        (ServerKey(HUB, REGION, "s-1-2"), "Wave 2"),
        (ServerKey(HUB, REGION, "s-1-3"), "Wave 2"),
        (ServerKey(HUB, "eu-west-1", "s-later"), "Wave 6"),
    ]


def test_the_account_is_that_of_the_execution() -> None:
    (found,) = in_executions([running(account="444455556666")], HUB)

    assert found.server.account_id == "444455556666"


@pytest.mark.parametrize(
    ("job", "count"),
    [
        (
            Job(job_id="j", participants=(Participant(source_server_id="s"),)),
            1,
        ),
        (
            Job(
                job_id="j",
                participants=(
                    Participant(
                        source_server_id="s",
                        launch_status=LaunchStatus.LAUNCHED,
                    ),
                ),
            ),
            0,
        ),
        (
            Job(
                job_id="j",
                status="COMPLETED",
                participants=(Participant(source_server_id="s"),),
            ),
            0,
        ),
        (
            Job(
                job_id="j",
                type=JobType.TERMINATE,
                participants=(Participant(source_server_id="s"),),
            ),
            0,
        ),
    ],
)
def test_active_launch_jobs_keep_the_servers_that_still_move(
    job: Job, count: int
) -> None:
    assert len(in_jobs([job], HUB, REGION)) == count


def test_a_group_has_what_its_tags_select_or_what_it_names() -> None:
    tagged = a_group("a", serverSelectionTags={"tier": "db"})
    named = a_group("b", sourceServerIds=["s-9"])

    assert members(tagged, SERVERS) == {"s-0", "s-1"}
    assert members(named, SERVERS) == {"s-9"}


def test_a_group_whose_tags_cannot_be_read_stops_the_check() -> None:
    broken = a_group("a", serverSelectionTags={" ": "x"})

    with pytest.raises(CheckUnavailable, match="group a"):
        members(broken, SERVERS)


def test_equal_tags_and_overlaps_are_told_apart() -> None:
    rows = tag_conflicts(
        {"tier": "db"},
        ["s-0", "s-1"],
        [
            a_group("same", serverSelectionTags={"TIER": "DB"}),
            a_group("else", serverSelectionTags={"tier": "web"}),
            a_group("named", sourceServerIds=["s-0"]),
        ],
        SERVERS,
    )
    overlap = tag_conflicts(
        {"app": "x"},
        ["s-1"],
        [a_group("db", serverSelectionTags={"tier": "db"})],
        SERVERS,
    )

    assert [(r["protectionGroupName"], r["conflictType"]) for r in rows] == [
        ("same", "exact_match")
    ]
    assert (overlap[0]["conflictType"], overlap[0]["servers"]) == (
        "overlap",
        ["s-1"],
    )


def test_servers_of_other_groups_are_named_with_their_group() -> None:
    rows = assignment_conflicts(
        {"s-0", "s-2"},
        [
            a_group("a", serverSelectionTags={"tier": "db"}),
            a_group("b", sourceServerIds=["s-2", "s-3"]),
        ],
        SERVERS,
    )

    assert [(r["serverId"], r["protectionGroupId"]) for r in rows] == [
        ("s-0", "id-a"),
        ("s-2", "id-b"),
    ]


def test_what_keeps_a_plan_busy_is_told_without_its_own_runs() -> None:
    job = Job(
        job_id="j-1",
        participants=(Participant(source_server_id="s-1"),),
        tags={PLAN_ID: "p-1"},
    )
    own: list[InExecution | InJob] = [
        an_execution("s-0", "p-1"),
        *in_jobs([job], HUB, REGION),
    ]

    nothing = conflict_info(own, "p-1")
    others = conflict_info([*own, an_execution("s-5")], "p-1")
    from_outside = conflict_info(own, "p-3")

    assert nothing["hasConflict"] is False
    assert others["conflictingServers"] == ["s-5"]
    assert others["conflictingExecutionId"] == "e-2"
    assert others["conflictingDrsJobId"] is None
    assert from_outside["conflictingServers"] == ["s-0", "s-1"]
    assert from_outside["conflictingDrsJobId"] == "j-1"
    assert from_outside["reason"] == (
        "2 servers are busy in execution e-2 (PAUSED) and DRS job j-1"
        " (PENDING)"
    )
