"""A plan file as the values that a local cloud is filled with.

Ids follow from names, so seeding the same file twice writes the same
items. Attribute names are those of the tables and of the simulator.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET

from cli.domain.plan_file import (
    GroupServer,
    PlanFile,
    ProtectionGroup,
    wave_name,
)
from cli.domain.selection import Member, group_region, members, selections
from cli.domain.wave_checks import dependencies

_NAMESPACE = UUID("6f1b1a0e-52f3-5b0e-9a55-0d7d1f4f6c11")
_ID_DIGITS = 17

type Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWave:
    """What the file says of a wave before anything ran."""

    number: int
    name: str
    servers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """Everything that one plan file puts into a local cloud."""

    estate: Item
    groups: tuple[Item, ...]
    plan: Item
    waves: tuple[PlannedWave, ...]
    server_ids: Mapping[str, str]

    @property
    def plan_id(self) -> str:
        """Return the id under which the plan is started."""
        return str(self.plan["planId"])

    def server_id(self, name: str) -> str | None:
        """Return the id of a server named by host name or by id."""
        if name in self.server_ids.values():
            return name
        return self.server_ids.get(name)


def source_server_id(account_id: str, member: Member) -> str:
    """Return the server's id: its own, or one that follows from its name."""
    explicit = member.server.source_server_id
    if explicit is not UNSET:
        return explicit
    name = f"{account_id}/{member.region}/{member.server.hostname}"
    return f"s-{hashlib.sha256(name.encode()).hexdigest()[:_ID_DIGITS]}"


def seeds(plan: PlanFile, *, account_id: str, now: int) -> Seeds:
    """Return what to write for this plan.

    Args:
        plan: A file that passed every check.
        account_id: Twelve digits of the account that holds the estate.
        now: Epoch seconds, the date of creation.
    """
    ids = {
        member.server.hostname: source_server_id(account_id, member)
        for member in members(plan)
    }
    chosen = selections(plan)
    group_ids = {
        group.group_name: _id("group", account_id, group.group_name)
        for group in plan.protection_groups
    }
    return Seeds(
        estate=_estate(plan, account_id, ids),
        groups=tuple(
            {
                "groupId": group_ids[group.group_name],
                **group_item(plan, group, chosen[group.group_name], ids),
                **_stamps(now),
            }
            for group in plan.protection_groups
        ),
        plan={
            "planId": _id("plan", account_id, plan.recovery_plan.plan_name),
            **plan_item(plan, group_ids),
            **_stamps(now),
        },
        waves=planned_waves(plan),
        server_ids=ids,
    )


def planned_waves(plan: PlanFile) -> tuple[PlannedWave, ...]:
    """Return the plan's waves with the servers that they would launch."""
    chosen = selections(plan)
    return tuple(
        PlannedWave(
            number=number,
            name=wave_name(wave, number),
            servers=len(
                {
                    member.server.hostname
                    for name in wave.protection_groups
                    for member in chosen[name]
                }
            ),
        )
        for number, wave in enumerate(plan.recovery_plan.waves)
    )


def _id(kind: str, account_id: str, name: str) -> str:
    return str(uuid5(_NAMESPACE, f"{kind}/{account_id}/{name.casefold()}"))


def _stamps(now: int) -> Item:
    return {"createdDate": now, "lastModifiedDate": now, "version": 1}


def _estate(plan: PlanFile, account_id: str, ids: Mapping[str, str]) -> Item:
    regions: dict[str, list[Item]] = {}
    for member in members(plan):
        server = member.server
        entry: Item = {
            "sourceServerID": ids[server.hostname],
            "hostname": server.hostname,
            "tags": {"Name": server.hostname, **server.tags},
            "replicationState": server.replication_state,
        }
        if server.launch_seconds is not UNSET:
            entry["launchSeconds"] = server.launch_seconds
        regions.setdefault(member.region, []).append(entry)
    return {
        "accounts": [
            {
                "accountId": account_id,
                "regions": [
                    {"region": name, "initialized": True, "servers": servers}
                    for name, servers in regions.items()
                ],
            }
        ]
    }


def group_item(
    plan: PlanFile,
    group: ProtectionGroup,
    chosen: Sequence[Member],
    ids: Mapping[str, str],
) -> Item:
    """Return the group's own attributes; the hub's account is empty."""
    tags, named = group.server_selection_tags, group.source_server_ids
    optional = group.criticality == "optional"
    return {
        **({"criticality": group.criticality} if optional else {}),
        "groupName": group.group_name,
        "description": group.description,
        "owner": group.owner,
        "region": group_region(plan, group),
        "accountId": "",
        "assumeRoleName": "",
        "serverSelectionTags": {} if tags is UNSET else dict(tags),
        "sourceServerIds": (
            []
            if named is UNSET
            else [ids[member.server.hostname] for member in chosen]
        ),
        "launchConfig": msgspec.to_builtins(group.launch_config),
        "servers": [
            _override(override, chosen, ids) for override in group.servers
        ],
    }


def _override(
    override: GroupServer, chosen: Sequence[Member], ids: Mapping[str, str]
) -> Item:
    server = next(
        member.server
        for member in chosen
        if override.source_server_id in member.names
    )
    item: Item = {
        "sourceServerId": ids[server.hostname],
        "instanceId": "",
        "instanceName": server.hostname,
        "tags": dict(server.tags),
        "useGroupDefaults": override.use_group_defaults,
        "launchTemplate": msgspec.to_builtins(override.launch_template),
    }
    if override.criticality is not UNSET:
        item["criticality"] = override.criticality
    return item


def plan_item(plan: PlanFile, group_ids: Mapping[str, str]) -> Item:
    """Return the plan as the table keeps it, its groups by their ids."""
    spec = plan.recovery_plan
    return {
        "planName": spec.plan_name,
        "description": spec.description,
        "rpo": spec.rpo,
        "rto": spec.rto,
        "waves": [
            _wave(plan, number, group_ids) for number in range(len(spec.waves))
        ],
    }


def _wave(plan: PlanFile, number: int, group_ids: Mapping[str, str]) -> Item:
    waves = plan.recovery_plan.waves
    wave = waves[number]
    groups = [group_ids[name] for name in wave.protection_groups]
    item: Item = {
        "waveNumber": number,
        "waveName": wave_name(wave, number),
        "waveDescription": wave.wave_description,
        "protectionGroupId": groups[0],
        "protectionGroupIds": groups,
        "serverIds": [],
        "pauseBeforeWave": wave.pause_before_wave,
        "dependsOnWaves": list(dependencies(waves, number)),
        "onFailure": wave.on_failure,
    }
    if wave.max_wait_seconds is not UNSET:
        item["maxWaitSeconds"] = wave.max_wait_seconds
    if wave.failure_tolerance_count is not UNSET:
        item["failureToleranceCount"] = wave.failure_tolerance_count
    if wave.failure_tolerance_percentage is not UNSET:
        item["failureTolerancePercentage"] = wave.failure_tolerance_percentage
    return item
