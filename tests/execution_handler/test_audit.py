"""What people ask of executions is in the audit trail, refused or not."""

from typing import Any

import pytest

from execution_handler.actions import OPERATIONS
from execution_handler.audit import audited
from execution_handler.ports import Ports
from shared.domain.audit import AuditEntry
from shared.domain.errors import DrError, Forbidden
from shared.domain.execution import Wire
from shared.domain.status import Status
from tests.execution_handler.bench import KEY, PLAN, Bench
from tests.support.fakes import NOON

WAVES = ({"protectionGroupId": "db"}, {"protectionGroupId": "db"})
ME = {"executionId": KEY.execution_id, "initiatedBy": "ann"}


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.has_group("db", 2)
    bench.runs(*WAVES)
    return bench


def asked(bench: Bench, operation: str, **fields: Any) -> AuditEntry:
    """Ask and return the one entry that this left."""
    before = len(bench.audit.entries)
    try:
        OPERATIONS[operation]({**ME, **fields}, bench.ports())
    except DrError:
        pass
    (entry,) = bench.audit.entries[before:]
    return entry


def new(entry: AuditEntry) -> dict[str, Any]:
    return {name: value["new"] for name, value in entry.changes.items()}


@pytest.mark.parametrize(
    ("operation", "action", "status"),
    [
        ("pause", "pause_execution", "PAUSE_PENDING"),
        ("pause_execution", "pause_execution", "PAUSE_PENDING"),
        ("cancel_execution", "cancel_execution", "CANCELLING"),
    ],
)
def test_a_request_is_noted_with_who_and_what(
    bench: Bench, operation: str, action: str, status: str
) -> None:
    entry = asked(bench, operation)

    assert entry.timestamp == "2026-01-01T12:00:00Z"
    assert entry.user == "ann"
    assert entry.action == action
    assert (entry.resource_type, entry.resource_id) == (
        "execution",
        KEY.execution_id,
    )
    assert entry.result == "allowed"
    assert new(entry)["status"] == status


def test_a_skip_is_noted_with_its_reason(bench: Bench) -> None:
    entry = asked(bench, "skip_wave", waveNumber=1, reason="by hand")

    assert new(entry) == {
        "reason": "by hand",
        "status": "RUNNING",
        "waveNumber": 1,
        "waveStatus": "SKIPPED",
        "satisfied": False,
    }


def test_a_resume_is_noted(bench: Bench) -> None:
    bench.becomes(Status.PAUSED, paused_before_wave=1, task_token="secret")

    entry = asked(bench, "resume")

    assert entry.action == "resume_execution"
    assert new(entry) == {"status": "RESUMING"}
    assert "secret" not in str(entry)


def test_a_start_is_noted_with_the_execution_it_made() -> None:
    bench = Bench()
    bench.has_group("db", 1)
    bench.has_plan(WAVES[0])

    OPERATIONS["start_execution"](
        {"planId": PLAN, "executionType": "DRILL"}, bench.ports()
    )

    (entry,) = bench.audit.entries
    (key,) = bench.executions.live()
    assert entry.user == "system:direct"
    assert entry.resource_id == key.execution_id
    assert new(entry) == {"executionType": "DRILL", "status": "PENDING"}


def test_a_retry_is_noted_with_what_it_retries(bench: Bench) -> None:
    bench.becomes(Status.FAILED, finalized_at=NOON)
    bench.locks.release_plan(KEY)

    entry = asked(bench, "retry_failed")

    assert entry.resource_id == bench.record.retried_by
    assert new(entry)["retryOf"] == KEY.execution_id


@pytest.mark.parametrize(
    ("operation", "fields", "resource", "code"),
    [
        (
            "resume",
            {},
            ("execution", KEY.execution_id),
            "EXECUTION_NOT_PAUSED",
        ),
        (
            "skip_wave",
            {"waveNumber": 9, "reason": "x"},
            ("execution", KEY.execution_id),
            "WAVE_NOT_FOUND",
        ),
        (
            "start_execution",
            {"executionId": None, "planId": "nowhere"},
            ("recovery_plan", "nowhere"),
            "INVALID_EXECUTION_TYPE",
        ),
    ],
)
def test_a_refusal_is_noted_with_its_code(
    bench: Bench,
    operation: str,
    fields: dict[str, Any],
    resource: tuple[str, str],
    code: str,
) -> None:
    entry = asked(bench, operation, **fields)

    assert entry.result == "failed"
    assert entry.error_code == code
    assert (entry.resource_type, entry.resource_id) == resource


def test_what_is_not_permitted_is_noted_as_denied(bench: Bench) -> None:
    def forbidden(event: Wire, ports: Ports) -> Wire:
        raise Forbidden("not you")

    with pytest.raises(Forbidden):
        audited("pause_execution", forbidden)(dict(ME), bench.ports())

    assert bench.audit.entries[-1].result == "denied"


def test_a_request_that_names_nothing_is_logged_only(bench: Bench) -> None:
    with pytest.raises(DrError):
        OPERATIONS["pause"]({"executionId": 7}, bench.ports())

    assert bench.audit.entries == []


def test_a_trail_that_fails_undoes_nothing(bench: Bench) -> None:
    bench.audit.break_down()

    reply = OPERATIONS["pause"](dict(ME), bench.ports())

    assert reply["status"] == "PAUSE_PENDING"
    assert bench.record.status is Status.PAUSE_PENDING


@pytest.mark.parametrize("operation", ["find", "get_execution"])
def test_what_changes_nothing_for_a_person_is_not_audited(
    bench: Bench, operation: str
) -> None:
    OPERATIONS[operation](dict(ME), bench.ports())

    assert bench.audit.entries == []
