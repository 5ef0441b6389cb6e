"""What is kept and what is told of a wave's servers, job by job."""

import pytest
from msgspec.structs import replace

from drs.domain.job import Job, Participant
from drs.domain.servers import RecoveryInstance
from drs.domain.wave_progress import (
    GRACE_AFTER_JOB_END,
    GRACE_FOR_MISSING_JOB,
    Seen,
    judged,
    merged,
    timed_out,
)
from shared.domain.record import Intent, ServerStatus, WaveEntry
from shared.domain.status import IntentState, WaveStatus
from tests.drs.builders import an_entry, an_intent
from tests.support.fakes import NOON as NOW


def a_job(*participants: Participant, status: str = "STARTED") -> Job:
    return Job(job_id="drsjob-0", status=status, participants=participants)


def seen(*jobs: Job) -> Seen:
    return Seen(jobs={job.job_id: job for job in jobs})


def an_instance(server: str) -> RecoveryInstance:
    return RecoveryInstance(
        recovery_instance_id=f"i-{server}",
        ec2_instance_id=f"i-{server}",
        source_server_id=server,
        job_id="drsjob-0",
        ec2_state="RUNNING",
    )


def known(entry: WaveEntry, **more: str) -> WaveEntry:
    """Return the entry, this stored of its first server."""
    first, *others = entry.server_statuses
    return replace(entry, server_statuses=(replace(first, **more), *others))


def the_server(entry: WaveEntry, facts: Seen) -> ServerStatus:
    (server,) = merged(entry, [an_intent("a")], facts).server_statuses
    return server


def decided(
    entry: WaveEntry, *intents: Intent, facts: Seen, now: int = NOW
) -> WaveEntry:
    return judged(entry, intents, facts, start_pending=False, now=now)


def test_a_server_knows_the_job_that_launches_it_before_drs_shows_it() -> None:
    assert the_server(an_entry("a"), Seen()).job_id == "drsjob-0"


def test_a_server_that_drs_left_out_is_told_with_drs_own_word() -> None:
    facts = Seen(jobs={}, skipped={"a"})

    server = the_server(an_entry("a"), facts)

    assert (server.launch_status, server.error_code, server.job_id) == (
        "FAILED",
        "SERVER_SKIPPED",
        "drsjob-0",
    )
    assert (
        server.error == "DRS left the server out of the job (SERVER_SKIPPED)"
    )


def test_a_look_that_tells_less_keeps_what_an_earlier_one_told() -> None:
    entry = known(
        an_entry("a"),
        recovery_instance_id="i-1",
        launch_actions_status="SUCCEEDED",
        error="no capacity",
    )
    participant = Participant(source_server_id="a", launch_status="FAILED")

    server = the_server(entry, seen(a_job(participant)))

    assert server.recovery_instance_id == "i-1"
    assert server.launch_actions_status == "SUCCEEDED"
    assert server.error == "no capacity"


def test_a_newer_look_replaces_what_an_earlier_one_told() -> None:
    entry = known(
        an_entry("a"),
        recovery_instance_id="i-1",
        launch_actions_status="IN_PROGRESS",
        error="no capacity",
    )
    participant = Participant(
        source_server_id="a",
        launch_status="LAUNCHED",
        recovery_instance_id="i-2",
        launch_actions_status={"runs": [{"status": "SUCCEEDED"}]},
    )

    server = the_server(entry, seen(a_job(participant)))

    assert server.recovery_instance_id == "i-2"
    assert server.launch_actions_status == "SUCCEEDED"
    assert server.error == ""


@pytest.mark.parametrize(
    ("job", "launch", "status"),
    [
        ("PENDING", "PENDING", WaveStatus.STARTED),
        ("STARTED", "PENDING", WaveStatus.IN_PROGRESS),
        ("PENDING", "IN_PROGRESS", WaveStatus.IN_PROGRESS),
    ],
)
def test_a_wave_is_in_progress_once_its_job_or_a_server_moves(
    job: str, launch: str, status: WaveStatus
) -> None:
    participant = Participant(source_server_id="a", launch_status=launch)

    after = merged(
        an_entry("a"), [an_intent("a")], seen(a_job(participant, status=job))
    )

    assert after.status is status


def test_a_complete_wave_has_no_error_code() -> None:
    launched = Participant(source_server_id="a", launch_status="LAUNCHED")
    facts = seen(a_job(launched))
    entry = replace(an_entry("a"), error_code="LATE")

    after = decided(merged(entry, [an_intent("a")], facts), facts=facts)

    assert (after.status, after.error_code) == (WaveStatus.COMPLETED, "")


def test_a_missing_job_whose_instances_all_exist_completes_its_wave() -> None:
    facts = Seen(instances={"a": an_instance("a"), "b": an_instance("b")})
    late = NOW + GRACE_FOR_MISSING_JOB

    after = decided(
        merged(an_entry("a", "b"), [an_intent("a", "b")], facts),
        an_intent("a", "b"),
        facts=facts,
        now=late,
    )

    assert (after.status, after.error_code, after.end_time) == (
        WaveStatus.COMPLETED,
        "",
        late,
    )
    assert after.launched_count == 2


def test_a_known_job_does_not_hide_that_another_is_missing() -> None:
    moving = Participant(source_server_id="a", launch_status="IN_PROGRESS")
    facts = seen(a_job(moving))
    intents = (an_intent("a"), an_intent("b", index=1))

    after = decided(
        merged(an_entry("a", "b"), intents, facts),
        *intents,
        facts=facts,
        now=NOW + GRACE_FOR_MISSING_JOB,
    )

    _, gone = after.server_statuses
    assert (gone.launch_status, gone.error_code) == ("FAILED", "JOB_NOT_FOUND")
    assert gone.error == (
        "DRS does not know job drsjob-1 any more and no recovery instance "
        "names it"
    )


def test_a_failed_wave_ends_when_that_is_decided() -> None:
    failed = Participant(source_server_id="a", launch_status="FAILED")
    facts = seen(a_job(failed))

    after = decided(
        merged(an_entry("a"), [an_intent("a")], facts), facts=facts
    )

    assert (after.status, after.end_time) == (WaveStatus.FAILED, NOW)


def test_servers_that_failed_differently_share_the_waves_code() -> None:
    entry = known(
        an_entry("a", "b"), launch_status="FAILED", error_code="NO_ROOM"
    )
    facts = Seen(skipped={"b"})

    after = decided(merged(entry, [an_intent("b")], facts), facts=facts)

    assert after.error_code == "WAVE_LAUNCH_FAILED"


@pytest.mark.parametrize("now", [NOW, NOW + GRACE_AFTER_JOB_END])
def test_no_grace_runs_for_servers_whose_job_is_not_confirmed(
    now: int,
) -> None:
    entry = merged(an_entry("a"), [], Seen())
    intent = an_intent("a", intent_state=IntentState.INTENT)

    assert decided(entry, intent, facts=Seen(), now=now) == entry


def test_no_grace_runs_where_nothing_waits() -> None:
    failed = Participant(source_server_id="a", launch_status="FAILED")
    facts = seen(a_job(failed, status="COMPLETED"))

    after = decided(
        merged(an_entry("a"), [an_intent("a")], facts),
        an_intent("a"),
        facts=facts,
    )

    assert (after.status, after.job_completed_at) == (WaveStatus.FAILED, 0)


def test_the_grace_begins_anew_with_a_job_that_goes_on() -> None:
    moving = Participant(source_server_id="a", launch_status="IN_PROGRESS")
    facts = seen(a_job(moving))
    entry = replace(an_entry("a"), job_completed_at=NOW - 5)

    after = decided(
        merged(entry, [an_intent("a")], facts), an_intent("a"), facts=facts
    )

    assert after.job_completed_at == 0


def test_a_server_that_the_job_forgot_is_told_how_long_it_had() -> None:
    moving = Participant(source_server_id="a", launch_status="IN_PROGRESS")
    facts = seen(a_job(moving, status="COMPLETED"))
    entry = replace(an_entry("a"), job_completed_at=NOW - GRACE_AFTER_JOB_END)

    after = decided(
        merged(entry, [an_intent("a")], facts), an_intent("a"), facts=facts
    )

    assert after.server_statuses[0].error == (
        "the job has ended and the server was not launched within 600 s of it"
    )


def test_a_wave_out_of_time_ends_now_and_says_what_is_open() -> None:
    late = timed_out(merged(an_entry("a", "b"), [], Seen()), NOW, 60)

    assert late.end_time == NOW
    assert late.status_message == (
        "The wave did not end within 60 s; 2 of 2 servers are not decided."
    )
