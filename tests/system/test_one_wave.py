"""A wave far above what DRS launches at once, from the built artifacts."""

from pathlib import Path

import pytest

from tests.system.world import Drill, System

ONE_WAVE = Path.cwd() / "examples" / "one-wave.yaml"
SERVERS = 1_000
SERVERS_IN_A_JOB = 100


@pytest.fixture(scope="module")
def drill(system: System) -> Drill:
    """What the drill of a thousand servers left."""
    return system.drill(plan=ONE_WAVE)


def test_every_server_of_the_wave_is_launched(drill: Drill) -> None:
    assert drill.exit_status == 0, drill.screen
    assert drill.report["status"] == "COMPLETED"
    assert drill.report["launched"] == drill.report["servers"] == SERVERS
    assert drill.machine["status"] == "SUCCEEDED"


def test_every_server_is_in_one_job_within_the_quota(drill: Drill) -> None:
    jobs = [item["serverIds"] for item in drill.items if "intentState" in item]

    servers = [server for job in jobs for server in job]
    assert len(servers) == len(set(servers)) == SERVERS
    assert max(len(job) for job in jobs) <= SERVERS_IN_A_JOB
    assert drill.called("StartRecovery") == len(jobs)
