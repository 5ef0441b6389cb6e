"""Pauses that end in other ways than by a resume alone.

Each is played in a cloud of each orchestrator, with the roles enforced. What
only a race brings about, such as a cancel that overtakes the token of its
pause, is put into the record by hand.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.system import outside
from tests.system.api import Api
from tests.system.console import Console
from tests.system.waits import until
from tests.system.world import Item, System

ORCHESTRATORS = {
    "generic": "dr-orchestration-stepfunction",
    "direct": "orchestration-stepfunctions",
}
CANCELLED = "ExecutionCancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """An execution that waits before a wave."""

    execution_id: str
    token: str
    machine: str


class Runs:
    """Plans that pause, and their executions, in one cloud."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.console = Console(Api(system))
        self._machines = system.client("stepfunctions")
        self._tables = system.client("dynamodb")

    def servers(self, *names: str, tier: str) -> list[str]:
        """Add servers of a tier; answer their ids."""
        added = [
            {"hostname": name, "tags": {"tier": tier}, "launchSeconds": 60}
            for name in names
        ]
        account = self.system.endpoints.account_id
        return list(outside.has_servers(self.system, account, added))

    def group(self, name: str, **selection: Any) -> str:
        """Create a group of servers, of those of its tier by default."""
        chosen = selection or {"serverSelectionTags": {"tier": name}}
        body = {"groupName": name, "region": outside.REGION, **chosen}
        made = self.console.ask("POST /protection-groups", body)
        return str(made["groupId"])

    def plan(self, name: str, *groups: str) -> str:
        """Create a plan that pauses before its last wave."""
        waves: list[dict[str, Any]] = [
            {"protectionGroupId": group} for group in groups
        ]
        waves[-1]["pauseBeforeWave"] = True
        body = {"name": name, "waves": waves}
        return str(self.console.ask("POST /recovery-plans", body)["planId"])

    def paused(self, plan: str) -> Pause:
        """Start a plan and wait until it waits for a resume."""
        run = self.console.start(plan)
        record = until(lambda: self._waiting(run))
        return Pause(
            execution_id=run,
            token=record["taskToken"],
            machine=record["stateMachineArn"],
        )

    def _waiting(self, run: str) -> Item | None:
        record = self.record(run)
        return record if record.get("taskToken") else None

    def record(self, run: str) -> Item:
        """Answer the record of an execution as it is stored."""
        [found] = [i for i in self.system.items(run) if "status" in i]
        return found

    def ask(self, verb: str, pause: Pause, body: object = None) -> Any:
        """Do something to an execution over the API."""
        route = f"POST /executions/{{id}}/{verb}"
        return self.console.ask(route, body, id=pause.execution_id)

    def note(self, pause: Pause, token: str = "") -> None:
        """Have the record hold another token, or none."""
        record = self.record(pause.execution_id)
        change: dict[str, Any] = {"UpdateExpression": "REMOVE taskToken"}
        if token:
            change = {
                "UpdateExpression": "SET taskToken = :token",
                "ExpressionAttributeValues": {":token": {"S": token}},
            }
        self._tables.update_item(
            TableName=self.system.endpoints.tables["execution-history"],
            Key={n: {"S": record[n]} for n in ("executionId", "planId")},
            **change,
        )

    def machine(self, pause: Pause) -> Item:
        """Answer the state machine execution of a run."""
        found: Item = self._machines.describe_execution(
            executionArn=pause.machine
        )
        return found

    def stopped(self, pause: Pause) -> Item:
        """Wait until the state machine execution of a run has ended."""
        until(lambda: self.machine(pause)["status"] != "RUNNING")
        return self.machine(pause)

    def stores_token(self, pause: Pause) -> None:
        """Have the orchestrator do again what a pause's task began with."""
        pages = self._machines.get_paginator("get_execution_history")
        [entered, *_] = [
            event["stateEnteredEventDetails"]
            for page in pages.paginate(executionArn=pause.machine)
            for event in page["events"]
            if event["type"] == "TaskStateEntered"
            and event["stateEnteredEventDetails"]["name"] == "WaitForResume"
        ]
        known = self.system.endpoints
        answer = self.system.client("lambda").invoke(
            FunctionName=known.functions[ORCHESTRATORS[known.orchestrator]],
            Payload=json.dumps(
                {
                    "action": "store_task_token",
                    "application": json.loads(entered["input"]),
                    "taskToken": pause.token,
                }
            ),
        )
        assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.fixture(scope="module", params=["system", "direct"])
def runs(request: pytest.FixtureRequest) -> Runs:
    """Executions under each orchestrator."""
    return Runs(request.getfixturevalue(request.param))


@pytest.fixture(scope="module")
def plan(runs: Runs) -> str:
    """A plan of two waves with a server each and a pause between them."""
    for tier in ("first", "second"):
        runs.servers(f"pausing-{tier}", tier=f"pausing-{tier}")
    groups = [runs.group(f"pausing-{tier}") for tier in ("first", "second")]
    return runs.plan("pausing", *groups)


@pytest.fixture(scope="module")
def skipped(runs: Runs, plan: str) -> Pause:
    """A run whose last wave was skipped in the pause, and then resumed."""
    pause = runs.paused(plan)
    route = "POST /executions/{id}/waves/{n}/skip"
    why = {"reason": "not needed today"}
    runs.console.ask(route, why, id=pause.execution_id, n="1")
    runs.ask("resume", pause)
    return pause


def test_a_run_whose_last_wave_is_skipped_in_its_pause_ends(
    runs: Runs, skipped: Pause
) -> None:
    ended = runs.console.ended(skipped.execution_id)

    assert [wave["status"] for wave in ended["waves"]] == [
        "COMPLETED",
        "SKIPPED",
    ]
    assert runs.stopped(skipped)["status"] != "RUNNING"
    assert runs.record(skipped.execution_id)["notifiedAt"]
    assert held_by(runs, skipped) == []


def held_by(runs: Runs, pause: Pause) -> list[str]:
    """Answer the locks and markers that an execution still has."""
    pages = runs.system.client("dynamodb").get_paginator("scan")
    return [
        item["executionId"]["S"]
        for page in pages.paginate(
            TableName=runs.system.endpoints.tables["execution-history"],
            FilterExpression="ownerExecutionId = :run",
            ExpressionAttributeValues={":run": {"S": pause.execution_id}},
        )
        for item in page["Items"]
    ]


def test_a_cancel_that_overtakes_the_token_of_its_pause_ends_the_wait(
    runs: Runs, plan: str
) -> None:
    pause = runs.paused(plan)
    runs.note(pause)

    asked = runs.ask("cancel", pause)
    waits = runs.machine(pause)["status"]
    runs.stores_token(pause)

    machine = runs.stopped(pause)
    assert asked["status"] == "CANCELLED"
    assert waits == "RUNNING"
    assert machine["status"] == "FAILED"
    record = runs.record(pause.execution_id)
    assert record["status"] == "CANCELLED"
    assert "taskToken" not in record
    assert held_by(runs, pause) == []


def test_a_cancel_whose_token_is_valid_no_more_stops_the_state_machine(
    runs: Runs, plan: str, skipped: Pause
) -> None:
    runs.console.ended(skipped.execution_id)
    pause = runs.paused(plan)
    runs.note(pause, skipped.token)

    asked = runs.ask("cancel", pause)

    assert asked["status"] == "CANCELLED"
    assert runs.stopped(pause)["status"] == "ABORTED"
    record = runs.record(pause.execution_id)
    assert record["status"] == "CANCELLED"
    assert record["finalizedAt"]
    assert "taskToken" not in record


def test_a_server_that_another_run_holds_is_left_to_it(runs: Runs) -> None:
    """It comes to match the tags of a wave that is not started yet."""
    runs.servers("sharing-first", tier="sharing-first")
    runs.servers("sharing-1", "sharing-2", tier="sharing-second")
    [taken] = runs.servers("sharing-3", tier="elsewhere")
    holder = runs.paused(
        runs.plan("holding", runs.group("holding", sourceServerIds=[taken]))
    )
    groups = [runs.group(f"sharing-{tier}") for tier in ("first", "second")]
    pause = runs.paused(runs.plan("sharing", *groups))
    drs = runs.system.client("drs")
    account = runs.system.endpoints.account_id
    drs.tag_resource(
        resourceArn=(
            f"arn:aws:drs:{outside.REGION}:{account}:source-server/{taken}"
        ),
        tags={"tier": "sharing-second"},
    )

    runs.ask("resume", pause)
    ended = runs.console.ended(pause.execution_id)
    runs.ask("cancel", holder)

    wave = ended["waves"][1]
    seen = {s["sourceServerId"]: s for s in wave["serverStatuses"]}
    assert ended["status"] == "PARTIAL"
    assert len(seen) == 3
    assert {
        status["launchStatus"]
        for server, status in seen.items()
        if server != taken
    } == {"LAUNCHED"}
    assert seen[taken]["launchStatus"] == "FAILED"
    assert holder.execution_id in seen[taken]["error"]
