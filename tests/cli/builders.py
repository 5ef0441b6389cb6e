"""Plan files, records and views for the tests of the command line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cli.domain.plan_file import PlanFile
from cli.domain.seeding import PlannedWave
from cli.plan_loading import checked_plan
from cli.yaml_source import parse_document
from shared.domain.record import Record

EXAMPLE = Path("examples/three-tier.yaml")
LARGE = Path("examples/large.yaml")
SCHEMA = Path("docs/schema/plan-file.schema.json")
EXECUTION_ID = "11111111-2222-4333-8444-555555555555"
PLAN_ID = "99999999-2222-4333-8444-555555555555"
MACHINE_ARN = (
    f"arn:aws:states:us-east-1:123456789012:execution:m:{EXECUTION_ID}"
)

SMALL = """\
apiVersion: dr-orchestration/v1
estate:
  region: us-east-1
  servers:
    - hostname: db-1
      tags: {Tier: database}
    - hostname: web-1
      tags: {Tier: web}
    - hostname: web-2
      tags: {Tier: web}
protectionGroups:
  - groupName: databases
    serverSelectionTags: {Tier: database}
  - groupName: webs
    sourceServerIds: [web-1, web-2]
    servers:
      - sourceServerId: web-1
recoveryPlan:
  planName: small
  waves:
    - waveName: First
      protectionGroups: [databases]
    - waveName: Second
      protectionGroups: [webs]
      dependsOnWaves: [First]
"""


def a_plan(text: str = SMALL) -> PlanFile:
    """Return a checked plan file."""
    return checked_plan(parse_document(text, file="plan.yaml"))


def changed(text: str, *replacements: tuple[str, str]) -> str:
    """Return the text with each first occurrence replaced."""
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def planned(*counts: int) -> tuple[PlannedWave, ...]:
    """Return planned waves of so many servers each."""
    return tuple(
        PlannedWave(number=number, name=f"Wave {number + 1}", servers=count)
        for number, count in enumerate(counts)
    )


def a_server(name: str, status: str, **more: Any) -> dict[str, Any]:
    """Return a server's status as a record has it."""
    return {
        "sourceServerId": f"s-{name}",
        "serverName": name,
        "hostname": name,
        "launchStatus": status,
        **more,
    }


def a_wave(
    number: int,
    status: str,
    servers: Sequence[Mapping[str, Any]] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return a wave's entry as a record has it."""
    return {
        "waveNumber": number,
        "waveName": f"Wave {number + 1}",
        "status": status,
        "startTime": 1000,
        "region": "us-east-1",
        "serverIds": [server["sourceServerId"] for server in servers],
        "serverStatuses": list(servers),
        **more,
    }


def an_item(
    status: str, waves: Sequence[Mapping[str, Any]] = (), **more: Any
) -> dict[str, Any]:
    """Return a record as the table has it."""
    return {
        "executionId": EXECUTION_ID,
        "planId": PLAN_ID,
        "planName": "small",
        "executionType": "DRILL",
        "status": status,
        "startTime": 1000,
        "waves": list(waves),
        "stateMachineArn": MACHINE_ARN,
        **more,
    }


def a_record(
    status: str, waves: Sequence[Mapping[str, Any]] = (), **more: Any
) -> Record:
    """Return a record as the watch reads it."""
    return msgspec.convert(an_item(status, waves, **more), Record)
