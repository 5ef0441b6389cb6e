"""`dro` works with a deployed installation as it does with any."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.system.world import EXAMPLE, System


@pytest.fixture(scope="module")
def shop(system: System) -> Iterator[System]:
    """A cloud that replicates the example's servers, its plan not there."""
    seeded = system.dro("local", "up", str(EXAMPLE))
    assert seeded.exit_code == 0, seeded.output
    yield system
    # The next drill of the example brings its own.
    system.dro("--local", "plans", "delete", "three-tier", "--yes")


def dro(shop: System, *arguments: str) -> Result:
    result = shop.dro("--local", *arguments)
    assert result.exit_code == 0, result.output
    return result


def told(shop: System, *arguments: str) -> Any:
    return json.loads(dro(shop, *arguments, "--json").stdout)


def test_what_a_seeded_plan_says_is_what_the_file_says(shop: System) -> None:
    applied = told(shop, "plans", "apply", str(EXAMPLE), "--dry-run")

    assert applied["changed"] == 0


def test_a_plan_is_exported_deleted_and_applied_again(
    shop: System, tmp_path: Path
) -> None:
    file = tmp_path / "three-tier.yaml"
    dro(shop, "plans", "export", "three-tier", "-o", str(file))
    dro(shop, "plans", "delete", "three-tier", "--yes")

    first = told(shop, "plans", "apply", str(file), "--yes")
    second = told(shop, "plans", "apply", str(file), "--yes")

    assert [one["action"] for one in first["steps"]][-1] == "create"
    assert second["changed"] == 0
    assert "three-tier" in dro(shop, "plans", "list").stdout


def test_groups_servers_and_accounts_are_found(shop: System) -> None:
    groups = told(shop, "groups")
    servers = told(shop, "servers", "us-east-1")

    assert groups["count"] >= 3
    assert "shop-web" in dro(shop, "groups").stdout
    assert servers["serverCount"] >= 12
    assert "Nothing found." in dro(shop, "accounts").stdout or told(
        shop, "accounts"
    )


def test_a_run_is_started_resumed_watched_and_its_instances_ended(
    shop: System,
) -> None:
    started = told(shop, "run", "three-tier")
    execution = str(started["executionId"])
    pausing = shop.dro("--local", "skip", execution, "9", "--reason", "no")
    dro(shop, "skip", execution, "3", "--reason", "not today")

    ended = shop.dro("--local", "watch", execution, "--json")

    assert pausing.exit_code == 1
    assert "WAVE_NOT_FOUND" in pausing.stderr
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["status"] == "PARTIAL"
    listed = told(shop, "executions", "--plan", "three-tier")
    assert listed["items"][0]["executionId"] == execution
    terminated = told(shop, "terminate", execution, "--yes")
    assert terminated["totalFound"] == 8
