"""Laws of export and import: the way there and back, and property 10."""

import hashlib
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_management_handler.configuration import (
    export_configuration,
    import_configuration,
)
from shared.domain.configuration import GROUPS, PLANS
from tests.data_management_handler.desk import REGION, TARGET, Desk

EXAMPLES = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

TIERS = ("db", "web", "app", "batch")


@st.composite
def an_estate(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Draw groups of distinct servers, and plans of those groups."""
    groups: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, len(TIERS)))):
        name = TIERS[number]
        in_target = draw(st.booleans())
        body: dict[str, Any] = {
            "groupName": f"{name} group",
            "region": REGION,
            "description": draw(st.sampled_from(["", "text", "ümlaut"])),
            "owner": draw(st.sampled_from(["", "ann"])),
            "accountId": TARGET if in_target else "",
            "assumeRoleName": draw(
                st.sampled_from(["", "DRSOrchestrationRole"])
            ),
        }
        if draw(st.booleans()):
            body["serverSelectionTags"] = {"tier": name}
        else:
            body["ids_of"] = name
        if draw(st.booleans()):
            body["launchConfig"] = {"copyTags": draw(st.booleans())}
        if draw(st.booleans()):
            body["servers_of"] = name
        groups.append(body)
    plans = []
    for number in range(draw(st.integers(0, 3))):
        at = draw(st.booleans())
        mine = [
            one["groupName"] for one in groups if bool(one["accountId"]) is at
        ]
        if not mine:
            continue
        count = draw(st.integers(1, 3))
        plans.append(
            {
                "name": f"plan {number}",
                "rpo": draw(st.sampled_from(["", "15 min"])),
                "waves": [
                    {
                        "names": draw(
                            st.lists(
                                st.sampled_from(mine), min_size=1, unique=True
                            )
                        ),
                        "pauseBeforeWave": draw(st.booleans()),
                        "dependsOnWaves": sorted(
                            draw(st.sets(st.integers(0, wave - 1)))
                            if wave
                            else []
                        ),
                        "onFailure": draw(
                            st.sampled_from(["stop", "continue"])
                        ),
                        **draw(st.sampled_from([{}, {"maxWaitSeconds": 90}])),
                    }
                    for wave in range(count)
                ],
            }
        )
    return groups, plans


def installed(groups: list[Any], plans: list[Any]) -> Desk:
    """Return a desk with the estate, made as people make it."""
    desk = Desk()
    desk.has_account()
    desk.drs.has_servers(REGION, [], account=TARGET)
    desk.ec2(TARGET).has_type("m5.large")
    ids: dict[str, str] = {}
    for wanted in groups:
        body = dict(wanted)
        account = {"account": TARGET} if body["accountId"] else {}
        tier = body["groupName"].split()[0]
        servers = desk.has_servers(tier, 2, **account)
        if body.pop("ids_of", None):
            body["sourceServerIds"] = servers
        if body.pop("servers_of", None):
            template = {"instanceType": "m5.large"}
            body["servers"] = [
                {"sourceServerId": servers[0], "launchTemplate": template}
            ]
        made = desk.asks("create_protection_group", **body)
        ids[body["groupName"]] = made["groupId"]
    for wanted in plans:
        waves = [
            {
                **{k: v for k, v in wave.items() if k != "names"},
                "protectionGroupIds": [ids[name] for name in wave["names"]],
            }
            for wave in wanted["waves"]
        ]
        desk.asks("create_recovery_plan", **{**wanted, "waves": waves})
    return desk


def wiped(desk: Desk) -> None:
    """Delete everything as people would."""
    for plan in desk.plans.all():
        desk.asks("delete_recovery_plan", plan["planId"])
    for group in desk.groups.all():
        desk.asks("delete_protection_group", group["groupId"])


def content(desk: Desk) -> str:
    """Return the hash of the canonical form of everything stored."""
    document = export_configuration(ports=desk.ports())
    kept = {name: document[name] for name in (GROUPS, PLANS)}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@EXAMPLES
@given(estate=an_estate())
def test_an_export_of_a_wiped_installation_brings_it_back(
    estate: tuple[list[Any], list[Any]],
) -> None:
    desk = installed(*estate)
    document = export_configuration(ports=desk.ports())
    before = content(desk)
    wiped(desk)
    empty = desk.everything

    dry = import_configuration(document, dry_run=True, ports=desk.ports())
    assert desk.everything == empty
    real = import_configuration(document, ports=desk.ports())
    after = content(desk)
    again = import_configuration(document, ports=desk.ports())

    assert real["success"], real["errors"]
    assert dry["created"] == real["created"]
    assert after == before
    assert again["importedPGs"] == again["importedRPs"] == 0
    assert len(again["skipped"]) == len(real["created"])
    assert content(desk) == before


STAGES = {
    "free": ("created", None),
    "known": ("skipped", "ALREADY_EXISTS"),
    "assigned": ("failed", "SERVER_CONFLICT"),
    "in job": ("failed", "SERVER_CONFLICT"),
    "running": ("failed", "ACTIVE_EXECUTION_CONFLICT"),
    "reserved": ("failed", "ACTIVE_EXECUTION_CONFLICT"),
}


def in_the_way(desk: Desk, stages: list[str]) -> list[dict[str, Any]]:
    """Return a group for each stage, with what is in its way."""
    groups, running, reserved = [], [], []
    for number, stage in enumerate(stages):
        [server] = desk.has_servers(f"t{number}")
        groups.append(
            {
                "groupName": f"group {number}",
                "region": REGION,
                "sourceServerIds": [server],
            }
        )
        match stage:
            case "known":
                name = f"GROUP {number}"
                desk.has_group(f"k{number}", groupName=name)
            case "assigned":
                desk.has_group(f"t{number}")
            case "in job":
                desk.drs.foreign_job([server], REGION)
            case "running":
                running.append(server)
            case "reserved":
                reserved.append(server)
    plan = desk.has_plan("other", {}, {})
    desk.has_execution(plan, moving=running, to_come=reserved)
    return groups


@EXAMPLES
@given(
    stages=st.lists(st.sampled_from(sorted(STAGES)), min_size=1, max_size=6)
)
def test_property_10_conflicts_are_found_before_anything_is_created(
    stages: list[str],
) -> None:
    desk = Desk()
    groups = in_the_way(desk, stages)
    document = {
        "metadata": {"schemaVersion": "1.1"},
        "protectionGroups": groups,
    }
    asked_at_first_write: list[int] = []
    stored = len(desk.groups.items)
    desk.groups.meanwhile(
        lambda: asked_at_first_write.append(len(asked(desk)))
    )

    result = import_configuration(document, ports=desk.ports())

    found = {
        row["name"]: (row["status"], row["reason"])
        for status in ("created", "skipped", "failed")
        for row in result[status]
    }
    assert found == {
        f"group {number}": STAGES[stage] for number, stage in enumerate(stages)
    }
    created = stages.count("free")
    assert len(desk.groups.items) == stored + created
    assert asked_at_first_write == ([len(asked(desk))] if created else [])


def asked(desk: Desk) -> list[Any]:
    """Return what DRS was asked for, to check."""
    return [
        call
        for operation in ("DescribeSourceServers", "DescribeJobs")
        for call in desk.drs.calls_of(operation)
    ]
