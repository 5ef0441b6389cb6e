"""What a deployed execution launched is shown, ended and deleted over HTTP.

The functions' roles are enforced here, so every call they need is allowed.
"""

import time
from pathlib import Path
from typing import Any

from tests.support.api_document import check_answer
from tests.system.api import ADMIN, Api
from tests.system.plans import two_waves
from tests.system.world import System


def ask(api: Api, route: str, template: str, status: int = 200) -> Any:
    """Ask as the administrator; hold the answer against the document."""
    found, body = api.ask(route, api.tokens[ADMIN])
    check_answer(template, found, body)
    assert found == status, body
    return body


def test_what_was_launched_is_shown_ended_and_deleted(
    api: Api, system: System, tmp_path: Path
) -> None:
    drill = system.drill(plan=two_waves(tmp_path, "ending"))
    mine = f"/executions/{drill.execution_id}"
    generic = "/executions/{id}"

    now = ask(api, f"GET {mine}/realtime", f"GET {generic}/realtime")
    logs = ask(api, f"GET {mine}/job-logs", f"GET {generic}/job-logs")
    verb = "terminate-instances"
    asked = ask(api, f"POST {mine}/{verb}", f"POST {generic}/{verb}")
    done = watched(api, mine)
    left = ask(
        api,
        f"GET {mine}/recovery-instances",
        f"GET {generic}/recovery-instances",
    )
    again = ask(api, f"POST {mine}/{verb}", f"POST {generic}/{verb}")
    gone = ask(
        api,
        f"DELETE /executions?ids={drill.execution_id}",
        "DELETE /executions",
    )

    rows = [row for w in now["waves"] for row in w["enrichedServers"]]
    assert now["warnings"] == []
    assert len(rows) == 4
    assert all(r["ipAddress"] and r["instanceType"] for r in rows)
    assert [bool(log["events"]) for log in logs["jobLogs"]] == [True, True]
    assert (asked["totalTerminated"], asked["failed"]) == (4, [])
    assert done["progressPercent"] == 100
    assert left["totalInstances"] == 0
    assert again["alreadyTerminated"] is True
    assert gone["deletedCount"] == 1
    ask(api, f"GET {mine}", f"GET {generic}", 404)


def watched(api: Api, mine: str) -> Any:
    """Watch the ending until it is complete."""
    template = "GET /executions/{id}/termination-status"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        body = ask(api, f"GET {mine}/termination-status", template)
        if body["allCompleted"]:
            return body
        time.sleep(0.5)
    raise AssertionError(f"The instances of {mine} are not ended: {body}.")
