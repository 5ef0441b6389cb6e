"""One scenario over HTTP: a group, a plan, a drill, and nothing left of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.system import outside
from tests.system.api import Api
from tests.system.console import Console
from tests.system.world import System

HUB = "123456789012"
NAME = "scenario"
SERVERS = 3
HOSTS = {f"{NAME}-{number}" for number in range(SERVERS)}
HELD = ("server-lock-", "execution-lock-", "live-")


def has_servers(system: System) -> list[str]:
    """Add servers whose launch takes long enough to look at it."""
    servers = [
        {
            "hostname": host,
            "tags": {"Name": host, "Application": NAME},
            "launchSeconds": 6000,
        }
        for host in sorted(HOSTS)
    ]
    return list(outside.has_servers(system, HUB, servers))


def rows_of(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the servers of every wave."""
    return [
        row for wave in details["waves"] for row in wave["enrichedServers"]
    ]


def held(system: System, execution: str) -> list[str]:
    """List what the history table holds for an execution that runs."""
    pages = system.client("dynamodb").get_paginator("scan")
    table = system.endpoints.tables["execution-history"]
    return [
        item["executionId"]["S"]
        for page in pages.paginate(TableName=table)
        for item in page["Items"]
        if item["executionId"]["S"].startswith(HELD) and execution in str(item)
    ]


def states(system: System, instances: list[str]) -> set[str]:
    """Answer the states that EC2 has the instances in."""
    answer = system.client("ec2").describe_instances(InstanceIds=instances)
    return {
        instance["State"]["Name"]
        for reservation in answer["Reservations"]
        for instance in reservation["Instances"]
    }


@pytest.mark.parametrize("orchestrator", ["system", "direct"])
def test_from_the_first_group_to_the_last_instance(
    orchestrator: str, request: pytest.FixtureRequest
) -> None:
    system: System = request.getfixturevalue(orchestrator)
    console = Console(Api(system))
    servers = has_servers(system)
    group = console.group(NAME)
    plan = console.plan(NAME, [group])
    run = console.start(plan)

    early = console.launching(run)
    for refused in second_groups(console, servers):
        assert refused in ("SERVER_CONFLICT", "TAG_CONFLICT")
    assert held(system, run)
    ended = console.ended(run)
    late = console.ask("GET /executions/{id}/realtime", id=run)

    assert early["status"] == "IN_PROGRESS"
    assert ended["status"] == "COMPLETED"
    assert {row["name"] for row in rows_of(early)} == HOSTS
    assert {row["name"] for row in rows_of(late)} == HOSTS
    assert all(row["ipAddress"] for row in rows_of(late))
    assert held(system, run) == []
    is_ended_without_a_trace(system, console, plan, run)
    console.ask("DELETE /recovery-plans/{id}", id=plan)
    console.ask("DELETE /protection-groups/{id}", id=group)


def second_groups(console: Console, servers: list[str]) -> list[str]:
    """Try to make groups of servers that are in one; return the refusals."""
    region = {"region": outside.REGION}
    tags = {"serverSelectionTags": {"Application": NAME}}
    ids = {"sourceServerIds": servers[:1]}
    return [
        console.ask(
            "POST /protection-groups",
            {"groupName": f"{NAME}-again", **region, **selected},
            409,
        )["error"]
        for selected in (tags, ids)
    ]


def is_ended_without_a_trace(
    system: System, console: Console, plan: str, run: str
) -> None:
    """End what was launched; DRS, EC2 and the API know nothing of it."""
    shown = console.ask("GET /executions/{id}/recovery-instances", id=run)
    instances = [each["instanceId"] for each in shown["instances"]]
    assert len(instances) == SERVERS
    assert states(system, instances) == {"running"}

    assert console.terminated(run)["totalTerminated"] == SERVERS

    left = console.ask("GET /executions/{id}/recovery-instances", id=run)
    existing = console.ask(
        "GET /recovery-plans/{id}/check-existing-instances", id=plan
    )
    assert states(system, instances) == {"terminated"}
    assert left["totalInstances"] == 0
    assert existing["hasExistingInstances"] is False
    assert held(system, run) == []
    # The same servers can be drilled, and given back, at once.
    again = console.start(plan)
    assert console.ended(again)["status"] == "COMPLETED"
    console.terminated(again)
