"""What the roles of the templates may do is what the system needs.

The evidence is every call that the tests before these made in their clouds,
with IAM enforced; they come last of all. The report is printed below the
results of the tests.
"""

import pytest

from tests.support.privileges import Use, compare, table, totals, wildcards
from tests.system.evidence import REPORT, TARGET_ROLE, Evidence
from tests.system.world import System

# Without these nothing can be said of what no call was seen for.
EVIDENCE = {
    "test_accounts",
    "test_drills",
    "test_ending",
    "test_failures",
    "test_kills",
    "test_launch_configuration",
    "test_notices",
    "test_pauses",
    "test_routes",
    "test_scenario",
    "test_schedules",
    "test_stack",
}
# Of all that our own code may do; what AWS does in its name is not counted.
USED = 0.9
# What tests take from a role for a while, to see what becomes of it; and an
# account may be registered with a role that no policy of ours knows.
PROVOKED = {
    ("DataManagementRole", "dynamodb:DeleteItem"),
    ("DataManagementRole", "sts:AssumeRole"),
    ("ExecutionHandlerRole", "drs:StartRecovery"),
    ("ExecutionHandlerRole", "sts:AssumeRole"),
    ("OriginalOrchestrationRole", "sts:AssumeRole"),
    ("QueryHandlerRole", "sts:AssumeRole"),
}


@pytest.fixture(scope="module")
def evidence(
    request: pytest.FixtureRequest, system: System, direct: System
) -> Evidence:
    """What every cloud of the session has told."""
    ran = {item.path.stem for item in request.session.items}
    assert EVIDENCE <= ran, (
        "Run all of tests/system at once: there is no evidence of"
        f" {', '.join(sorted(EVIDENCE - ran))}."
    )
    evidence = System.evidence
    for cloud in (system, direct):
        evidence.take(cloud.endpoints)
    return evidence


@pytest.fixture(scope="module")
def uses(request: pytest.FixtureRequest, evidence: Evidence) -> list[Use]:
    """What each role did with what it holds; told to who reads the log."""
    found = compare(sorted(evidence.held), evidence.seen)
    request.config.stash[REPORT] = table(found)
    return found


def test_every_role_of_the_installation_is_judged(uses: list[Use]) -> None:
    assert {use.role for use in uses} == {
        "DataManagementRole",
        "DeployerRole",
        "ExecutionHandlerRole",
        "NotificationRole",
        "OrchestrationRole",
        "OriginalOrchestrationRole",
        "QueryHandlerRole",
        "StateMachineRole",
        TARGET_ROLE,
    }


def test_no_call_lacked_its_permission(uses: list[Use]) -> None:
    assert {use.role: use.missing for use in uses if use.missing} == {}


def test_what_is_held_is_refused_only_where_a_test_sees_to_it(
    system: System, direct: System, evidence: Evidence
) -> None:
    """Clouds that are gone are not asked: a stack goes role by role."""
    here = Evidence()
    for cloud in (system, direct):
        here.take(cloud.endpoints)
    uses = compare(sorted(evidence.held), here.seen)
    refused = {(use.role, action) for use in uses for action in use.refused}

    assert refused <= PROVOKED


def test_hardly_a_permission_is_never_used(uses: list[Use]) -> None:
    used, held = totals(uses)
    unused = {use.role: sorted(use.unused) for use in uses if use.unused}

    assert used / held >= USED, unused


def test_no_permission_is_a_pattern(evidence: Evidence) -> None:
    assert wildcards(evidence.held) == []
