"""`dro` asks the API over HTTP, as somebody who has signed in."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from local_cloud.aws.people import PASSWORD, PEOPLE
from tests.system.plans import two_waves
from tests.system.world import System

NAME = "signed-in"


class Person:
    """Somebody at a terminal without AWS credentials."""

    def __init__(self, system: System, role: str) -> None:
        self._system = system
        login = ("--local", "login", "--user", PEOPLE[role])
        signed_in = system.dro(*login, says=f"{PASSWORD}\n")
        assert signed_in.exit_code == 0, signed_in.output
        self._token = signed_in.stdout.strip()

    def dro(self, *arguments: str) -> Result:
        """Run a command that asks the API."""
        api = ("--api", self._system.endpoints.api_url)
        return self._system.dro(*api, *arguments, token=self._token)

    def told(self, *arguments: str) -> Any:
        """Run a command that succeeds; return what programs get."""
        result = self.dro(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def operator(
    system: System, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """An administrator; there are servers, groups and a plan."""
    file = two_waves(tmp_path_factory.mktemp("plans"), NAME)
    seeded = system.dro("local", "up", str(file))
    assert seeded.exit_code == 0, seeded.output
    operator = Person(system, "DRSOrchestrationAdmin")
    yield operator
    operator.dro("plans", "delete", NAME, "--yes")


def test_a_plan_is_looked_at_exported_deleted_and_applied(
    operator: Person, tmp_path: Path
) -> None:
    file = tmp_path / "plan.yaml"
    listed = operator.told("plans", "list")
    exported = operator.dro("plans", "export", NAME, "-o", str(file))
    operator.dro("plans", "delete", NAME, "--yes")

    first = operator.told("plans", "apply", str(file), "--yes")
    second = operator.told("plans", "apply", str(file), "--yes")

    assert exported.exit_code == 0, exported.output
    assert NAME in {plan["planName"] for plan in listed["recoveryPlans"]}
    assert first["steps"][-1]["action"] == "create"
    assert second["changed"] == 0


def test_a_drill_is_run_watched_and_terminated(operator: Person) -> None:
    run = operator.told("run", NAME, "--watch")
    [latest] = operator.told("executions", "--plan", NAME)["items"]
    ended = operator.dro("terminate", run["executionId"], "--yes", "--watch")

    assert run["status"] == "COMPLETED"
    assert latest["executionId"] == run["executionId"]
    assert ended.exit_code == 0, ended.output
    assert "4 of 4" in ended.stdout


def test_every_look_is_the_one_that_the_functions_give(
    operator: Person, system: System
) -> None:
    for look in (("groups",), ("plans", "list"), ("accounts",)):
        there = system.dro("--local", *look, "--json")
        assert operator.told(*look) == json.loads(there.stdout), look
    # These tell the time at which each server was seen.
    group = operator.told("groups", f"{NAME}-db")
    servers = operator.told("servers", "us-east-1")["servers"]
    known = {server["sourceServerID"] for server in servers}
    assert len(group["resolvedServers"]) == 2
    assert {s["sourceServerID"] for s in group["resolvedServers"]} <= known
    assert operator.told("quotas")["accountId"]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (lambda system: Person(system, "DRSReadOnly"), "start_recovery"),
        (lambda system: Person(system, ""), "role"),
    ],
)
def test_a_role_that_may_not_is_refused(
    who: Callable[[System], Person], said: str, system: System
) -> None:
    refused = who(system).dro("run", NAME)

    assert refused.exit_code == 1
    assert said in refused.stderr


def test_a_token_that_is_none_is_refused_with_the_remedy(
    system: System,
) -> None:
    api = ("--api", system.endpoints.api_url)

    made_up = system.dro(*api, "plans", "list", token="a.b.c")
    absent = system.dro(*api, "plans", "list")

    assert (made_up.exit_code, absent.exit_code) == (1, 1)
    assert "dro login" in made_up.stderr
    assert "DRO_TOKEN is not set" in absent.stderr


def test_a_wrong_password_is_no_way_in(system: System) -> None:
    login = ("--local", "login", "--user", PEOPLE["DRSReadOnly"])

    refused = system.dro(*login, says="wrong-1A!\n")

    assert refused.exit_code == 1
    assert refused.stdout.strip() == ""
    assert "cannot sign in" in refused.stderr
