"""What the trail keeps of a change that somebody asked for."""

import pytest

from shared.domain.audit import (
    EXECUTION,
    AuditEntry,
    AuditResult,
    audit_to_item,
    changed,
    changes_between,
    entry_at,
    result_of,
)
from shared.domain.errors import (
    BadRequest,
    Conflict,
    DrError,
    Forbidden,
    Unauthenticated,
)
from tests.support.fakes import NOON


def an_audit() -> AuditEntry:
    return entry_at(
        NOON,
        user="ann",
        action="cancel",
        resource_type=EXECUTION,
        resource_id="e-1",
        result=AuditResult.ALLOWED,
        changes=changed({"status": "CANCELLING", "reason": None}),
    )


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (Forbidden("x"), AuditResult.DENIED),
        (Unauthenticated("x"), AuditResult.DENIED),
        (Conflict("x"), AuditResult.FAILED),
        (BadRequest("x"), AuditResult.FAILED),
    ],
)
def test_a_refusal_is_denied_only_for_who_asked(
    error: DrError, result: AuditResult
) -> None:
    assert result_of(error) is result


def test_an_entry_lies_under_its_object_by_time_for_400_days() -> None:
    assert audit_to_item(an_audit(), "r-7", NOON) == {
        "executionId": "audit#execution#e-1",
        "planId": "2026-01-01T12:00:00Z#r-7",
        "TTL": NOON + 34_560_000,
        "timestamp": "2026-01-01T12:00:00Z",
        "user": "ann",
        "roles": [],
        "action": "cancel",
        "resourceType": "execution",
        "resourceId": "e-1",
        "result": "allowed",
        "changes": {"status": {"old": None, "new": "CANCELLING"}},
    }


def test_what_a_request_leaves_open_is_no_change() -> None:
    assert changed({"reason": None}) == {}
    assert changed({"dry": False}) == {"dry": {"old": None, "new": False}}


def test_a_change_is_told_by_its_old_and_new_values() -> None:
    before = {"name": "db", "version": 1, "gone": True}
    after = {"name": "db", "version": 2, "new": []}

    assert changes_between(before, after) == {
        "gone": {"old": True, "new": None},
        "new": {"old": None, "new": []},
        "version": {"old": 1, "new": 2},
    }


def test_secrets_are_masked_however_deep_they_lie() -> None:
    before = {"externalId": "", "stagingAccounts": [{"externalId": "one"}]}
    after = {"externalId": "two", "stagingAccounts": [{"externalId": "three"}]}

    told = changes_between(before, after)

    assert told == {
        "externalId": {"old": "", "new": "***"},
        "stagingAccounts": {
            "old": [{"externalId": "***"}],
            "new": [{"externalId": "***"}],
        },
    }
