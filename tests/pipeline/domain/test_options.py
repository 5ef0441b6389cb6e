"""What may not be asked of a deployment, or not together."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from pipeline.domain.options import (
    Options,
    Orchestrator,
    Rollback,
    refusals,
)
from tests.pipeline.builders import FUNCTIONS, all_options, an_options

BACK = Rollback(package="query-handler", version="1.2.3")
REFUSED: dict[str, dict[str, Any]] = {
    "environment": {"environment": "Dev-1"},
    "--lambda-only nosuch": {"lambda_only": True, "functions": ("nosuch",)},
    "--rollback nosuch": {
        "rollback": Rollback(package="nosuch", version="1.2.3")
    },
    "1.4.0": {"rollback": Rollback(package="query-handler", version="v1")},
    "--skip-tests with --strict": {"skip_tests": True, "strict": True},
    "--skip-security with --strict": {"skip_security": True, "strict": True},
    "--skip-tests with prod2": {"skip_tests": True, "environment": "prod2"},
    "--skip-security with prod": {
        "skip_security": True,
        "environment": "prod",
    },
    "--dry-run with --validate-only": {"dry_run": True, "validate_only": True},
    "--rollback with --validate-only": {
        "rollback": BACK,
        "validate_only": True,
    },
    "--lambda-only with --validate-only": {
        "lambda_only": True,
        "validate_only": True,
    },
    "--orchestrator with --rollback": {
        "orchestrator": Orchestrator.DIRECT,
        "rollback": BACK,
    },
    "--strict with --rollback": {"strict": True, "rollback": BACK},
    "--skip-tests with --rollback": {"skip_tests": True, "rollback": BACK},
    "--create-bucket with --dry-run": {"create_bucket": True, "dry_run": True},
    "--orchestrator with --lambda-only": {
        "orchestrator": Orchestrator.GENERIC,
        "lambda_only": True,
    },
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_contradicts_itself_or_is_not_safe_is_refused(why: str) -> None:
    found = refusals(an_options(**REFUSED[why]), FUNCTIONS)

    assert len(found) == 1
    assert why in found[0]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"validate_only": True, "strict": True},
        {"validate_only": True, "skip_tests": True},
        {"lambda_only": True, "functions": ("query-handler",)},
        {"rollback": BACK, "yes": True, "dry_run": True},
        {"environment": "prod", "strict": True, "yes": True},
        {"environment": "local", "skip_tests": True, "skip_security": True},
        {"orchestrator": Orchestrator.DIRECT, "no_push": True},
    ],
)
def test_what_makes_sense_is_followed(asked: dict[str, Any]) -> None:
    assert refusals(an_options(**asked), FUNCTIONS) == []


@given(all_options)
def test_nothing_is_skipped_for_production_or_where_it_is_strict(
    options: Options,
) -> None:
    skips = options.skip_tests or options.skip_security

    if skips and (options.production or options.strict):
        assert refusals(options, FUNCTIONS)


@given(all_options)
def test_every_conflict_is_told_at_once(options: Options) -> None:
    found = refusals(options, FUNCTIONS)
    without = replace(options, rollback=None)

    assert len(set(found)) == len(found)
    assert len(refusals(without, FUNCTIONS)) <= len(found)
