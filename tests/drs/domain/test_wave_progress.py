"""How far a wave is, and when it has ended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from drs.domain.job import Job, Participant
from drs.domain.servers import Instance, RecoveryInstance
from drs.domain.wave_progress import (
    GRACE_AFTER_JOB_END,
    GRACE_FOR_MISSING_JOB,
    Seen,
    judged,
    merged,
    needs_instance,
    settled,
    timed_out,
)
from shared.domain.record import Intent, WaveEntry
from shared.domain.status import IntentState, WaveStatus
from tests.drs.builders import an_entry, an_intent
from tests.support.fakes import NOON as NOW

LAUNCHES = ["PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED"]


def seen(status: str = "STARTED", **launches: str) -> Seen:
    job = Job(
        job_id="drsjob-0",
        status=status,
        participants=tuple(
            Participant(source_server_id=one, launch_status=launch)
            for one, launch in launches.items()
        ),
    )
    return Seen(jobs={job.job_id: job})


def after(
    entry: WaveEntry,
    intent: Intent,
    facts: Seen,
    *,
    now: int = NOW,
    start_pending: bool = False,
) -> WaveEntry:
    return judged(
        merged(entry, [intent], facts),
        [intent],
        facts,
        start_pending=start_pending,
        now=now,
    )


def statuses(entry: WaveEntry) -> list[str]:
    return [one.launch_status for one in entry.server_statuses]


def test_a_wave_is_complete_as_soon_as_every_server_is_launched() -> None:
    entry = after(
        an_entry("a", "b"),
        an_intent("a", "b"),
        seen("STARTED", a="LAUNCHED", b="LAUNCHED"),
    )

    assert entry.status is WaveStatus.COMPLETED
    assert entry.phase == "LAUNCHED"
    assert entry.end_time == NOW
    assert (entry.launched_count, entry.pending_count) == (2, 0)


def test_a_wave_whose_job_has_not_moved_stays_started() -> None:
    entry = after(an_entry("a"), an_intent("a"), seen("PENDING", a="PENDING"))

    assert entry.status is WaveStatus.STARTED


def test_a_wave_in_motion_is_in_progress_and_undecided() -> None:
    entry = after(
        an_entry("a", "b"),
        an_intent("a", "b"),
        seen(a="FAILED", b="IN_PROGRESS"),
    )

    assert entry.status is WaveStatus.IN_PROGRESS
    assert entry.end_time is None


@pytest.mark.parametrize(
    ("launches", "status", "code"),
    [
        (("LAUNCHED", "FAILED"), WaveStatus.PARTIAL, "WAVE_LAUNCH_FAILED"),
        (("FAILED", "TERMINATED"), WaveStatus.FAILED, "WAVE_LAUNCH_FAILED"),
    ],
)
def test_a_wave_with_every_server_ended_is_decided(
    launches: tuple[str, str], status: WaveStatus, code: str
) -> None:
    first, second = launches

    entry = after(
        an_entry("a", "b"), an_intent("a", "b"), seen(a=first, b=second)
    )

    assert (entry.status, entry.error_code) == (status, code)


def test_nothing_is_decided_while_servers_are_still_to_be_launched() -> None:
    entry = after(
        an_entry("a"), an_intent("a"), seen(a="FAILED"), start_pending=True
    )

    assert not entry.is_final


def test_a_skipped_server_is_failed_with_its_reason() -> None:
    facts = seen(a="PENDING", b="LAUNCHED")
    facts = Seen(jobs=facts.jobs, skipped={"a"}, phase="LAUNCHING")

    entry = after(an_entry("a", "b"), an_intent("a", "b"), facts)

    assert entry.status is WaveStatus.PARTIAL
    assert entry.server_statuses[0].error_code == "SERVER_SKIPPED"
    assert entry.phase == "LAUNCHING"


def test_a_failed_server_carries_the_error_of_the_log() -> None:
    facts = seen(a="FAILED")
    facts = Seen(jobs=facts.jobs, errors={"a": "no capacity"})

    entry = after(an_entry("a"), an_intent("a"), facts)

    assert entry.server_statuses[0].error == "no capacity"


def test_a_finished_job_leaves_its_servers_ten_minutes() -> None:
    facts = seen("COMPLETED", a="LAUNCHED", b="IN_PROGRESS")
    intent = an_intent("a", "b")
    first = after(an_entry("a", "b"), intent, facts)

    just_before = after(
        first, intent, facts, now=NOW + GRACE_AFTER_JOB_END - 1
    )
    late = after(first, intent, facts, now=NOW + GRACE_AFTER_JOB_END)

    assert first.job_completed_at == NOW
    assert not just_before.is_final
    assert late.status is WaveStatus.PARTIAL
    assert late.server_statuses[1].error_code == "NOT_LAUNCHED_AT_JOB_END"


def test_a_finished_job_without_servers_fails_them_after_the_grace() -> None:
    facts = seen("COMPLETED")
    intent = an_intent("a")
    first = after(an_entry("a"), intent, facts)

    late = after(first, intent, facts, now=NOW + GRACE_AFTER_JOB_END)

    assert not first.is_final
    assert late.status is WaveStatus.FAILED
    assert late.error_code == "NO_PARTICIPATING_SERVERS"


def test_stored_statuses_stand_when_a_job_is_emptied() -> None:
    intent = an_intent("a", "b")
    known = after(
        an_entry("a", "b"), intent, seen(a="LAUNCHED", b="IN_PROGRESS")
    )

    emptied = after(known, intent, seen("COMPLETED"))

    assert statuses(emptied) == ["LAUNCHED", "IN_PROGRESS"]


def test_a_missing_job_is_waited_for_two_minutes() -> None:
    intent = an_intent("a")

    early = after(
        an_entry("a"), intent, Seen(), now=NOW + GRACE_FOR_MISSING_JOB - 1
    )
    late = after(
        an_entry("a"), intent, Seen(), now=NOW + GRACE_FOR_MISSING_JOB
    )

    assert not early.is_final
    assert late.status is WaveStatus.FAILED
    assert late.error_code == "JOB_NOT_FOUND"


def test_a_job_is_awaited_from_when_its_id_was_stored() -> None:
    intent = replace(an_intent("a"), confirmed_at=NOW + 100)
    long_after_the_call = NOW + GRACE_FOR_MISSING_JOB + 99

    early = after(an_entry("a"), intent, Seen(), now=long_after_the_call)
    late = after(an_entry("a"), intent, Seen(), now=long_after_the_call + 1)

    assert not early.is_final
    assert late.error_code == "JOB_NOT_FOUND"


def test_a_missing_job_is_decided_by_the_instances_that_name_it() -> None:
    def an_instance(server: str, job_id: str) -> RecoveryInstance:
        return RecoveryInstance(
            recovery_instance_id=f"i-{server}",
            ec2_instance_id=f"i-{server}",
            source_server_id=server,
            job_id=job_id,
            ec2_state="RUNNING",
        )

    facts = Seen(
        instances={
            "a": an_instance("a", "drsjob-0"),
            "b": an_instance("b", "drsjob-before"),
        }
    )

    entry = after(
        an_entry("a", "b"),
        an_intent("a", "b"),
        facts,
        now=NOW + GRACE_FOR_MISSING_JOB,
    )

    assert entry.status is WaveStatus.PARTIAL
    assert statuses(entry) == ["LAUNCHED", "FAILED"]
    assert entry.server_statuses[0].instance_id == "i-a"


def test_a_launched_server_shows_its_instance() -> None:
    facts = seen(a="LAUNCHED")
    facts = Seen(
        jobs=facts.jobs,
        instances={
            "a": RecoveryInstance(
                recovery_instance_id="i-1",
                ec2_instance_id="i-1",
                source_server_id="a",
                ec2_state="RUNNING",
                snapshot_time="2026-01-01T11:59:00.000Z",
            )
        },
        machines={
            "i-1": Instance(
                instance_id="i-1",
                instance_type="m5.large",
                private_ip="10.0.0.9",
                state="running",
                launched_at=NOW,
            )
        },
    )

    (server,) = after(an_entry("a"), an_intent("a"), facts).server_statuses

    assert server.instance_id == server.recovery_instance_id == "i-1"
    assert server.private_ip == server.ip_address == "10.0.0.9"
    assert server.instance_type == "m5.large"
    assert server.instance_state == "running"
    assert server.snapshot_time == "2026-01-01T11:59:00.000Z"
    assert server.launch_time == NOW


def test_an_instance_ec2_does_not_show_yet_keeps_what_drs_says() -> None:
    facts = seen(a="LAUNCHED")
    instance = RecoveryInstance(
        recovery_instance_id="i-1", ec2_instance_id="i-1", ec2_state="PENDING"
    )
    facts = Seen(jobs=facts.jobs, instances={"a": instance})

    (server,) = after(an_entry("a"), an_intent("a"), facts).server_statuses

    assert server.instance_state == "PENDING"
    assert server.private_ip == ""


def test_only_launched_servers_without_an_instance_are_looked_up() -> None:
    entry = merged(
        an_entry("a", "b", "c"),
        [an_intent("a", "b", "c")],
        seen(a="LAUNCHED", b="IN_PROGRESS", c="FAILED"),
    )

    assert needs_instance(entry) == ["a"]


def test_a_server_that_we_failed_stays_failed() -> None:
    entry = an_entry("a")
    ours = replace(
        entry.server_statuses[0],
        launch_status="FAILED",
        error_code="SERVER_CONFLICT",
    )
    entry = replace(entry, server_statuses=(ours,))

    again = after(entry, an_intent("a"), seen(a="LAUNCHED"))

    assert again.server_statuses == (ours,)
    assert again.error_code == "SERVER_CONFLICT"


def test_a_timed_out_wave_keeps_its_servers_as_seen() -> None:
    entry = merged(
        an_entry("a", "b"),
        [an_intent("a", "b")],
        seen(a="LAUNCHED", b="IN_PROGRESS"),
    )

    late = timed_out(entry, NOW, 60)

    assert late.status is WaveStatus.TIMEOUT
    assert late.error_code == "WAVE_TIMEOUT"
    assert statuses(late) == statuses(entry)
    assert "1 of 2" in late.status_message


def test_an_intent_is_settled_once_its_servers_have_ended() -> None:
    entry = merged(
        an_entry("a", "b"),
        [an_intent("a", "b")],
        seen(a="LAUNCHED", b="IN_PROGRESS"),
    )
    over, moving = an_intent("a"), an_intent("b", index=1)
    before = an_intent("a", index=2, settled_at=NOW - 1)
    open_one = an_intent("a", index=3, intent_state=IntentState.INTENT)

    found = settled(entry, [over, moving, before, open_one], NOW)

    assert found == [(over, replace(over, settled_at=NOW))]


@given(
    st.lists(st.sampled_from(LAUNCHES), min_size=1, max_size=6),
    st.sampled_from(["PENDING", "STARTED"]),
)
def test_a_wave_is_never_decided_over_servers_in_motion(
    launches: list[str], status: str
) -> None:
    names = [f"s{n}" for n in range(len(launches))]
    facts = seen(status, **dict(zip(names, launches, strict=True)))

    entry = after(an_entry(*names), an_intent(*names), facts)

    moving = {"PENDING", "IN_PROGRESS"} & set(launches)
    assert entry.is_final == (not moving)
    if entry.status is WaveStatus.COMPLETED:
        assert set(launches) == {"LAUNCHED"}
    if entry.status is WaveStatus.FAILED:
        assert "LAUNCHED" not in launches


@given(st.lists(st.sampled_from(LAUNCHES), min_size=1, max_size=6))
def test_the_same_look_twice_changes_nothing(launches: list[str]) -> None:
    names = [f"s{n}" for n in range(len(launches))]
    facts = seen("STARTED", **dict(zip(names, launches, strict=True)))
    intent = an_intent(*names)

    once = after(an_entry(*names), intent, facts)

    assert after(once, intent, facts) == once
