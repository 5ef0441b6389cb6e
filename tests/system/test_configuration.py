"""Groups and plans made by the deployed function, and a drill of them."""

import json
import time
from typing import Any

import pytest

from tests.system import outside
from tests.system.world import System

PATIENCE = 120.0
HANDLER = "data-management-handler"


class Refused(Exception):
    """A function raised; ``code`` is the error body's."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body["message"])
        self.code = body["error"]
        self.body = body


def ask(system: System, function: str, operation: str, **fields: Any) -> Any:
    """Invoke an operation of a deployed function."""
    answer = system.client("lambda").invoke(
        FunctionName=system.endpoints.functions[function],
        Payload=json.dumps({"operation": operation, **fields}),
    )
    payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise Refused(json.loads(payload["errorMessage"]))
    return payload


def has_servers(system: System, name: str, count: int) -> None:
    """Add servers tagged ``Application=<name>``."""
    servers = [
        {
            "hostname": f"{name}-{number}",
            "tags": {"Name": f"{name}-{number}", "Application": name},
            "launchSeconds": 300,
        }
        for number in range(count)
    ]
    outside.has_servers(system, system.endpoints.account_id, servers)


def a_group(system: System, name: str, **more: Any) -> dict[str, Any]:
    """Return the body of a group of those servers."""
    return {
        "groupName": name,
        "region": system.endpoints.region,
        "serverSelectionTags": {"Application": name},
        **more,
    }


def ended(system: System, execution_id: str) -> dict[str, Any]:
    """Wait for an execution's end and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found: dict[str, Any] = ask(
            system,
            "execution-handler",
            "get_execution",
            executionId=execution_id,
        )
        if found.get("finalizedAt"):
            return found
        time.sleep(0.5)
    raise AssertionError(f"{execution_id} is still {found['status']}.")


def test_what_the_function_stores_is_drilled(system: System) -> None:
    has_servers(system, "configured", 2)
    group = ask(
        system,
        HANDLER,
        "create_protection_group",
        body=a_group(
            system, "configured", launchConfig={"copyPrivateIp": True}
        ),
    )
    plan = ask(
        system,
        HANDLER,
        "create_recovery_plan",
        body={
            "name": "configured",
            "waves": [{"protectionGroupId": group["groupId"]}],
        },
    )
    started = ask(
        system,
        "execution-handler",
        "start_execution",
        planId=plan["planId"],
        executionType="DRILL",
    )
    with pytest.raises(Refused) as during:
        ask(
            system,
            HANDLER,
            "delete_recovery_plan",
            pathParameters={"id": plan["planId"]},
        )

    execution = ended(system, started["executionId"])

    assert group["launchConfigApplyResults"]["applied"] == 2
    assert plan["warnings"] == []
    assert during.value.code == "PLAN_HAS_ACTIVE_EXECUTION"
    assert execution["status"] == "COMPLETED"
    [wave] = execution["waves"]
    assert {one["launchStatus"] for one in wave["serverStatuses"]} == {
        "LAUNCHED"
    }
    listed = ask(
        system,
        HANDLER,
        "list_recovery_plans",
        queryParams={"nameExact": "configured"},
    )
    [row] = listed["recoveryPlans"]
    assert row["lastExecutionStatus"] == "COMPLETED"


def test_a_second_group_of_the_same_servers_is_refused(
    system: System,
) -> None:
    has_servers(system, "taken", 1)
    group = ask(
        system,
        HANDLER,
        "create_protection_group",
        body=a_group(system, "taken"),
    )

    with pytest.raises(Refused) as by_name:
        ask(
            system,
            HANDLER,
            "create_protection_group",
            body=a_group(system, "taken", groupName="TAKEN"),
        )
    with pytest.raises(Refused) as by_tags:
        ask(
            system,
            HANDLER,
            "create_protection_group",
            body=a_group(system, "taken", groupName="another"),
        )

    assert by_name.value.code == "PG_NAME_EXISTS"
    assert by_tags.value.code == "TAG_CONFLICT"
    here = {"pathParameters": {"id": group["groupId"]}}
    ask(system, HANDLER, "delete_protection_group", **here)
    with pytest.raises(Refused) as gone:
        ask(system, HANDLER, "get_protection_group", **here)
    assert gone.value.code == "PROTECTION_GROUP_NOT_FOUND"
