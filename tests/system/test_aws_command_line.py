"""The plain AWS command line, which knows nothing of us, works."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_cloud.cloud import environment
from tests.system.artifacts import Everything
from tests.system.plans import two_waves
from tests.system.world import Drill, System


class Aws:
    """The AWS command line with what `dro local status` prints."""

    def __init__(self, pex: Path, home: Path, system: System) -> None:
        self._pex = pex
        self._environment = {
            **environment(system.endpoints),
            "HOME": str(home),
            "PATH": os.environ.get("PATH", os.defpath),
            "PEX_ROOT": str(home / "pex"),
        }

    def __call__(self, *arguments: str) -> Any:
        """Run a command and answer its JSON."""
        done = subprocess.run(
            [sys.executable, str(self._pex), *arguments, "--output", "json"],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def drill(system: System, tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """A drill that is over, for the command line to look at."""
    folder = tmp_path_factory.mktemp("plan")
    return system.drill(plan=two_waves(folder, "seen"))


@pytest.fixture(scope="module")
def aws(
    artifacts: Everything,
    system: System,
    tmp_path_factory: pytest.TempPathFactory,
) -> Aws:
    """The command line."""
    return Aws(artifacts.aws, tmp_path_factory.mktemp("home"), system)


def test_drs_jobs_are_described(aws: Aws, drill: Drill) -> None:
    [job, _] = [wave["jobId"] for wave in drill.record["waves"]]

    found = aws("drs", "describe-jobs", "--filters", f"jobIDs={job}")

    assert [each["jobID"] for each in found["items"]] == [job]
    assert found["items"][0]["status"] == "COMPLETED"


def test_drs_source_servers_are_described(aws: Aws, drill: Drill) -> None:
    server = drill.record["waves"][0]["serverIds"][0]

    found = aws(
        "drs",
        "describe-source-servers",
        "--filters",
        f"sourceServerIDs={server}",
    )

    [item] = found["items"]
    assert item["sourceServerID"] == server
    assert item["tags"]["Application"] == "seen"


def test_executions_are_listed(aws: Aws, drill: Drill, system: System) -> None:
    found = aws(
        "stepfunctions",
        "list-executions",
        "--state-machine-arn",
        system.endpoints.state_machine_arn,
    )

    assert drill.execution_id in [each["name"] for each in found["executions"]]


def test_an_executions_history_is_read(aws: Aws, drill: Drill) -> None:
    found = aws(
        "stepfunctions",
        "get-execution-history",
        "--execution-arn",
        drill.record["stateMachineArn"],
    )

    types = [event["type"] for event in found["events"]]
    assert types[0] == "ExecutionStarted"
    assert types[-1] == "ExecutionSucceeded"


def test_a_record_is_read_from_its_table(
    aws: Aws, drill: Drill, system: System
) -> None:
    key = {
        name: {"S": drill.record[name]} for name in ("executionId", "planId")
    }

    found = aws(
        "dynamodb",
        "get-item",
        "--table-name",
        system.endpoints.tables["execution-history"],
        "--key",
        json.dumps(key),
    )

    assert found["Item"]["status"] == {"S": "COMPLETED"}
