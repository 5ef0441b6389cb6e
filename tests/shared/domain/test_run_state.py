"""How the carried state follows the record, field by field."""

from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from shared.domain.errors import StateTooLarge
from shared.domain.execution import (
    LARGE_STATE_BYTES,
    MAX_STATE_BYTES,
    Execution,
    size_of,
    to_wire,
)
from shared.domain.record import Record
from shared.domain.run_state import (
    begun,
    entered,
    is_over,
    measured,
    mirrored,
    must_become_large,
    over,
    paused_before,
    resumed,
    wave_ended,
    with_outcome,
    with_result,
)
from shared.domain.status import RunStatus, Status, WaveStatus
from tests.shared.builders import (
    HUB,
    KEY,
    REGION,
    a_failed_entry,
    a_plan,
    a_record,
    a_server,
    a_state,
    a_wave,
    an_entry,
)
from tests.support.fakes import NOON

W = WaveStatus
ACCOUNT = {"accountId": HUB, "isCurrentAccount": True}
# What a boundary leaves behind, and what the next step has to put right.
LEFTOVERS: dict[str, Any] = {
    "wave_start_pending": True,
    "continue_as_new": True,
    "status_reason": "Waiting for room.",
    "wave_completed": True,
    "paused_before_wave": 2,
    "resume": {"by": "operator"},
}


def test_a_run_begins_with_plan_record_and_account() -> None:
    plan = a_plan(a_wave(0, depends_on_waves=(1,)), a_wave(1))
    record = a_record(Status.PENDING, execution_type="RECOVERY")

    state = begun(record, plan, ACCOUNT, NOON + 5)

    assert state == Execution(
        plan_id=KEY.plan_id,
        plan_name="Three tiers",
        execution_id=KEY.execution_id,
        is_drill=False,
        account_context=ACCOUNT,
        waves=plan.waves,
        total_waves=2,
        start_time=NOON + 5,
        wave_order=(1, 0),
    )


def test_a_large_run_begins_with_its_order_and_no_lists() -> None:
    plan = a_plan(a_wave(0, depends_on_waves=(1,)), a_wave(1))

    state = begun(a_record(large=True), plan, ACCOUNT, NOON)

    assert (state.large, state.waves) == (True, ())
    assert (state.total_waves, state.wave_order) == (2, (1, 0))


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            a_record(Status.COMPLETED, end_time=NOON + 9),
            {"status": "completed", "status_reason": "COMPLETED"},
        ),
        (
            a_record(
                Status.PARTIAL,
                end_time=NOON + 9,
                error_code="WAVE_LAUNCH_FAILED",
                outcome={"reason": "host-1 was not launched"},
            ),
            {
                "status": "failed",
                "status_reason": "host-1 was not launched",
                "error": "host-1 was not launched",
                "error_code": "WAVE_LAUNCH_FAILED",
                "job_id": None,
            },
        ),
        (
            a_record(
                Status.FAILED,
                end_time=NOON + 9,
                error_message="It broke.",
                outcome={"reason": "not this one"},
            ),
            {
                "status": "failed",
                "status_reason": "It broke.",
                "error": "It broke.",
                "job_id": None,
            },
        ),
        (
            a_record(Status.FAILED, end_time=NOON + 9),
            {
                "status": "failed",
                "status_reason": "FAILED",
                "error": "FAILED",
                "job_id": None,
            },
        ),
        (
            a_record(Status.TIMEOUT, end_time=NOON + 9, error_code="LATE"),
            {"status": "timeout", "status_reason": "TIMEOUT"},
        ),
        (
            a_record(Status.CANCELLED, end_time=NOON + 9, cancelled_by="ann"),
            {"status": "cancelled", "status_reason": "Cancelled by ann."},
        ),
        (
            a_record(Status.CANCELLED, end_time=NOON + 9),
            {"status": "cancelled", "status_reason": "Cancelled by request."},
        ),
        (
            a_record(
                Status.CANCELLED, end_time=NOON + 9, error_message="Fire."
            ),
            {"status": "cancelled", "status_reason": "Fire."},
        ),
    ],
    ids=lambda value: value.status.value if isinstance(value, Record) else "",
)
def test_the_state_tells_the_records_end(
    record: Record, told: dict[str, Any]
) -> None:
    before = a_state(
        job_id="drsjob-0", wave_start_pending=True, continue_as_new=True
    )

    state = mirrored(before, record, NOON + 20)

    assert to_wire(state) == {
        **to_wire(before),
        "wave_completed": True,
        "wave_start_pending": False,
        "continue_as_new": False,
        "end_time": NOON + 9,
        "duration_seconds": 9,
        "all_waves_completed": record.status
        in (Status.COMPLETED, Status.CANCELLED),
        **told,
    }


def test_an_end_without_a_time_ends_now() -> None:
    state = mirrored(a_state(), a_record(Status.TIMEOUT), NOON + 20)

    assert state.end_time == NOON + 20


@pytest.mark.parametrize("status", [Status.RUNNING, Status.POLLING])
def test_a_run_that_goes_on_has_no_end(status: Status) -> None:
    record = a_record(status, end_time=NOON, error_code="OLD")

    state = mirrored(a_state(job_id="drsjob-0"), record, NOON + 20)

    assert (state.status, state.wave_completed) == (RunStatus.RUNNING, False)
    assert (state.end_time, state.error, state.error_code) == (None,) * 3
    assert state.job_id == "drsjob-0"


def test_a_reason_is_cut_to_what_a_state_may_hold() -> None:
    record = a_record(Status.FAILED, error_message="x" * 40_000)

    state = mirrored(a_state(), record, NOON)

    assert len(state.status_reason or "") == len(state.error or "") == 32_000


def test_waves_are_counted_as_recorded() -> None:
    record = a_record(
        Status.RUNNING,
        an_entry(0),
        an_entry(1),
        *(
            an_entry(2 + n, status)
            for n, status in enumerate(
                [W.FAILED, W.PARTIAL, W.TIMEOUT, W.SKIPPED, W.CANCELLED]
            )
        ),
        an_entry(7, W.STARTED),
    )

    state = over(a_state(completed_waves=9, failed_waves=9), record)

    assert (state.completed_waves, state.failed_waves) == (2, 3)


def test_a_pause_says_which_wave_waits_counted_from_one() -> None:
    state = paused_before(a_state(**LEFTOVERS), 1)

    assert state == a_state(
        **{
            **LEFTOVERS,
            "status": RunStatus.PAUSED,
            "status_reason": "Paused before wave 2.",
            "paused_before_wave": 1,
            "wave_start_pending": False,
            "continue_as_new": False,
        }
    )


def test_a_resumed_run_forgets_its_pause_and_nothing_else() -> None:
    paused = a_state(**LEFTOVERS, status=RunStatus.PAUSED)

    assert resumed(paused) == a_state(
        wave_start_pending=True, continue_as_new=True
    )


def test_an_entered_wave_takes_all_from_its_entry() -> None:
    entry = an_entry(
        1,
        W.STARTED,
        (a_server(1, "PENDING"), a_server(2, "PENDING")),
        start_time=NOON + 60,
        job_id="drsjob-1",
        job_ids=("drsjob-1", "drsjob-2"),
        job_completed_at=NOON + 90,
    )
    before = a_state(
        **{**LEFTOVERS, "continue_as_new": False, "resume": None},
        status=RunStatus.PAUSED,
        current_wave_total_wait_time=77,
        current_wave_max_wait_time=88,
    )

    state = entered(
        before,
        a_wave(1, max_wait_seconds=600),
        entry,
        pending=True,
        awaited="Waiting for a job's place.",
    )

    assert state == with_result(
        a_state(
            status=RunStatus.RUNNING,
            current_wave_number=1,
            region=REGION,
            server_ids=entry.server_ids,
            server_count=2,
            wave_start_time=NOON + 60,
            current_wave_max_wait_time=600,
            wave_start_pending=True,
            status_reason="Waiting for a job's place.",
            job_id="drsjob-1",
            job_ids=("drsjob-1", "drsjob-2"),
            job_completed_at=NOON + 90,
        ),
        entry,
    )


def test_a_wave_without_a_limit_has_a_year() -> None:
    before = a_state(wave_start_pending=True)

    state = entered(
        before, a_wave(0), an_entry(0), pending=False, awaited=None
    )

    assert state.current_wave_max_wait_time == 31_536_000
    assert not state.wave_start_pending
    assert state.job_completed_at is None


def test_a_large_state_takes_the_count_of_servers_and_not_their_ids() -> None:
    state = entered(
        a_state(large=True),
        a_wave(0),
        an_entry(0, W.STARTED, tuple(a_server(n) for n in range(1_000))),
        pending=False,
        awaited=None,
    )

    assert (state.server_ids, state.server_count) == ((), 1_000)
    assert state.wave_results == ()


def test_servers_that_are_not_joined_are_counted_as_the_entry_says() -> None:
    entry = replace(an_entry(0, W.STARTED, ()), server_count=1_000)

    state = entered(
        a_state(large=True), a_wave(0), entry, pending=False, awaited=None
    )

    assert state.server_count == 1_000


@pytest.mark.parametrize(
    ("entered_before", "kept"), [(1, (3, NOON)), (0, (0, None))]
)
def test_only_another_wave_forgets_the_failed_polls(
    entered_before: int, kept: tuple[int, int | None]
) -> None:
    before = a_state(
        current_wave_number=entered_before,
        poll_error_count=3,
        poll_error_since=NOON,
    )

    state = entered(
        before, a_wave(1), an_entry(1), pending=False, awaited=None
    )

    assert (state.poll_error_count, state.poll_error_since) == kept


def test_a_wave_has_one_result_whatever_it_had() -> None:
    first = with_result(a_state(), an_entry(0))
    started = with_result(first, an_entry(1, W.STARTED))

    state = with_result(started, an_entry(1))

    numbers = [result["waveNumber"] for result in state.wave_results]
    assert numbers == [0, 1]
    assert state.wave_results[0] == first.wave_results[0]
    assert state.wave_results[1]["status"] == "COMPLETED"


def test_the_result_of_an_ended_wave_says_what_its_entry_says() -> None:
    entry = a_failed_entry(
        1, end_time=NOON + 30, job_id="drsjob-1", job_ids=("drsjob-1",)
    )

    (result,) = with_result(a_state(), entry).wave_results

    assert result == {
        "waveNumber": 1,
        "waveName": "tier 1",
        "status": "FAILED",
        "jobId": "drsjob-1",
        "startTime": NOON,
        "endTime": NOON + 30,
        "serverIds": list(entry.server_ids),
        "serverStatuses": to_builtins(entry.server_statuses),
        "region": REGION,
        "jobIds": ["drsjob-1"],
        "serverCount": 1,
        "launchedCount": 0,
        "failedCount": 1,
    }


def test_a_wave_under_way_is_started_and_lists_no_servers() -> None:
    entry = an_entry(0, W.IN_PROGRESS)

    (result,) = with_result(a_state(), entry).wave_results

    assert (result["status"], result["serverStatuses"]) == ("STARTED", [])


def test_a_wave_ends_at_its_boundary() -> None:
    before = a_state(
        status=RunStatus.PAUSED,
        wave_start_pending=True,
        status_reason="Waiting.",
    )
    entry = an_entry(0)

    assert wave_ended(before, entry) == with_outcome(
        a_state(wave_completed=True), entry
    )


def test_instances_of_all_waves_are_told_once_and_blanks_never() -> None:
    servers = (a_server(1), a_server(2, "FAILED"), a_server(3))
    before = a_state(
        recovery_instance_ids=("i-0", "i-1"),
        recovery_instance_ips=("10.0.0.1",),
    )

    state = with_outcome(before, an_entry(1, W.PARTIAL, servers))

    assert state.recovery_instance_ids == ("i-0", "i-1", "i-3")
    assert state.recovery_instance_ips == ("10.0.0.1", "10.0.0.3")
    assert len(state.wave_results) == 1


def test_a_large_state_gets_neither_results_nor_instances() -> None:
    before = a_state(large=True)

    assert with_outcome(before, an_entry(0)) == before


def _sized(size: int, **more: Any) -> Execution:
    """Return a state whose wire form has so many bytes."""
    empty = a_state(plan_name="", **more)
    return replace(empty, plan_name="x" * (size - size_of(to_wire(empty))))


@pytest.mark.parametrize(
    ("size", "large", "becomes"),
    [
        (LARGE_STATE_BYTES - 1, False, False),
        (LARGE_STATE_BYTES, False, True),
        (LARGE_STATE_BYTES, True, False),
    ],
)
def test_a_state_becomes_large_at_its_bound_and_once(
    size: int, large: bool, becomes: bool
) -> None:
    assert must_become_large(_sized(size, large=large)) is becomes


def test_a_state_may_have_64_kib() -> None:
    state = _sized(MAX_STATE_BYTES)

    assert measured(state) == to_wire(state)


def test_a_larger_state_is_refused_with_its_size_and_the_bound() -> None:
    with pytest.raises(
        StateTooLarge, match=f"{KEY.execution_id} has 65537 .* 65536"
    ):
        measured(_sized(MAX_STATE_BYTES + 1))


@pytest.mark.parametrize("status", Status)
def test_the_machine_ends_with_every_end_and_with_a_cancel(
    status: Status,
) -> None:
    ends = status.is_terminal or status is Status.CANCELLING

    assert is_over(status) is ends
