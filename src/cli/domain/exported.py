"""A plan of an installation as a plan file.

The estate of the file are the servers that the plan's groups have now, so
that the file can be applied again and drilled in a local cloud.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cli.domain.desired import override_forms, wave_form
from cli.domain.plan_file import API_VERSION

type Item = dict[str, Any]

_WAVE_ORDER = (
    "waveName",
    "waveDescription",
    "protectionGroups",
    "dependsOnWaves",
    "pauseBeforeWave",
    "onFailure",
    "maxWaitSeconds",
    "failureToleranceCount",
    "failureTolerancePercentage",
)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def exported(
    plan: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]],
    servers: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Item:
    """Return the plan file as plain values.

    Args:
        plan: The plan.
        groups: The groups that its waves name.
        servers: The servers of each group by the group's id.
    """
    region = str(groups[0]["region"]) if groups else ""
    names = {str(one["groupId"]): str(one["groupName"]) for one in groups}
    return {
        "apiVersion": API_VERSION,
        "estate": {
            "region": region,
            "servers": _estate(groups, servers, region),
        },
        "protectionGroups": [_group(one, region) for one in groups],
        "recoveryPlan": {
            "planName": plan["planName"],
            **_said(plan, "description", "rpo", "rto"),
            "waves": _waves(plan["waves"], names),
        },
    }


def groups_named(plan: Mapping[str, Any]) -> list[str]:
    """Return the ids of the groups that a plan's waves name, each once."""
    ids = (
        group
        for number, wave in enumerate(plan["waves"])
        for group in wave_form(number, wave)["protectionGroupIds"]
    )
    return list(dict.fromkeys(ids))


def unsayable(plan: Mapping[str, Any]) -> list[str]:
    """Return what a plan says that a plan file has no words for."""
    return [
        f"wave {number + 1} names single servers of its groups"
        for number, wave in enumerate(plan["waves"])
        if wave.get("serverIds")
    ]


def _estate(
    groups: Sequence[Mapping[str, Any]],
    servers: Mapping[str, Sequence[Mapping[str, Any]]],
    region: str,
) -> list[Item]:
    found: dict[str, Item] = {}
    taken: set[str] = set()
    for group in groups:
        for server in servers[str(group["groupId"])]:
            server_id = str(server["sourceServerID"])
            if server_id in found:
                continue
            host = _host(server, taken)
            taken.add(host.casefold())
            found[server_id] = {
                "hostname": host,
                "sourceServerId": server_id,
                **_elsewhere(group, region),
                **_said(server, "tags"),
            }
    return list(found.values())


def _host(server: Mapping[str, Any], taken: set[str]) -> str:
    """Return a name that the file allows and no other server has."""
    server_id = str(server["sourceServerID"])
    for name in (server.get("hostname"), server.get("nameTag")):
        host = str(name or "")
        if _HOST.fullmatch(host) and host.casefold() not in taken:
            return host
    return f"server-{server_id}"


def _group(group: Mapping[str, Any], region: str) -> Item:
    tags = group.get("serverSelectionTags")
    ids = list(group.get("sourceServerIds") or ())
    chosen = (
        {"serverSelectionTags": tags} if tags else {"sourceServerIds": ids}
    )
    overrides = override_forms(group.get("servers") or ())
    optional = group.get("criticality") == "optional"
    return {
        "groupName": group["groupName"],
        **_said(group, "description", "owner"),
        **_elsewhere(group, region),
        **chosen,
        **({"criticality": "optional"} if optional else {}),
        **_said(group, "launchConfig"),
        **({"servers": overrides} if overrides else {}),
    }


def _waves(
    waves: Sequence[Mapping[str, Any]], groups: Mapping[str, str]
) -> list[Item]:
    forms = [wave_form(number, wave) for number, wave in enumerate(waves)]
    names = [str(form["waveName"]) for form in forms]
    for form in forms:
        ids = form.pop("protectionGroupIds")
        form["protectionGroups"] = [groups[one] for one in ids]
        # A name says more than a place, where it says one.
        form["dependsOnWaves"] = [
            names[at] if names.count(names[at]) == 1 else at
            for at in form.get("dependsOnWaves", ())
        ]
    return [
        {name: form[name] for name in _WAVE_ORDER if form.get(name)}
        for form in forms
    ]


def _elsewhere(group: Mapping[str, Any], region: str) -> Item:
    here = str(group["region"])
    return {} if here == region else {"region": here}


def _said(item: Mapping[str, Any], *fields: str) -> Item:
    return {name: item[name] for name in fields if item.get(name)}
