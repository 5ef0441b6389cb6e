"""Asks the API as a person at the console would; refusals are told apart."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.support.api_document import check_answer
from tests.system.api import ADMIN, Api

PATIENCE = 120.0


class Console:
    """An administrator's requests, each held against the document."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._token = api.tokens[ADMIN]

    def ask(
        self,
        template: str,
        body: object = None,
        status: int = 0,
        query: str = "",
        **at: str,
    ) -> Any:
        """Ask; without a status any success will do.

        Args:
            template: A route as the document has it.
            body: What is sent.
            status: What must be answered.
            query: What follows the question mark.
            at: What stands in the route's places.
        """
        route = template.format(**at) + (f"?{query}" if query else "")
        found, answer = self._api.ask(route, self._token, body)
        check_answer(template, found, answer)
        assert found == status if status else found < 300, (template, answer)
        return answer

    def group(self, name: str, **more: Any) -> str:
        """Create a group of the servers that are tagged with its name."""
        body = {
            "groupName": name,
            "region": "us-east-1",
            "serverSelectionTags": {"Application": name},
            **more,
        }
        return str(self.ask("POST /protection-groups", body)["groupId"])

    def plan(self, name: str, groups: Sequence[str]) -> str:
        """Create a plan with a wave of each group, one after the other."""
        waves = [
            {"protectionGroupId": group, "dependsOnWaves": list(range(n))[-1:]}
            for n, group in enumerate(groups)
        ]
        body = {"name": name, "waves": waves}
        return str(self.ask("POST /recovery-plans", body)["planId"])

    def start(self, plan: str) -> str:
        """Start a drill."""
        body = {"planId": plan, "executionType": "DRILL"}
        return str(self.ask("POST /executions", body, 202)["executionId"])

    def ended(self, execution: str) -> Mapping[str, Any]:
        """Wait until an execution is over and return it."""
        return self._seen(
            "GET /executions/{id}",
            execution,
            lambda found: bool(found.get("finalizedAt")),
        )

    def terminated(self, execution: str) -> Mapping[str, Any]:
        """End what was launched and wait until it is gone."""
        asked = self.ask(
            "POST /executions/{id}/terminate-instances", id=execution
        )
        self._seen(
            "GET /executions/{id}/termination-status",
            execution,
            lambda found: bool(found["allCompleted"]),
        )
        return dict(asked)

    def launching(self, execution: str) -> Mapping[str, Any]:
        """Wait until DRS works for an execution; return the live details."""
        return self._seen(
            "GET /executions/{id}/realtime",
            execution,
            lambda found: any(wave.get("jobId") for wave in found["waves"]),
        )

    def _seen(
        self,
        route: str,
        execution: str,
        wanted: Callable[[Mapping[str, Any]], bool],
    ) -> Mapping[str, Any]:
        """Ask about an execution until the answer is what is wanted."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self.ask(route, id=execution)
            if wanted(found):
                return dict(found)
            time.sleep(0.1)
        raise AssertionError(f"{route} of {execution} says {found}.")
