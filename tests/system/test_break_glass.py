"""The commands of docs/break-glass.md, run as they stand on the page."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from local_cloud.cloud import environment
from tests.system.artifacts import Everything
from tests.system.ground import Ground
from tests.system.world import System

PAGE = Path.cwd() / "docs" / "break-glass.md"
BLOCK = re.compile(r"^```sh ([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE = 90


class Person:
    """Somebody with a shell, the AWS command line and the page."""

    def __init__(self, everything: Everything, home: Path, system: System):
        self._system = system
        tool = home / "bin" / "aws"
        tool.parent.mkdir()
        tool.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{everything.aws}" "$@"\n'
        )
        tool.chmod(0o700)
        path = os.environ.get("PATH", os.defpath)
        self._environment = {
            **environment(system.endpoints),
            "HOME": str(home),
            "PATH": f"{tool.parent}{os.pathsep}{path}",
            "PEX_ROOT": str(home / "pex"),
            "PROJECT": "drs-orchestration",
            "ENVIRONMENT": "local",
        }

    def follows(self, part: str, **chosen: str) -> str:
        """Run the commands to find an execution, then those of a part."""
        blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
        wanted = [text for name, text in blocks if name in ("find", part)]
        assert len(wanted) > 1, f"The page has no part {part}."
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(wanted)],
            env={**self._environment, **chosen},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE * 4,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def record(self, execution: str) -> Any:
        """Return the record of an execution."""
        items = self._system.items(execution)
        [record] = [item for item in items if "startTime" in item]
        return record

    def ended(self, execution: str) -> Any:
        """Wait until the record says that the execution has ended."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            record = self.record(execution)
            if record.get("endTime"):
                return record
            time.sleep(0.5)
        raise AssertionError(f"{execution} is {record['status']}.")


@pytest.fixture
def person(artifacts: Everything, system: System, tmp_path: Path) -> Person:
    """Somebody in need."""
    return Person(artifacts, tmp_path, system)


def test_a_pause_is_answered_without_the_api(
    person: Person, ground: Ground
) -> None:
    execution = ground.value("new_paused")
    plan = person.record(execution)["planId"]

    said = person.follows("resume", EXECUTION=execution, PLAN=plan)

    assert execution in said
    assert person.ended(execution)["status"] == "COMPLETED"


def test_a_recovery_is_finished_without_any_function(
    person: Person, ground: Ground, system: System
) -> None:
    execution = ground.value("new_paused")
    record = person.record(execution)
    wave = int(record["pausedBeforeWave"])

    person.follows(
        "finish",
        EXECUTION=execution,
        PLAN=record["planId"],
        WAVE=str(wave),
        LANDING="0",
        EVERY="1",
    )

    jobs = [
        job
        for page in system.client("drs")
        .get_paginator("describe_jobs")
        .paginate()
        for job in page["items"]
        if job["tags"].get("DRSOrchestration:ExecutionId") == execution
        and job["tags"]["DRSOrchestration:WaveNumber"] == str(wave)
    ]
    [wanted] = [
        set(one["serverIds"])
        for one in record["reserved"]
        if one["waveNumber"] == wave
    ]
    assert len(jobs) == 1
    assert "DRSOrchestration:JobIndex" not in jobs[0]["tags"]
    assert {
        server["sourceServerID"]: server["launchStatus"]
        for server in jobs[0]["participatingServers"]
    } == dict.fromkeys(wanted, "LAUNCHED")
    machine = system.client("stepfunctions").describe_execution(
        executionArn=record["stateMachineArn"]
    )
    assert machine["status"] == "ABORTED"
