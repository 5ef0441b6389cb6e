"""A launch that fails, a reply that is lost, a permission that is missing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.plans import two_waves
from tests.system.world import System

REPLY_LOST = json.dumps({"op": "StartRecovery", "loseReply": True})
START = "drs:StartRecovery"


@pytest.fixture(params=["system", "direct"])
def each_system(request: pytest.FixtureRequest) -> System:
    """A cloud with each orchestrator in turn."""
    found: System = request.getfixturevalue(request.param)
    return found


def test_a_server_that_fails_is_named_everywhere(
    each_system: System, tmp_path: Path
) -> None:
    plan = two_waves(tmp_path, "failing")

    drill = each_system.drill("--fail", "failing-db-2", plan=plan)

    why = "asked for with --fail"
    assert drill.exit_status == 1
    assert drill.report["status"] == drill.record["status"] == "PARTIAL"
    assert (drill.report["launched"], drill.report["failed"]) == (1, 1)
    [wave] = drill.record["waves"]
    failed = [
        (server["hostname"], server["error"])
        for server in wave["serverStatuses"]
        if server["launchStatus"] == "FAILED"
    ]
    assert failed == [("failing-db-2", why)]
    for told in (drill.record["errorMessage"], drill.machine["cause"]):
        assert "failing-db-2" in told
        assert why in told
    assert drill.machine["status"] == "FAILED"
    assert drill.machine["error"] == "PlanExecutionFailed"
    assert "Failed: failing-db-2 (s-" in drill.screen
    assert f"in wave 1 Database: {why}" in drill.screen
    assert drill.called("StartRecovery") == 1


def test_a_lost_reply_leads_to_no_second_job(
    each_system: System, tmp_path: Path
) -> None:
    plan = two_waves(tmp_path, "lost")

    drill = each_system.drill("--fault", REPLY_LOST, plan=plan)

    assert drill.exit_status == 0, drill.screen
    assert drill.report["status"] == "COMPLETED"
    outcomes = [
        call["error"]
        for call in drill.calls
        if call["operation"] == "StartRecovery"
    ]
    assert outcomes == ["ReplyLost", None]
    servers = {
        server
        for wave in drill.record["waves"]
        for server in wave["serverIds"]
    }
    jobs = each_system.client("drs").describe_jobs(filters={})["items"]
    started = [
        job["jobID"]
        for job in jobs
        if servers & {p["sourceServerID"] for p in job["participatingServers"]}
    ]
    recorded = [
        job for wave in drill.record["waves"] for job in wave["jobIds"]
    ]
    assert len(recorded) == 2
    assert sorted(started) == sorted(recorded)


def role_of(system: System, output: str) -> str:
    """Answer the name of a deployed role."""
    return system.endpoints.outputs[output].rsplit("/", 1)[-1]


@contextmanager
def without_start_recovery(system: System) -> Iterator[None]:
    """Take one action from the execution handler's role for a while."""
    iam = system.client("iam")
    named = {
        "RoleName": role_of(system, "ExecutionHandlerRoleArn"),
        "PolicyName": "recovery",
    }
    policy = iam.get_role_policy(**named)["PolicyDocument"]
    statements = [
        (
            {**each, "Action": [a for a in each["Action"] if a != START]}
            if START in each["Action"]
            else each
        )
        for each in policy["Statement"]
    ]
    less = {**policy, "Statement": statements}
    assert less != policy
    iam.put_role_policy(**named, PolicyDocument=json.dumps(less))
    yield
    iam.put_role_policy(**named, PolicyDocument=json.dumps(policy))


def test_a_missing_permission_is_named_everywhere(
    system: System, tmp_path: Path
) -> None:
    plan = two_waves(tmp_path, "forbidden")

    with without_start_recovery(system):
        drill = system.drill(plan=plan)

    assert drill.exit_status == 1
    assert drill.report["status"] == drill.record["status"] == "FAILED"
    assert drill.report["launched"] == 0
    for told in (
        drill.record["errorMessage"],
        drill.machine["cause"],
        drill.screen,
    ):
        assert f"AWS refused {START}" in told


def test_the_orchestrators_role_reaches_neither_drs_nor_ec2(
    system: System,
) -> None:
    iam = system.client("iam")
    role = role_of(system, "OrchestrationRoleArn")
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    actions = {
        action
        for policy in policies
        for statement in policy["Statement"]
        for action in (
            [statement["Action"]]
            if isinstance(statement["Action"], str)
            else statement["Action"]
        )
    }
    services = {action.split(":")[0] for action in actions}

    attached = iam.list_attached_role_policies(RoleName=role)
    assert attached["AttachedPolicies"] == []
    assert "lambda:InvokeFunction" in actions
    assert not services & {"drs", "ec2", "*"}
