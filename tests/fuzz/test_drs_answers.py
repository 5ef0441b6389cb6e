"""DRS and EC2 answering with values that nobody knew when we were written."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from drs.aws import ec2, jobs, servers
from drs.domain.job import held_servers, is_over, launch_actions
from drs.domain.wave_progress import Seen, judged, merged
from shared.domain.status import WaveStatus
from tests.fuzz.mutations import Mutant, mutants
from tests.shared.builders import a_server, an_entry, an_intent

SERVER = a_server(0).source_server_id
JOB: dict[str, Any] = {
    "jobID": "drsjob-1",
    "arn": "arn:aws:drs:us-east-1:1:job/drsjob-1",
    "type": "LAUNCH",
    "initiatedBy": "START_DRILL",
    "creationDateTime": "2026-01-01T00:00:00.000Z",
    "endDateTime": "2026-01-01T00:10:00.000Z",
    "status": "COMPLETED",
    "participatingServers": [
        {
            "sourceServerID": SERVER,
            "recoveryInstanceID": "i-1",
            "launchStatus": "LAUNCHED",
            "launchActionsStatus": {
                "ssmAgentDiscoveryDatetime": "2026-01-01T00:09:00.000Z",
                "runs": [{"runId": "r", "status": "SUCCEEDED"}],
            },
        }
    ],
    "tags": {"a": "b"},
}
LOG = {
    "logDateTime": "2026-01-01T00:00:00.000Z",
    "event": "LAUNCH_FAILED",
    "eventData": {"sourceServerID": SERVER, "rawError": "why"},
}
SOURCE = {
    "sourceServerID": SERVER,
    "arn": "arn",
    "tags": {"Name": "db"},
    "lastLaunchResult": "SUCCEEDED",
    "sourceProperties": {
        "identificationHints": {"hostname": "db", "fqdn": "db.x"},
        "networkInterfaces": [
            {"macAddress": "a", "ips": ["10.0.0.1"], "isPrimary": True}
        ],
        "cpus": [{"cores": 2, "modelName": "x"}],
        "ramBytes": 1024,
        "disks": [{"deviceName": "/dev/sda", "bytes": 1024}],
        "os": {"fullString": "Linux"},
    },
    "dataReplicationInfo": {
        "dataReplicationState": "CONTINUOUS",
        "lagDuration": "PT1S",
        "stagingAvailabilityZone": "us-east-1a",
        "replicatedDisks": [{"replicatedStorageBytes": 1024}],
    },
    "lifeCycle": {"lastSeenByServiceDateTime": "2026-01-01T00:00:00Z"},
    "sourceCloudProperties": {"originRegion": "us-east-1"},
    "stagingArea": {
        "stagingAccountID": "1",
        "stagingSourceServerArn": "arn",
    },
}
INSTANCE = {
    "recoveryInstanceID": "i-1",
    "ec2InstanceID": "i-1",
    "sourceServerID": SERVER,
    "jobID": "drsjob-1",
    "ec2InstanceState": "RUNNING",
    "isDrill": True,
    "pointInTimeSnapshotDateTime": "2026-01-01T00:00:00.000Z",
}
MACHINE = {
    "InstanceId": "i-1",
    "InstanceType": "m5.large",
    "PrivateIpAddress": "10.0.0.1",
    "State": {"Name": "running"},
    "Tags": [{"Key": "Name", "Value": "db"}],
}
READERS: dict[str, tuple[Callable[[Any], object], dict[str, Any], str]] = {
    "job": (jobs.job, JOB, "jobID"),
    "log": (jobs.log_item, LOG, ""),
    "server": (servers.source_server, SOURCE, "sourceServerID"),
    "instance": (servers.recovery_instance, INSTANCE, "recoveryInstanceID"),
    "machine": (ec2.instance, MACHINE, "InstanceId"),
}
# The SDK reads answers by its model: a text stays a text, or is absent.
WORDS = st.sampled_from(["", "LAUNCHING", "DONE", "soon", "9999-99-99"])


def of_the_model(mutant: Mutant) -> bool:
    """Tell whether the SDK would give us such an answer."""
    if mutant.how == "dropped":
        return mutant.path[-1] not in ("jobID", "sourceServerID", "Key")
    return isinstance(mutant.was, str) and mutant.how == "replaced"


def answers(valid: dict[str, Any]) -> st.SearchStrategy[Mutant]:
    words = WORDS | st.text(max_size=12)
    return mutants(valid, words).filter(of_the_model)


DRAWN = {name: answers(valid) for name, (_, valid, _) in READERS.items()}


@pytest.mark.parametrize("name", sorted(READERS))
@given(data=st.data())
@settings(max_examples=60)
def test_an_answer_with_unknown_values_is_read(
    name: str, data: st.DataObject
) -> None:
    read, _, needed = READERS[name]
    mutant: Mutant = data.draw(DRAWN[name])

    if mutant.path != (needed,):
        read(mutant.value)


@given(answers(JOB))
@settings(max_examples=200)
def test_only_servers_that_were_launched_end_a_wave_well(
    mutant: Mutant,
) -> None:
    job = jobs.job(mutant.value)
    waits = replace(a_server(0), launch_status="PENDING")
    entry = an_entry(0, WaveStatus.STARTED, servers=(waits,))
    intents = [an_intent(job_id=job.job_id)]
    seen = Seen(jobs={job.job_id: job})

    after = judged(
        merged(entry, intents, seen), intents, seen, start_pending=False, now=1
    )

    launched = any(
        one.launch_status == "LAUNCHED" and one.source_server_id == SERVER
        for one in job.participants
    )
    assert (after.status is WaveStatus.COMPLETED) == launched
    assert is_over(job) == (job.status == "COMPLETED")
    assert held_servers([job]) <= job.server_ids
    for one in job.participants:
        assert launch_actions(one) in ("", "SUCCEEDED")


class OneAnswer:
    """Calls that get the same job, whatever is asked."""

    def __init__(self, item: dict[str, Any]) -> None:
        self.item = item

    def items(self, *_: object, **__: object) -> list[dict[str, Any]]:
        """Return the one job."""
        return [self.item]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "HOVERING"}, ["HOVERING"]),
        (
            {"participatingServers": [{"launchStatus": "HATCHING"}]},
            ["HATCHING"],
        ),
        ({}, []),
    ],
)
def test_a_status_that_nobody_knows_is_told_and_waited_for(
    change: dict[str, Any], told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    calls: Any = OneAnswer({**JOB, **change})

    with caplog.at_level(logging.WARNING, logger="dr.drs"):
        (job,) = jobs.jobs(calls, ["drsjob-1"])

    statuses = [line.__dict__["statuses"] for line in caplog.records]
    assert statuses == ([told] if told else [])
    assert is_over(job) == ("status" not in change)
