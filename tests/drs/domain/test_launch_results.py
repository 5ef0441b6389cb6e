"""How the results of applying a launch configuration are told."""

import pytest

from drs.domain.launch_results import (
    AppliedStatus,
    ServerApplied,
    counted,
    detail,
)

APPLIED = ServerApplied(status=AppliedStatus.APPLIED, template_id="lt-1")
SKIPPED = ServerApplied(status=AppliedStatus.SKIPPED, reason="no template")
FAILED = ServerApplied(
    status=AppliedStatus.FAILED, reason="throttled", template_id="lt-2"
)


def test_each_status_is_counted() -> None:
    results = {"s-1": APPLIED, "s-2": FAILED, "s-3": FAILED}

    assert counted(results) == {"applied": 1, "skipped": 0, "failed": 2}
    assert counted({}) == {"applied": 0, "skipped": 0, "failed": 0}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (APPLIED, {"status": "applied", "templateId": "lt-1"}),
        (SKIPPED, {"status": "skipped", "reason": "no template"}),
        (
            FAILED,
            {
                "status": "failed",
                "templateId": "lt-2",
                "reason": "APPLY_FAILED",
                "error": "throttled",
            },
        ),
    ],
)
def test_a_result_is_told_with_its_reason(
    result: ServerApplied, expected: dict[str, str]
) -> None:
    told = detail("s-1", result, "APPLY_FAILED")

    assert told == {"serverId": "s-1", **expected}
