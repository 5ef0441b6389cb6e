"""The EC2 part of a launch configuration as launch template content.

Decides which keys a new version must give on top of its source version. A
list given in a version replaces the source's whole list, so network
interface 0 and the instance's tags are merged into what is there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

DESCRIPTION_LIMIT: Final = 255
_INTERFACE_KEYS: Final = {
    "subnetId": "SubnetId",
    "securityGroupIds": "Groups",
    "staticPrivateIp": "PrivateIpAddress",
    "associatePublicIp": "AssociatePublicIpAddress",
}


def template_changes(
    ec2_config: Mapping[str, Any], content: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a version on top of ``content`` must give.

    Args:
        ec2_config: The EC2 part of an effective configuration.
        content: The template's current default version.

    Returns:
        EC2's names; empty where the template is already as wanted.
    """
    config = {k: v for k, v in ec2_config.items() if v not in (None, "", [])}
    wanted = {**_plain(config), **_interfaces(config, content)}
    if config.get("tags"):
        wanted["TagSpecifications"] = _tag_specifications(
            config["tags"], content.get("TagSpecifications") or ()
        )
    return {k: v for k, v in wanted.items() if content.get(k) != v}


def version_description(group_name: str, server_id: str) -> str:
    """Return the description of a version we add, within EC2's limit."""
    text = f"DRS Orchestration: {server_id} of protection group {group_name}"
    return text[:DESCRIPTION_LIMIT]


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if "instanceType" in config:
        wanted["InstanceType"] = config["instanceType"]
    if "instanceProfileName" in config:
        wanted["IamInstanceProfile"] = {"Name": config["instanceProfileName"]}
    if "monitoring" in config:
        wanted["Monitoring"] = {"Enabled": bool(config["monitoring"])}
    if "ebsOptimized" in config:
        wanted["EbsOptimized"] = bool(config["ebsOptimized"])
    if "disableApiTermination" in config:
        wanted["DisableApiTermination"] = bool(config["disableApiTermination"])
    if "creditSpecification" in config:
        wanted["CreditSpecification"] = {
            "CpuCredits": _credits(config["creditSpecification"])
        }
    return wanted


def _credits(given: str | Mapping[str, str]) -> str:
    if isinstance(given, str):
        return given
    return given.get("cpuCredits") or given["CpuCredits"]


def _interfaces(
    config: Mapping[str, Any], content: Mapping[str, Any]
) -> dict[str, Any]:
    ours = {
        theirs: config[name]
        for name, theirs in _INTERFACE_KEYS.items()
        if name in config
    }
    if not ours:
        return {}
    present = list(content.get("NetworkInterfaces") or ())
    first = _cleared(present[0] if present else {}, ours)
    return {
        "NetworkInterfaces": [
            {"DeviceIndex": 0, **first, **ours},
            *present[1:],
        ]
    }


def _cleared(
    first: Mapping[str, Any], ours: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the interface without addresses that no longer hold.

    An address belongs to its subnet, and EC2 refuses two primary ones.
    """
    kept = dict(first)
    moved = "SubnetId" in ours and ours["SubnetId"] != kept.get("SubnetId")
    if not moved and "PrivateIpAddress" not in ours:
        return kept
    listed = kept.pop("PrivateIpAddresses", ())
    secondary = [a for a in listed if not a.get("Primary")]
    if moved:
        kept.pop("PrivateIpAddress", None)
    elif secondary:
        kept["PrivateIpAddresses"] = secondary
    return kept


def _tag_specifications(
    tags: Mapping[str, str], present: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    others = [dict(s) for s in present if s.get("ResourceType") != "instance"]
    there = {
        tag["Key"]: tag["Value"]
        for spec in present
        if spec.get("ResourceType") == "instance"
        for tag in spec.get("Tags") or ()
    }
    merged = [
        {"Key": key, "Value": value}
        for key, value in {**there, **tags}.items()
    ]
    instance = {"ResourceType": "instance", "Tags": merged}
    position = next(
        (
            index
            for index, spec in enumerate(present)
            if spec.get("ResourceType") == "instance"
        ),
        len(others),
    )
    return [*others[:position], instance, *others[position:]]
