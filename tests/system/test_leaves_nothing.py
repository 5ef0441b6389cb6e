"""One command from nothing to a report, and nothing after it."""

import json
from pathlib import Path

import pytest

from tests.system.artifacts import Everything
from tests.system.plans import two_waves
from tests.system.world import System

PROC = Path("/proc")


def processes_of(home: Path) -> list[str]:
    """List every process whose command or environment names a directory."""
    found = []
    for process in PROC.glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            known = command + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in known:
            found.append(command.replace(b"\0", b" ").decode())
    return found


@pytest.mark.skipif(not PROC.exists(), reason="needs a process table")
def test_a_drill_brings_the_cloud_up_and_takes_it_down(
    artifacts: Everything, tmp_path: Path
) -> None:
    plan = two_waves(tmp_path, "alone")
    system = System(tmp_path, artifacts.built)

    result = system.run(plan=plan)

    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert (report["status"], report["launched"]) == ("COMPLETED", 4)
    assert "The local cloud is up at" in result.stderr
    assert processes_of(tmp_path) == []
    assert not (tmp_path / ".local-cloud/run").exists()


@pytest.mark.skipif(not PROC.exists(), reason="needs a process table")
def test_what_runs_would_be_seen(system: System) -> None:
    assert len(processes_of(system.home)) >= 2
